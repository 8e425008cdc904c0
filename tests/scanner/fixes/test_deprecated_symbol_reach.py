"""Calls of a deprecated function: what each can be given from where it stands."""

import pytest

from tests.scanner.fixes.tables import APP, FACTORY_PLAN, NEW, OLD, becomes, code, stays
from tests.scanner.fixes.trees import rewritten

GIVEN = [
    pytest.param(
        "def run(ann: User, user: User):\n    return get_factory()",
        "create_factory(user)",
        id="one is named so",
    ),
    pytest.param("def run(user: User):\n    return get_factory()", "create_factory(user)", id="parameter"),
    pytest.param("def run(who: User):\n    return get_factory()", "create_factory(who)", id="by annotation"),
    pytest.param("def run(user):\n    return get_factory()", "create_factory(user)", id="by name"),
    pytest.param(
        'def run(u: "User"):\n    return get_factory()', "create_factory(u)", id="quoted annotation"
    ),
    pytest.param(
        "def run(*, user: User):\n    return get_factory()", "create_factory(user)", id="keyword only"
    ),
    pytest.param(
        "def run(x, /, user):\n    return get_factory()", "create_factory(user)", id="after a slash"
    ),
    pytest.param(
        "def run(u: Annotated[User, 1]):\n    return get_factory()", "create_factory(u)", id="annotated"
    ),
    pytest.param(
        "async def run(user):\n    return get_factory()", "create_factory(user)", id="async function"
    ),
    pytest.param(
        "def run(user):\n    def inner():\n        return get_factory()", "create_factory(user)", id="closure"
    ),
    pytest.param(
        "def run(user):\n    return lambda: get_factory()", "create_factory(user)", id="in a lambda"
    ),
    pytest.param(
        "def run(user):\n    return [get_factory() for _ in x]", "create_factory(user)", id="comprehension"
    ),
    pytest.param(
        "def run(users):\n    return [get_factory() for user in users]",
        "create_factory(user)",
        id="its variable",
    ),
    pytest.param(
        "def run():\n    u = User()\n    return get_factory()", "create_factory(u)", id="made before"
    ),
    pytest.param(
        "def run(r):\n    u = User.of(r)\n    return get_factory()",
        "create_factory(u)",
        id="made by its class",
    ),
    pytest.param(
        "def run(r):\n    u: User = r.u\n    return get_factory()", "create_factory(u)", id="annotated local"
    ),
    pytest.param(
        "def run(r):\n    user = r.who\n    return get_factory()", "create_factory(user)", id="local by name"
    ),
    pytest.param(
        "async def run(r):\n    user = await who(r)\n    return get_factory()",
        "create_factory(user)",
        id="awaited local",
    ),
    pytest.param(
        "def run(x):\n    with x as user:\n        return get_factory()",
        "create_factory(user)",
        id="with ... as",
    ),
    pytest.param(
        "def run(us):\n    for user in us:\n        get_factory()", "create_factory(user)", id="loop variable"
    ),
    pytest.param(
        "def run(user: User | None):\n    if user is None:\n"
        "        raise ValueError\n    return get_factory()",
        "create_factory(user)",
        id="asked before",
    ),
    pytest.param(
        "def run(user=None):\n    if user:\n        return get_factory()",
        "create_factory(user)",
        id="asked around",
    ),
    pytest.param(
        "def run(user: User = None):\n    assert user is not None\n    return get_factory()",
        "create_factory(user)",
        id="asserted",
    ),
    pytest.param(
        "class A:\n    def __init__(self, user: User):\n        self.user = user\n\n"
        "    def run(self):\n        return get_factory()",
        "create_factory(self.user)",
        id="attribute of self",
    ),
    pytest.param(
        "class A:\n    def __init__(self, u: User):\n        self._who = u\n\n"
        "    def run(self):\n        return get_factory()",
        "create_factory(self._who)",
        id="attribute by its value",
    ),
    pytest.param(
        "@dataclass\nclass A:\n    who: User\n    user: User\n\n"
        "    def run(self):\n        return get_factory()",
        "create_factory(self.user)",
        id="field of a dataclass",
    ),
    pytest.param(
        "class A:\n    def __init__(self, user: User):\n        self.user = user\n"
        "        self.made = get_factory()",
        "create_factory(user)",
        id="kept by what the user made",
    ),
]


