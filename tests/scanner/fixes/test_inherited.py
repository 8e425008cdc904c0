"""What a call is given from attributes of base classes, and from what prepares a test."""

import pytest

from tests.scanner.fixes.tables import APP, FACTORY_PLAN, NEW, OLD, becomes, stays

NOTHING = "no User available on line "
RUN = "    def run(self):\n        return get_factory()"
BASE = "class Base:\n    def __init__(self, user: User):\n        self.user = user\n\n\n"
TREE = {
    **APP,
    "app/base.py": f"from app.user import User\n\n\n{BASE}",
    "app/again.py": "from app.base import Base as Root\n",
    "app/deep.py": "from app.base import Base\n\n\nclass Deep(Base):\n    pass\n",
    "app/other.py": "class Other:\n    def __init__(self, user):\n        pass\n",
    "app/maybe.py": "class Maybe:\n    def __init__(self, user=None):\n        self.user = user\n",
    "app/field.py": "from app.user import User\n\n\n@dataclass\nclass Field:\n    user: User\n",
    "app/first.py": "from app.second import Second\n\n\nclass First(Second):\n    pass\n",
    "app/second.py": "from app.first import First\n\n\nclass Second(First):\n    pass\n",
}

GIVEN = [
    pytest.param(f"{BASE}class A(Base):\n{RUN}", "self.user", id="base in the file"),
    pytest.param(f"from app.base import Base\n\n\nclass A(Base):\n{RUN}", "self.user", id="base in the tree"),
    pytest.param(f"from .base import Base\n\n\nclass A(Base):\n{RUN}", "self.user", id="relative import"),
    pytest.param(
        f"import app.base\n\n\nclass A(app.base.Base):\n{RUN}", "self.user", id="through its module"
    ),
    pytest.param(f"from app.again import Root\n\n\nclass A(Root):\n{RUN}", "self.user", id="handed on"),
    pytest.param(f"from app.deep import Deep\n\n\nclass A(Deep):\n{RUN}", "self.user", id="two steps up"),
    pytest.param(f"{BASE}class A(Base, Mixin):\n{RUN}", "self.user", id="first of two bases"),
    pytest.param(f"{BASE}class A(Generic[T], Base):\n{RUN}", "self.user", id="beside Generic"),
    pytest.param(f"{BASE}class A(Base[int], metaclass=M):\n{RUN}", "self.user", id="in square brackets"),
    pytest.param(
        f"{BASE}class A(Base):\n    def __init__(self, u):\n        super().__init__(u)\n\n{RUN}",
        "self.user",
        id="calls the base's __init__",
    ),
    pytest.param(
        f"{BASE}class A(Base):\n    def __init__(self, u):\n        super(A, self).__init__(u)\n"
        "        self.made = get_factory()",
        "self.user",
        id="behind that call",
    ),
    pytest.param(
        f"from app.field import Field\n\n\n@dataclass\nclass A(Field):\n    b: int = 0\n\n{RUN}",
        "self.user",
        id="field of a base",
    ),
]


@pytest.mark.parametrize(("body", "value"), GIVEN)
def test_a_call_is_given_what_a_base_keeps(body: str, value: str) -> None:
    after = body.replace("get_factory()", f"create_factory({value})")
    becomes(FACTORY_PLAN, TREE, f"{OLD}\n\n{body}\n", f"{NEW}\n\n{after}\n")


