"""A deprecated name replaced: imports, calls, references, strings, what is handed on, definitions."""

import pytest

from tests.scanner.fixes.tables import APP, FACTORY_PLAN, becomes, code, stays
from tests.scanner.fixes.trees import plan_of, rewritten

RENAME = plan_of("""
  - id: loads
    kind: deprecated-symbol
    symbols: [app.old.fetch, app.old.Reader]
    replacement: {symbol: app.new.load}
""")
CLASS = plan_of("""
  - id: parser
    kind: deprecated-symbol
    symbols: [app.old.Reader]
    replacement: {symbol: app.new.Parser}
""")
MOVED = plan_of("""
  - id: moved
    kind: deprecated-symbol
    symbols: [app.old.load]
    replacement: {symbol: app.new.load}
""")
NEWS = {
    "app/__init__.py": "",
    "app/old.py": "def fetch(key, *, fresh=False): ...\ndef load(): ...\nclass Reader: ...\nother = 1\n",
    "app/new.py": "def load(key=0, fresh=False): ...\nother = 2\nclass Parser: ...\n",
}
USE = "\n\ndef run(user):\n    return get_factory()\n"
USED = "\n\ndef run(user):\n    return create_factory(user)\n"
FROM = "from app.factory import "

IMPORTS = [
    pytest.param(f"{FROM}get_factory", f"{FROM}create_factory", id="alone"),
    pytest.param(f"{FROM}get_factory  # used below", f"{FROM}create_factory  # used below", id="comment"),
    pytest.param(f"{FROM}Factory, get_factory", f"{FROM}Factory, create_factory", id="keeps others"),
    pytest.param(f"{FROM}create_factory, get_factory", f"{FROM}create_factory", id="new one there, last"),
    pytest.param(f"{FROM}get_factory, create_factory", f"{FROM}create_factory", id="new one there, first"),
    pytest.param(f"{FROM}(get_factory)", f"{FROM}(create_factory)", id="brackets"),
    pytest.param(
        f"{FROM}(\n    Factory,  # the class\n    get_factory,  # old\n)",
        f"{FROM}(\n    Factory,  # the class\n    create_factory,  # old\n)",
        id="lines with comments",
    ),
    pytest.param(
        f"{FROM}(\n    create_factory,  # new\n    get_factory,  # old\n)",
        f"{FROM}(\n    create_factory,  # new\n)",
        id="lines, the old one goes with its comment",
    ),
    pytest.param(
        f"{FROM}(\n    create_factory,  # new\n    get_factory\n)",
        f"{FROM}(\n    create_factory,  # new\n)",
        id="lines without a last comma",
    ),
    pytest.param(f"{FROM}\\\n    get_factory", f"{FROM}\\\n    create_factory", id="backslash"),
    pytest.param("from .factory import get_factory", "from .factory import create_factory", id="relative"),
    pytest.param(
        "from . factory import get_factory", "from . factory import create_factory", id="odd blanks"
    ),
    pytest.param(
        f"import sys; {FROM}get_factory", f"import sys; {FROM}create_factory", id="after a semicolon"
    ),
    pytest.param(
        f"{FROM}get_factory; import sys", f"{FROM}create_factory; import sys", id="before a semicolon"
    ),
    pytest.param(f"if True:\n    {FROM}get_factory", f"if True:\n    {FROM}create_factory", id="in a block"),
]


@pytest.mark.parametrize(("before", "after"), IMPORTS)
def test_an_import_is_replaced_where_it_stands(before: str, after: str) -> None:
    becomes(FACTORY_PLAN, APP, f"{before}\n{USE}", f"{after}\n{USED}")