@pytest.mark.parametrize(("body", "call"), GIVEN)
def test_a_call_is_given_what_is_in_reach(body: str, call: str) -> None:
    becomes(FACTORY_PLAN, APP, f"{OLD}\n\n{body}\n", f"{NEW}\n\n{body.replace('get_factory()', call)}\n")


NOTHING = "no User available on line "
REFUSED = [
    pytest.param(
        "def run(ann: User, ben: User):\n    return get_factory()",
        "5: ann and ben are both a User on line 5: choose one",
        id="two of them",
    ),
    pytest.param(
        "class A:\n    def __init__(self, a: User, b: User):\n        self.a = a\n        self.b = b\n\n"
        "    def run(self):\n        return get_factory()",
        "10: self.a and self.b are both a User on line 10: choose one",
        id="two attributes",
    ),
    pytest.param(
        "def run():\n    return get_factory()", f"5: {NOTHING}5: add a parameter", id="nothing there"
    ),
    pytest.param("made = get_factory()", "4: made stores it", id="kept by the module"),
    pytest.param("print(get_factory())", "which runs at import time", id="on import"),
    pytest.param(
        "user = User()\n\n\ndef run():\n    return get_factory()", NOTHING, id="one for all of a module"
    ),
    pytest.param("def run(user: str):\n    return get_factory()", NOTHING, id="the name of another type"),
    pytest.param("def run(*user):\n    return get_factory()", NOTHING, id="a tuple of them"),
    pytest.param("def run(**user):\n    return get_factory()", NOTHING, id="a mapping"),
    pytest.param("def run(users: list[User]):\n    return get_factory()", NOTHING, id="a list of them"),
    pytest.param("def run(kind: type[User]):\n    return get_factory()", NOTHING, id="the class"),
    pytest.param("def run(user: User | str):\n    return get_factory()", NOTHING, id="one of two types"),
    pytest.param("def run():\n    f = get_factory()\n    user = User()", NOTHING, id="made only afterwards"),
    pytest.param(
        "def run(x):\n    if x:\n        user = User()\n    return get_factory()",
        NOTHING,
        id="made in one branch",
    ),
    pytest.param(
        "def run(x):\n    try:\n        user = User()\n    except E:\n        return get_factory()",
        NOTHING,
        id="made in the try that failed",
    ),
    pytest.param(
        "def run(us):\n    for user in us:\n        pass\n    return get_factory()",
        NOTHING,
        id="after the loop",
    ),
    pytest.param('def run():\n    user = "ann"\n    return get_factory()', NOTHING, id="a text of that name"),
    pytest.param("def run(user):\n    del user\n    return get_factory()", NOTHING, id="deleted"),
    pytest.param(
        "def run(user: User | None):\n    return get_factory()",
        "5: user (line 4) may be None on line 5: check it first",
        id="may be None",
    ),
    pytest.param("def run(user=None):\n    return get_factory()", "may be None", id="None by default"),
    pytest.param("def run(user: Optional[User]):\n    return get_factory()", "may be None", id="optional"),
    pytest.param(
        "def run(user: User | None):\n    if user is None:\n        log()\n    return get_factory()",
        "may be None",
        id="asked without a way out",
    ),
    pytest.param(
        "def run(x, user=None):\n    if x or user:\n        return get_factory()",
        "may be None",
        id="asked as one of two",
    ),
    pytest.param(
        "def run(user: User, x):\n    x = get_factory()\n    from app.factory import create_factory\n",
        "create_factory is imported only on line 6, after this use",
        id="the new one is imported below",
    ),
    pytest.param(
        "class A:\n    def __init__(self, user=None):\n        self.user = user\n\n"
        "    def run(self):\n        return get_factory()",
        "self.user (line 6) may be None",
        id="attribute that may be None",
    ),
    pytest.param(
        "class A:\n    def __init__(self):\n        self.user = User()\n\n"
        "    @staticmethod\n    def run():\n        return get_factory()",
        NOTHING,
        id="static method",
    ),
    pytest.param(
        "class A:\n    user: User\n\n    def run(self):\n        return get_factory()",
        NOTHING,
        id="only declared",
    ),
    pytest.param(
        "class A:\n    def start(self):\n        self.user = User()\n\n"
        "    def run(self):\n        return get_factory()",
        NOTHING,
        id="set by another method, perhaps later",
    ),
    pytest.param(
        "class A:\n    def handle(self, user: User):\n        self.made = get_factory()",
        "self.made stores it where other requests may share it",
        id="kept where others find it",
    ),
    pytest.param(
        "def start(app, user: User):\n    app.state.made = get_factory()",
        "app.state.made stores it",
        id="app.state",
    ),
    pytest.param(
        "def run(user: User, made=get_factory()):\n    return made",
        "something stores it",
        id="default argument",
    ),
]