REFUSED = [
    pytest.param(
        f"from elsewhere import Base\n\n\nclass A(Base):\n{RUN}", NOTHING, id="base not in the tree"
    ),
    pytest.param(
        f"from app.other import Other\n\n\nclass A(Other):\n{RUN}", NOTHING, id="base keeps nothing"
    ),
    pytest.param(f"{BASE}class A(Mixin, Base):\n{RUN}", NOTHING, id="second base: nobody knows the first"),
    pytest.param(f"from app.first import First\n\n\nclass A(First):\n{RUN}", NOTHING, id="circle of bases"),
    pytest.param(
        f"from app.maybe import Maybe\n\n\nclass A(Maybe):\n{RUN}",
        "10: self.user (app/maybe.py:3) may be None on line 10",
        id="base may keep None",
    ),
    pytest.param(
        f"{BASE}class A(Base):\n    def __init__(self):\n        self.x = 1\n\n{RUN}",
        NOTHING,
        id="does not call the base's __init__",
    ),
    pytest.param(
        f"{BASE}class A(Base):\n    def __init__(self, u):\n        if u:\n"
        f"            super().__init__(u)\n\n{RUN}",
        NOTHING,
        id="calls it perhaps",
    ),
    pytest.param(
        f"{BASE}class A(Base):\n    def __init__(self, u):\n        self.made = get_factory()\n"
        "        super().__init__(u)",
        NOTHING,
        id="calls it too late",
    ),
    pytest.param(
        f"{BASE}class A(Base):\n    def __init__(self, u):\n        super().start(u)\n\n{RUN}",
        NOTHING,
        id="calls another one",
    ),
    pytest.param(
        f'{BASE}class A(Base):\n    def rename(self):\n        self.user = "ann"\n\n{RUN}',
        NOTHING,
        id="the class keeps something else there",
    ),
    pytest.param(
        f"{BASE}class A(Base):\n    def leave(self):\n        self.user = None\n\n{RUN}",
        "self.user (line 12) may be None",
        id="the class takes it away",
    ),
    pytest.param(
        "def make(x):\n    return x\n\n\nclass A(make(Base)):\n" + RUN, NOTHING, id="base that is computed"
    ),
]


@pytest.mark.parametrize(("body", "reason"), REFUSED)
def test_a_call_is_not_given_what_a_base_may_not_keep(body: str, reason: str) -> None:
    stays(FACTORY_PLAN, TREE, f"{OLD}\n\n{body}\n", reason)


CASE = "class TestA(unittest.TestCase):\n"
TEST = "    def test_a(self):\n        assert get_factory()"
SET = "        self.user = User()\n\n"
AUTO = "    @pytest.fixture(autouse=True)\n"
PREPARED = [
    pytest.param(f"{CASE}    def setUp(self):\n{SET}{TEST}", id="setUp"),
    pytest.param(
        "class TestA(IsolatedAsyncioTestCase):\n    async def asyncSetUp(self):\n"
        f"{SET}    async def test_a(self):\n        assert get_factory()",
        id="asyncSetUp",
    ),
    pytest.param(f"class TestA:\n    def setup_method(self, method):\n{SET}{TEST}", id="setup_method"),
    pytest.param(f"class TestA:\n{AUTO}    def prepare(self):\n{SET}{TEST}", id="fixture for every test"),
    pytest.param(
        f"class TestA:\n    @pytest_asyncio.fixture(autouse=True)\n    async def prepare(self):\n{SET}{TEST}",
        id="async fixture for every test",
    ),
    pytest.param(
        f"{CASE}    def setUp(self):\n{SET}    def tearDown(self):\n        self.user = None\n\n{TEST}",
        id="taken away when the test is over",
    ),
    pytest.param(
        f"{CASE}    def setUp(self):\n        self.user = User()\n        get_factory()", id="in setUp"
    ),
    pytest.param(
        "from tests.case import Case\n\n\nclass TestA(Case):\n    def setUp(self):\n        super().setUp()\n"
        f"        self.x = 1\n\n{TEST}",
        id="setUp of a base",
    ),
    pytest.param(f"from tests.case import Case\n\n\nclass A(Case):\n{TEST}", id="setUp of a base alone"),
]
CASES = {
    **APP,
    "tests/case.py": "from app.user import User\n\n\nclass Case(unittest.TestCase):\n    def setUp(self):\n"
    "        self.user = User()\n",
    "tests/plain.py": "class Plain:\n    pass\n",
}