WHOLE = [
    pytest.param(
        f"{FROM}get_factory as make\n\n\ndef run(user):\n    return make()\n",
        f"{FROM}create_factory as make\n\n\ndef run(user):\n    return make(user)\n",
        id="alias",
    ),
    pytest.param(
        f"def run(user):\n    {FROM}get_factory\n    return get_factory()\n",
        f"def run(user):\n    {FROM}create_factory\n    return create_factory(user)\n",
        id="in a function",
    ),
    pytest.param(
        "import app.factory\n\n\ndef run(user):\n    return app.factory.get_factory()\n",
        "import app.factory\n\n\ndef run(user):\n    return app.factory.create_factory(user)\n",
        id="through the module",
    ),
    pytest.param(
        "from app import factory as f\n\n\ndef run(user):\n    return f.get_factory()\n",
        "from app import factory as f\n\n\ndef run(user):\n    return f.create_factory(user)\n",
        id="through an alias of the module",
    ),
    pytest.param(
        f"{FROM}*\n{USE}", f"{FROM}*\n{FROM}create_factory\n{USED}", id="through a star: named beside it"
    ),
    pytest.param(f"{FROM}get_factory\n\nx = 1\n", "x = 1\n", id="unused: goes"),
    pytest.param(
        f"{FROM}get_factory, Factory\n\nx = 1\n", f"{FROM}Factory\n\nx = 1\n", id="unused: others stay"
    ),
    pytest.param(f"if x:\n    {FROM}get_factory\n", "if x:\n    pass\n", id="unused: a block stays a block"),
    pytest.param(f"import sys; {FROM}get_factory\n", "import sys\n", id="unused: after a semicolon"),
    pytest.param(f"{FROM}get_factory; import sys\n", "import sys\n", id="unused: before a semicolon"),
]


@pytest.mark.parametrize(("before", "after"), WHOLE)
def test_a_file_is_rewritten(before: str, after: str) -> None:
    becomes(FACTORY_PLAN, APP, before, after)


CALLS = [
    pytest.param("get_factory()", "create_factory(user)", id="plain"),
    pytest.param("(get_factory)()", "(create_factory)(user)", id="brackets around the name"),
    pytest.param("get_factory(\n    )", "create_factory(\n    user)", id="empty lines inside"),
    pytest.param("get_factory().make('a')", "create_factory(user).make('a')", id="chained"),
    pytest.param(
        "[get_factory(), get_factory()]", "[create_factory(user), create_factory(user)]", id="twice"
    ),
    pytest.param("await configure()", "create_factory(user)", id="await dropped"),
    pytest.param("(await configure()).x", "(create_factory(user)).x", id="await in brackets dropped"),
    pytest.param("await configure(bus=b)", "create_factory(bus=b, user=user)", id="keeps what both take"),
    pytest.param(
        "await configure(\n        bus=b,  # the bus\n    )",
        "create_factory(\n        bus=b,  # the bus\n        user=user,\n    )",
        id="lines with a comment",
    ),
]


@pytest.mark.parametrize(("before", "after"), CALLS)
def test_a_call_is_rewritten(before: str, after: str) -> None:
    old = f"{FROM}get_factory, configure\n\n\nasync def run(user, b):\n    return {before}\n"
    found = rewritten(FACTORY_PLAN, {**APP, "app/use.py": old}, "app/use.py")
    assert f"    return {after}\n" in found.text
    assert not found.reasons


NEEDS_AWAIT = {**APP, "app/factory.py": APP["app/factory.py"].replace("def create_", "async def create_")}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("return get_factory()", "return await create_factory(user)", id="returned"),
        pytest.param("f = get_factory()", "f = await create_factory(user)", id="assigned"),
        pytest.param("get_factory().go()", "(await create_factory(user)).go()", id="chained"),
        pytest.param("await configure()", "await create_factory(user)", id="awaited already"),
    ],
)
def test_a_replacement_that_must_be_awaited_is(before: str, after: str) -> None:
    old = f"{FROM}get_factory, configure\n\n\nasync def run(user):\n    {before}\n"
    found = rewritten(FACTORY_PLAN, {**NEEDS_AWAIT, "app/use.py": old}, "app/use.py")
    assert f"    {after}\n" in found.text
    assert not found.reasons


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("def run(user):\n    return get_factory()", id="plain function"),
        pytest.param("async def run(user):\n    return lambda: get_factory()", id="lambda"),
        pytest.param("async def run(user):\n    return (get_factory() for _ in x)", id="generator"),
    ],
)
def test_a_call_outside_an_async_function_stays(body: str) -> None:
    stays(FACTORY_PLAN, NEEDS_AWAIT, f"{FROM}get_factory\n\n\n{body}\n", "must be awaited")