@pytest.mark.parametrize(("body", "reason"), REFUSED)
def test_a_call_without_it_is_left_alone(body: str, reason: str) -> None:
    stays(FACTORY_PLAN, APP, f"{OLD}\n{body}\n", reason)


CONFTEST = """
import pytest


@pytest.fixture
def user():
    return 1
"""
TYPED = CONFTEST.replace("def user():", "def ann() -> User:")
FIXTURES = [
    pytest.param(
        {"tests/conftest.py": CONFTEST}, "def test_a():", "def test_a(user):", "user", id="conftest"
    ),
    pytest.param(
        {"conftest.py": CONFTEST}, "def test_a(b):", "def test_a(b, user):", "user", id="further up"
    ),
    pytest.param({"conftest.py": TYPED}, "def test_a():", "def test_a(ann):", "ann", id="by its return type"),
    pytest.param(
        {"conftest.py": CONFTEST}, "async def test_a():", "async def test_a(user):", "user", id="async test"
    ),
    pytest.param({}, "def test_a(user):", "def test_a(user):", "user", id="asked for already"),
]


@pytest.mark.parametrize(("tree", "before", "after", "name"), FIXTURES)
def test_a_test_asks_for_a_fixture(tree: dict[str, str], before: str, after: str, name: str) -> None:
    old = f"{OLD}\n\n{before}\n    assert get_factory()\n"
    new = f"{NEW}\n\n{after}\n    assert create_factory({name})\n"
    becomes(FACTORY_PLAN, {**APP, **tree}, old, new, "tests/test_a.py")


NO_FIXTURES = [
    pytest.param("def helper():\n    return get_factory()", "helper (line 4) is not a test", id="no test"),
    pytest.param(
        "class TestA(TestCase):\n    def test_a(self):\n        get_factory()",
        "unittest does not pass fixtures",
        id="unittest",
    ),
    pytest.param("@given(x)\ndef test_a(a):\n    get_factory()", "by position", id="hypothesis"),
    pytest.param("def test_a(a=1):\n    get_factory()", "its parameters have defaults", id="defaults"),
    pytest.param("def test_a(**a):\n    get_factory()", "end in * or **", id="stars"),
]


@pytest.mark.parametrize(("body", "reason"), NO_FIXTURES)
def test_a_function_that_gets_no_fixtures_is_left_alone(body: str, reason: str) -> None:
    stays(FACTORY_PLAN, {**APP, "conftest.py": CONFTEST}, f"{OLD}\n{body}\n", reason, "tests/test_a.py")


def test_a_fixture_of_another_folder_is_out_of_reach() -> None:
    tree = {**APP, "tests/other/conftest.py": CONFTEST}
    stays(FACTORY_PLAN, tree, f"{OLD}\n\ndef test_a():\n    get_factory()\n", NOTHING, "tests/test_a.py")


def test_an_async_fixture_is_nothing_for_a_plain_test() -> None:
    tree = {**APP, "conftest.py": CONFTEST.replace("def user", "async def user")}
    stays(FACTORY_PLAN, tree, f"{OLD}\n\ndef test_a():\n    get_factory()\n", NOTHING, "tests/test_a.py")


def test_each_call_of_a_file_stands_for_itself() -> None:
    before = code("""
        from app.factory import get_factory


        def one(user):
            return get_factory()


        def two():
            return get_factory()
    """)
    after = before.replace("import get_factory", "import create_factory, get_factory").replace(
        "get_factory()", "create_factory(user)", 1
    )
    found = rewritten(FACTORY_PLAN, {**APP, "app/use.py": before}, "app/use.py")
    assert found.text == after
    assert found.reasons == [
        "1: line 9 still uses it",
        "9: no User available on line 9: add a parameter",
    ]