@pytest.mark.parametrize("body", PREPARED)
def test_a_test_uses_what_was_prepared_for_it(body: str) -> None:
    after = body.replace("get_factory()", "create_factory(self.user)")
    becomes(FACTORY_PLAN, CASES, f"{OLD}\n\n{body}\n", f"{NEW}\n\n{after}\n", "tests/test_a.py")


UNPREPARED = [
    pytest.param(f"class TestA:\n    def setUp(self):\n{SET}{TEST}", id="setUp without unittest"),
    pytest.param(f"class A:\n    def setup_method(self):\n{SET}{TEST}", id="a class that is no test"),
    pytest.param(f"{CASE}    async def setUp(self):\n{SET}{TEST}", id="a set-up that nobody awaits"),
    pytest.param(f"{CASE}    @skip\n    def setUp(self):\n{SET}{TEST}", id="a set-up that is wrapped"),
    pytest.param(
        f"{CASE}    @classmethod\n    def setUpClass(cls):\n        cls.user = User()\n\n{TEST}",
        id="for all tests",
    ),
    pytest.param(
        f"class TestA:\n    @pytest.fixture\n    def prepare(self):\n{SET}{TEST}", id="a fixture to ask for"
    ),
    pytest.param(
        f"class TestA:\n{AUTO}    async def prepare(self):\n{SET}{TEST}", id="async for pytest alone"
    ),
    pytest.param(
        f"{CASE}    def setUp(self):\n        get_factory()\n        self.user = User()",
        id="in setUp, too early",
    ),
    pytest.param(
        f"{CASE}    def setUp(self):\n        if x:\n            self.user = User()\n\n{TEST}", id="perhaps"
    ),
    pytest.param(
        f"{CASE}    def setUp(self):\n        get_factory()\n\n{AUTO}    def prepare(self):\n{SET}",
        id="which is first",
    ),
    pytest.param(
        f"from tests.case import Case\n\n\nclass TestA(Case):\n    def setUp(self):\n        pass\n\n{TEST}",
        id="the base's setUp is not called",
    ),
]


@pytest.mark.parametrize("body", UNPREPARED)
def test_a_test_for_which_nothing_was_surely_prepared_stays(body: str) -> None:
    stays(FACTORY_PLAN, CASES, f"{OLD}\n\n{body}\n", NOTHING, "tests/test_a.py")


def test_set_up_counts_only_in_tests() -> None:
    stays(FACTORY_PLAN, CASES, f"{OLD}\n\n{CASE}    def setUp(self):\n{SET}{TEST}\n", NOTHING, "app/use.py")


CONFTEST = {"conftest.py": "import pytest\n\n\n@pytest.fixture\ndef user():\n    return 1\n"}


def test_a_test_whose_bases_are_plain_can_ask_for_a_fixture() -> None:
    head = "from tests.plain import Plain\n\n\nclass TestA(Plain):\n"
    before = f"{OLD}\n\n{head}    def test_a(self):\n        get_factory()\n"
    after = f"{NEW}\n\n{head}    def test_a(self, user):\n        create_factory(user)\n"
    becomes(FACTORY_PLAN, {**CASES, **CONFTEST}, before, after, "tests/test_a.py")


def test_a_test_whose_bases_form_a_circle_cannot() -> None:
    body = (
        "from app.first import First\n\n\nclass TestA(First):\n    def test_a(self):\n        get_factory()\n"
    )
    reason = "inherits from a class that inherits from itself or from too many, and unittest does not"
    stays(FACTORY_PLAN, {**TREE, **CONFTEST}, f"{OLD}\n\n{body}", reason, "tests/test_a.py")


def test_a_test_of_unittest_cannot() -> None:
    body = (
        "from tests.case2 import Case\n\n\nclass TestA(Case):\n    def test_a(self):\n        get_factory()\n"
    )
    tree = {**CASES, **CONFTEST, "tests/case2.py": "class Case(unittest.TestCase):\n    pass\n"}
    reason = "10: the class TestA (line 8) inherits from TestCase, and unittest does not pass fixtures"
    stays(FACTORY_PLAN, tree, f"{OLD}\n\n{body}", reason, "tests/test_a.py")