REFUSED = [
    pytest.param(
        f"{FROM}get_factory\nx = Depends(get_factory)\n", "2: it is used without a call", id="handed on"
    ),
    pytest.param(
        f"{FROM}get_factory\n\n\ndef run(user):\n    create_factory = 1\n    return get_factory()\n",
        "create_factory already refers to something else here (line 5)",
        id="new name taken",
    ),
    pytest.param(
        f"try:\n    {FROM}get_factory\nexcept ImportError:\n    get_factory = None\n{USE}",
        "get_factory has two bindings (lines 2 and 4)",
        id="fallback",
    ),
    pytest.param(
        f"try:\n    {FROM}get_factory\nexcept ImportError:\n    raise\n",
        "the import is inside a try",
        id="unused in a try",
    ),
    pytest.param(
        "def run(user):\n    return get_factory()\n", "nothing in the file binds get_factory", id="unbound"
    ),
    pytest.param(
        f"{FROM}configure\n\n\nasync def run(user, b):\n    return await configure(b)\n",
        "create_factory would get user twice",
        id="positional argument in its place",
    ),
    pytest.param(
        f"{FROM}configure\n\n\nasync def run(user, b):\n    return await configure(cache=b)\n",
        "create_factory takes no argument cache",
        id="unknown argument",
    ),
    pytest.param(
        f"{FROM}configure\n\n\nasync def run(user, b):\n    return await configure(**b)\n",
        "passes * or **, so",
        id="arguments nobody sees",
    ),
    pytest.param(
        f"{FROM}configure\n\n\ndef run(user):\n    return spawn(configure())\n",
        "its coroutine is used without await",
        id="coroutine handed on",
    ),
    pytest.param(
        f"{FROM}get_factory\n\n\nasync def run(user):\n    return await get_factory()\n",
        "its result is awaited",
        id="awaits what a plain function gives",
    ),
    pytest.param(
        "import app.factory\napp.factory.get_factory = None\n",
        "used without a call",
        id="replaced from outside",
    ),
]


@pytest.mark.parametrize(("before", "reason"), REFUSED)
def test_an_unsafe_fix_is_left(before: str, reason: str) -> None:
    stays(FACTORY_PLAN, APP, before, reason)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("def broken(:\n    get_factory()\n", "the file does not parse (line 1", id="syntax"),
        pytest.param(
            f"{FROM}get_factory\nprint 'old'{USE}", "the file does not parse (line 2", id="Python 2"
        ),
    ],
)
def test_a_file_that_is_no_python_is_left(text: str, reason: str) -> None:
    stays(FACTORY_PLAN, APP, text, reason)


def test_a_replacement_that_is_not_there_yet_is_waited_for() -> None:
    tree = {**APP, "app/factory.py": "def get_factory(): ...\n"}
    stays(FACTORY_PLAN, tree, f"{FROM}get_factory\n{USE}", "app.factory does not define create_factory yet")


def test_without_a_replacement_only_unused_imports_go() -> None:
    plan = plan_of("  - {id: old, kind: deprecated-symbol, symbols: [app.factory.get_factory]}")
    stays(plan, APP, f"{FROM}get_factory\n{USE}", "the plan has no replacement for the rule old")
    becomes(plan, APP, f"{FROM}get_factory\nx = 1\n", "x = 1\n")


RENAMES = [
    pytest.param(
        "from app.old import fetch\nfetch(1, fresh=True)\n",
        "from app.new import load\nload(1, fresh=True)\n",
        id="call",
    ),
    pytest.param(
        "from app.old import fetch\nx = Depends(fetch)\n",
        "from app.new import load\nx = Depends(load)\n",
        id="handed on",
    ),
    pytest.param(
        "from app.old import fetch, other\nfetch(1)\n",
        "from app.old import other\nfrom app.new import load\nload(1)\n",
        id="split",
    ),
    pytest.param(
        "from app.old import fetch as f\nf(1)\n", "from app.new import load as f\nf(1)\n", id="alias"
    ),
    pytest.param(
        "from app.old import other, fetch as f\nf(1)\n",
        "from app.old import other\nfrom app.new import load as f\nf(1)\n",
        id="alias, split",
    ),
    pytest.param(
        "from app.new import load\nfrom app.old import fetch\nfetch(1)\n",
        "from app.new import load\nload(1)\n",
        id="there already",
    ),
    pytest.param(
        "from .old import fetch\nfetch(*a, **k)\n", "from app.new import load\nload(*a, **k)\n", id="stars"
    ),
    pytest.param(
        "@fetch\ndef f(): ...\nfrom app.old import fetch\n",
        "@load\ndef f(): ...\nfrom app.new import load\n",
        id="decorator",
    ),
]


@pytest.mark.parametrize(("before", "after"), RENAMES)
def test_a_name_with_other_arguments_is_only_renamed(before: str, after: str) -> None:
    becomes(RENAME, NEWS, before, after)


def test_an_annotation_is_renamed_if_the_replacement_is_a_class_too() -> None:
    becomes(
        CLASS,
        NEWS,
        "from app.old import Reader\ndef f(x: Reader): ...\n",
        "from app.new import Parser\ndef f(x: Parser): ...\n",
    )
    stays(
        RENAME,
        NEWS,
        "from app.old import Reader\ndef f(x: Reader): ...\n",
        "2: load is no class, so only calls",
    )


def test_a_call_that_the_new_name_does_not_take_stays() -> None:
    stays(
        RENAME,
        NEWS,
        "from app.old import fetch\nfetch(1, 2, 3)\n",
        "load takes 2 positional arguments, not 3",
    )


def test_a_name_that_only_moved_keeps_its_uses() -> None:
    becomes(MOVED, NEWS, "from app.old import load\nload()\n", "from app.new import load\nload()\n")


def test_a_name_outside_the_tree_is_taken_at_its_word() -> None:
    plan = plan_of("""
  - {id: text, kind: deprecated-symbol, symbols: [lib.text.force], replacement: {symbol: lib.text.to_str}}
""")
    becomes(
        plan,
        {},
        "from lib.text import force\nforce(1, a=2)\n",
        "from lib.text import to_str\nto_str(1, a=2)\n",
    )


def test_a_name_that_another_file_takes_from_here_waits_for_it() -> None:
    tree = {**APP, "app/late.py": "from app.use import get_factory\nget_factory\n"}
    found = stays(
        FACTORY_PLAN, tree, f"{FROM}get_factory\n{USE}", "app/late.py imports get_factory from this file"
    )
    assert all(refusal.waits for refusal in found.refused)


def test_a_name_that_a_test_replaces_by_its_text_waits_for_it() -> None:
    tree = {**APP, "tests/t.py": 'import app.use\npatch.object(app.use, "get_factory")\n'}
    stays(FACTORY_PLAN, tree, f"{FROM}get_factory\n{USE}", "tests/t.py imports get_factory from this file")


def test_code_around_the_change_is_the_same_byte_for_byte() -> None:
    before = code("""
        from app.factory import   get_factory   # old
        x = {  'a' :1 , }\t
        def run( user ) :
            '''odd'''
            y = ( get_factory ( ) )   ;   return y
    """)
    after = before.replace("get_factory   #", "create_factory   #").replace(
        "get_factory ( )", "create_factory ( user)"
    )
    becomes(FACTORY_PLAN, APP, before, after)
