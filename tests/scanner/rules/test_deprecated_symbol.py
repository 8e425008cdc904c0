"""Every use of a deprecated name, in each role; and what looks like one and is none."""

from dataclasses import replace

import pytest

from scanner.rules.base import Rule
from tests.scanner.rules.tools import Tree, check_hits, check_silent, find, make_rule, read

OLD = "pkg.mod.old"
FROM = "from pkg.mod import old  #! import\n"


@pytest.fixture
def rule() -> Rule:
    return make_rule("deprecated-symbol", symbols=(OLD, "pkg.mod._shared", "pkg.mod.Old"), new="pkg.mod.new")


DEFINITIONS: list[Tree] = [
    {"pkg/mod.py": "def old():  #! definition\n    return _shared\n"},
    {"pkg/mod.py": "_shared = None  #! definition\n"},
    {"pkg/mod.py": "_shared: T | None = None  #! definition\n"},
    {"pkg/mod.py": "_shared: T\n_shared = T()  #! definition\n"},
    {"pkg/mod.py": "@cache\nasync def old():  #! definition\n    ...\n"},
    {"pkg/mod.py": "class Old(Base):  #! definition\n    me = None\n    def f(self): return Old\n"},
    {"pkg/mod.py": "if x:\n    def old(): ...  #! definition\nelse:\n    def old(): ...  #! definition\n"},
    {
        "pkg/mod.py": "try:\n    from .fast import old  #! definition\n"
        "except ImportError:\n    def old(): ...  #! definition\n"
    },
    {
        "pkg/mod.py": "@overload\ndef old(x: int): ...\n@overload\ndef old(x: str): ...\n"
        "def old(x): ...  #! definition\n"
    },
    {"src/pkg/mod.py": "def outer():\n    def old(): ...\n_shared = 1  #! definition\n"},
]


@pytest.mark.parametrize("tree", DEFINITIONS)
def test_a_definition_is_reported_where_it_begins(tree: Tree) -> None:
    symbols = (OLD, "pkg.mod._shared", "pkg.mod.Old")
    check_hits(make_rule("deprecated-symbol", symbols=symbols, roots=(".", "src")), tree)


@pytest.mark.parametrize(
    "tree",
    [
        {"pkg/other.py": "def old(): ...\n_shared = None\n"},
        {"pkg/mod.py": "class C:\n    def old(self): ...\n"},
        {"pkg/mod.py": "def f():\n    def old(): ...\n    _shared = 1\n"},
        {"pkg/mod.py": "def f(old): return old()\n"},
        {"pkg/mod.py": "olden = 1\nn_shared = 2\n"},
    ],
)
def test_other_definitions_of_the_name_are_silent(rule: Rule, tree: Tree) -> None:
    check_silent(rule, tree)


@pytest.mark.parametrize(
    ("body", "low"),
    [
        ("raise RuntimeError('gone')", True),
        ("'''Gone.'''\n    warnings.warn('x')\n    log.error('x')\n    raise E", True),
        ("if x:\n        raise A\n    else:\n        raise B", True),
        ("try:\n        raise A\n    except A as e:\n        raise B from e", True),
        ("if x:\n        return 1\n    raise E", False),
        ("if x:\n        raise E", False),
        ("try:\n        raise A\n    except A:\n        pass", False),
        ("...", False),
    ],
)
def test_a_tombstone_is_low(rule: Rule, body: str, low: bool) -> None:
    hits = check_hits(rule, {"pkg/mod.py": f"def old():  #! definition\n    {body}\n"})
    assert [hit.low for hit in hits["pkg/mod.py"]] == [low]


def test_a_class_that_cannot_be_built_is_a_tombstone(rule: Rule) -> None:
    code = "class Old:  #! definition\n    def __init__(self):\n        raise E\n    def f(self): ...\n"
    assert check_hits(rule, {"pkg/mod.py": code})["pkg/mod.py"][0].low


@pytest.mark.parametrize(
    "code",
    [
        FROM + "old()  #! call\n",
        "from pkg.mod import (\n    a,\n    old,  #! import\n)\nf(old)  #! reference\n",
        "from pkg.mod import old as o  #! import\no()  #! call\n",
        "def f():\n    from pkg.mod import old  #! import\n    old()  #! call\n",
        "try:\n    from pkg.mod import old  #! import\nexcept ImportError:\n    old = None\nold()  #! call\n",
        "if TYPE_CHECKING:\n    from pkg.mod import Old  #! import\ndef f(x: 'Old'): ...  #! reference\n",
        {"pkg/sub/a.py": "from ..mod import old  #! import\nold()  #! call\n"},
        {"pkg/__init__.py": "def f():\n    from .mod import old  #! import\n    old()  #! call\n"},
        {"pkg/__init__.py": "__all__ = ['f']\nfrom .mod import old  #! unused-import\n"},
        "from pkg.mod import old  #! unused-import\n",
        "from pkg.mod import old, _shared  #! unused-import unused-import\n",
        "from pkg.mod import old as o  #! unused-import\ndef f(o): o()\n",
        "def f():\n    from pkg.mod import old  #! unused-import\n    return 1\n",
        "from pkg.mod import old  #! unused-import\ndef f():\n    old = 1\n    return old\n",
        "from pkg.mod import old  #! unused-import\nf(old=1).old\n",
    ],
)
def test_an_import_is_reported_on_its_own_line(rule: Rule, code: Tree) -> None:
    check_hits(rule, code)


@pytest.mark.parametrize(
    "code",
    [
        "import pkg.mod\n",
        "from pkg import mod\nmod.fresh()\n",
        "from pkg.mod import fresh\nfresh()\n",
        "from pkg.other import old\nold()\n",
        "from .pkg.mod import old\nold()\n",
        "from pkg.mod import fresh as old\nold()\n",
        "from other import *\nfresh()  # old\n",
        "# from pkg.mod import old\n",
    ],
)
def test_other_imports_are_silent(rule: Rule, code: str) -> None:
    check_silent(rule, code)


@pytest.mark.parametrize(
    "code",
    [
        "import pkg.mod\ndef f(): pkg.mod.old()  #! call\n",
        "import pkg.mod as m\ndef f(): return m.old()  #! call\n",
        "from pkg import mod\ndef f(): print(mod.old())  #! call\n",
        "from pkg import mod as m\ndef f():\n    x = m.old()  #! call\n    return x\n",
        FROM + "def f():\n    for x in old(): ...  #! call\n",
        FROM + "async def f():\n    x = await old()  #! call\n",
        FROM + "def f(self):\n    self.x = old().agent()  #! call\n",
        FROM + "def f(self):\n    self.x = wrap(old())  #! call\n",
        FROM + "def f(self):\n    self.x = lambda: old()  #! call\n",
        FROM + "def f(self):\n    self.x = a if old() else b  #! call\n",
        FROM + "def f(self):\n    x = old()  #! call\n    x = 1\n    self.x = x\n",
        FROM + "def f(self):\n    x = {}\n    x['a'] = old()  #! call\n",
        FROM + "@old()  #! call\ndef f(): ...\n",
        "def f():\n    old()  #! call\n",
        "from pkg.mod import Old  #! import\ndef f(): (Old)()  #! call\n",
        FROM + "def f(self):\n    a, self.b = old(), 1  #! call\n",
        FROM + "def f():\n    [old() for old in x]\n    [old() for a in x]  #! call\n",
    ],
)
def test_a_call_is_reported_where_it_begins(rule: Rule, code: str) -> None:
    check_hits(rule, code)


@pytest.mark.parametrize(
    "use",
    [
        "def f(self):\n    self.x = old()  #! stored-call\n",
        "def f(self):\n    self.x: T = old()  #! stored-call\n",
        "async def f(app):\n    app.state.x = await old()  #! stored-call\n",
        "def f(self):\n    self.x = (old() if a else None)  #! stored-call\n",
        "def f(self):\n    self.x = given or old()  #! stored-call\n",
        "def f(self):\n    self.x = y = old()  #! stored-call\n",
        "def f(self):\n    a, self.x = 1, old()  #! stored-call\n",
        "def f(self):\n    self.xs = [old()]  #! stored-call\n",
        "def f(self):\n    self.xs = {'a': old()}  #! stored-call\n",
        "def f(self):\n    self.xs = [old() for a in b]  #! stored-call\n",
        "def f(self):\n    self.xs['a'] = old()  #! stored-call\n",
        "def f(self):\n    self.xs = [*old()]  #! stored-call\n",
        "def f(self):\n    self.xs = {**old()}  #! stored-call\n",
        "def f(self):\n    self.xs = {'a': 1, **old(), 'b': {**x}}  #! stored-call\n",
        "def f(self):\n    x = {**old()}  #! stored-call\n    self.xs = x\n",
        "def f(self):\n    self.xs += old()  #! stored-call\n",
        "def f(self):\n    self.xs |= {**old()}  #! stored-call\n",
        "def f(self):\n    x = 1\n    x += old()  #! stored-call\n    self.xs['a'] = x\n",
        "x = old()  #! stored-call\n",
        "class C:\n    x = old()  #! stored-call\n",
        "def f():\n    global x\n    x = old()  #! stored-call\n",
        "def f():\n    x = 1\n    def g():\n        nonlocal x\n        x = old()  #! stored-call\n",
        "def f(x=old()): ...  #! stored-call\n",
        "def f(self):\n    x = old()  #! stored-call\n    x.go()\n    self.x = x\n",
        "def f(self):\n    x = old()  #! stored-call\n    y = x\n    self.x = [y]\n",
        "def f(self):\n    if (x := old()):  #! stored-call\n        self.x = x\n",
        "def f(self):\n    x = {}\n    x['a'] = old()  #! stored-call\n    self.x = x\n",
        "def f():\n    x = old()  #! stored-call\n    def g(y=x): ...\n",
        "def f(self):\n    if a:\n        x = old()  #! stored-call\n    self.x = x\n",
    ],
)
def test_a_call_whose_value_outlives_the_function_is_stored(rule: Rule, use: str) -> None:
    check_hits(rule, FROM + use)


@pytest.mark.parametrize(
    "code",
    [
        "class A:\n    def f(self): self.old()\n",
        "def f(old): old()\n",
        "def f(x): x.old()\n",
        "def f():\n    old = other\n    return old()\n",
        "from pkg.other import old\nx = old()\n",
        "import pkg.other\npkg.other.old()\n",
        "def f():\n    import pkg.mod\ndef g(): pkg.mod.old()\n",
        "import pkg\ngetattr(pkg.mod, 'old')()\n",
        "def old(): ...\nx = old()\n",
        "lambda old: old()\n",
        "match x:\n    case old: old()\n",
        "with f() as old: old()\n",
        "# old()\n'''old()'''\n",
        "log.info('old() is gone')\n",
    ],
)
def test_calls_of_other_things_are_silent(rule: Rule, code: str) -> None:
    check_silent(rule, code)


@pytest.mark.parametrize(
    "code",
    [
        "import pkg.mod\nf(pkg.mod.old)  #! reference\n",
        "import pkg.mod as m\nmake = m.old  #! reference\nmake()\n",
        "import pkg.mod as m\nm._shared = None  #! reference\n",
        "import pkg.mod as m\ndel m._shared  #! reference\n",
        "import pkg.mod as m\n@m.old  #! reference\ndef f(): ...\n",
        "import pkg.mod as m\ndef f(x: 'list[m.Old]') -> 'm.Old | None': ...  #! reference reference\n",
        "import pkg.mod as m\nm.Old.make()  #! reference\n",
        "import pkg.mod as m\nclass A(m.Old): ...  #! reference\n",
        "import pkg.mod as m\nmatch x:\n    case m.Old(): ...  #! reference\n",
        "import pkg.mod as m\nmatch x:\n    case {m.old: 1, 'b': m.Old}: ...  #! reference reference\n",
        "import pkg.mod as m\nmatch x:\n    case A(x=m.old) | m.Old | 1: ...  #! reference reference\n",
        "import pkg.mod as m\nx = cast('m.Old', y)  #! reference\n",
        "f(old)  #! reference\n",
        {"pkg/mod.py": "_shared = 1  #! definition\ndef f(): return _shared  #! reference\n"},
        {
            "pkg/mod.py": "_shared = 1  #! definition\n"
            "def reset():\n    global _shared\n    _shared = 2  #! reference\n"
        },
        {"pkg/mod.py": "_shared = 1  #! definition\n_shared = 2  #! reference\n"},
        {"pkg/mod.py": "class Old:  #! definition\n    x = 1\nOld.x = 2  #! reference\n"},
    ],
)
def test_other_uses_are_references(rule: Rule, code: Tree) -> None:
    check_hits(rule, code)


@pytest.mark.parametrize(
    "code",
    [
        "class A:\n    _shared = None\n    def f(self): return self._shared\n",
        "def f(x: 'Literal[\"old\"]', y: Literal['old']): ...\n",
        "d = {'old': 1}\nd['old']\nf(old=1)\n",
        "from other import old\nf(old)\n",
        "def f():\n    global _shared\n",
        {"pkg/other.py": "_shared = 1\ndef f(): return _shared\n"},
    ],
)
def test_references_to_other_things_are_silent(rule: Rule, code: Tree) -> None:
    check_silent(rule, code)


@pytest.mark.parametrize(
    "code",
    [
        "patch('pkg.mod.old')  #! string\n",
        "x = 'src.pkg.mod.old'  #! string\n",
        "patch('pkg.'\n  'mod.old')\nf('pkg.mod._shared')  #! string\n".replace(
            "patch('pkg.'", "patch('pkg.'  #! string"
        ),
        "patch(r'pkg.mod.old')  #! string\n",
        {
            "app/a.py": "patch('app.b.old')  #! string\n",
            "app/b.py": "from pkg.mod import old  #! unused-import\n",
        },
        {"app/a.py": "patch('app.b.old')  #! string\n", "app/b.py": "x = 1\n", "pkg/mod.py": "x = 1\n"},
        {"app/a.py": "patch('app.old')  #! string\n", "app/__init__.py": "from pkg.mod import *\n"},
    ],
)
def test_a_string_that_is_the_dotted_name(rule: Rule, code: Tree) -> None:
    check_hits(rule, code)


@pytest.mark.parametrize(
    "code",
    [
        "x = 'old'\n",
        "'pkg.mod.old'\n",
        "'''See pkg.mod.old'''\n",
        "x = 'use pkg.mod.old'\n",
        "x = 'pkg.mod.old()'\n",
        "x = b'pkg.mod.old'\n",
        "x = f'{pkg}.mod.old'\n",
        "x = 'pkg.mod.old.return_value'\n",
        "x = 'pkg.mod.Old.run()'\n",
        "x = 'see pkg.mod.Old.run'\n",
        "x = 'pkg.mod.Older.run'\n",
        "x = 'Old.run'\n",
        "x = 'pkg.other.Old.run'\n",
        "'pkg.mod.Old.run'\n",
        {"app/a.py": "patch('app.b.Old.run')\n", "app/b.py": "x = 1\n"},
        {"app/a.py": "patch('app.b.Old.run')\n", "app/b.py": "class Old: ...\n"},
        {"app/a.py": "patch('app.b.Old.run')\n", "app/b.py": "from other import Old\n"},
        "x = 'mypkg-pkg.mod.old'\n",
        "x = 'elsewhere.b.old'\n",
        {"app/a.py": "patch('app.b.old')\n", "app/b.py": "def old(): ...\n"},
        {"app/a.py": "patch('app.b.old')\n", "app/b.py": "x = 1\n"},  # pkg is a library
        {"app/a.py": "patch('app.old')\n", "app/old.py": "x = 1\n", "pkg/mod.py": "x = 1\n"},
        {"app/a.py": "patch('app.b.old')\n", "app/b.py": "from other import old\n"},
        {"pkg/mod.py": "def fresh(): ...\n", "a.py": "# 'pkg.mod.old'\n"},
    ],
)
def test_other_strings_are_silent(rule: Rule, code: Tree) -> None:
    check_silent(rule, code)


def test_a_finding_names_symbol_scope_and_place(rule: Rule) -> None:
    code = "import pkg.mod as m\nclass A:\n    def f(self):\n        return 'ä', m.old(1)\n"
    (hit,) = find(rule, code)["app/views.py"]
    assert (hit.symbol, hit.scope) == (OLD, "A.f")
    place = (hit.location.line, hit.location.column, hit.location.end_line, hit.location.end_column)
    assert place == (4, 21, 4, 29)
    assert hit.location.snippet == "return 'ä', m.old(1)"


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("from pkg.mod import new\nnew()\nf(new)\n", 2),
        ("import pkg.mod as m\nm.new()\n", 1),
        ("from pkg import new as n\nn()\n", 1),
        ("from pkg.mod import new\n", 0),
        ("from other import new\nnew()\n", 0),
        ("patch('pkg.mod.new')\n", 0),
    ],
)
def test_uses_of_the_replacement_are_counted(rule: Rule, code: str, count: int) -> None:
    assert read(rule, code)["app/views.py"].new_sites == count


def test_rules_that_share_a_replacement_count_its_uses_once(rule: Rule) -> None:
    second = replace(rule.spec, id="second", options={"symbols": ("pkg.mod.older",)})
    plan = replace(rule.plan, rules=(rule.spec, second))
    code = "from pkg.mod import new, old, older\nnew()\n"
    counts = [read(type(rule)(spec, plan), code)["app/views.py"].new_sites for spec in plan.rules]
    assert counts == [1, 0]


def test_a_file_without_the_names_is_not_read(rule: Rule) -> None:
    assert not rule.relevance(b"import pkg.mod\npkg.mod.fresh()\n").is_wanted
    assert rule.relevance(b"from pkg.mod import *\n").is_wanted
    assert not rule.relevance(b"from pkg.mod import *\nnew()\n").is_named
    assert rule.relevance(b"old(").is_named


def test_uses_are_found_around_a_syntax_error(rule: Rule) -> None:
    check_hits(rule, FROM + "class :\n    pass\ndef f(): return old()  #! call\n")


def test_python_2_is_read(rule: Rule) -> None:
    check_hits(rule, FROM + "def f():\n    print old()  #! call\n    exec 'x'\n")


def test_a_name_that_is_bound_again_and_again_costs_no_more_than_its_length(rule: Rule) -> None:
    again = "    if a:\n        x = x or b\n" * 2000
    check_hits(rule, FROM + "def f(self):\n    x = old()  #! stored-call\n" + again + "    self.x = x\n")


MODULE_USES: list[Tree] = [
    {"a.py": "import pkg.six.moves.parse as parse  #! import\nparse.quote(1)  #! reference\n"},
    {"a.py": "from pkg.six.moves import parse  #! import\nparse.quote(1)  #! reference\n"},
    {"a.py": "import pkg.six.moves.parse  #! import\npkg.six.moves.parse.quote(1)  #! reference\n"},
    {
        "a.py": "from pkg.six import text_type, PY2 as py2  #! import\n"
        "text_type(1)  #! call\nprint(py2)  #! reference\n"
    },
    {"pkg/a.py": "from .six import text_type  #! import\nkept = text_type(1)  #! stored-call\n"},
    {"a.py": 'from pkg.six import Kind  #! import\ndef f(x: "Kind"): ...  #! reference\n'},
    {"a.py": "import pkg.six as six  #! import\nsix.text_type(1)  #! reference\n"},
    {"a.py": "from pkg.six import moves  #! import\ndef f(moves): return moves.x\n"},
]


@pytest.mark.parametrize("tree", MODULE_USES)
def test_a_listed_module_stands_for_all_its_names_however_they_are_imported(tree: Tree) -> None:
    check_hits(make_rule("deprecated-symbol", symbols=("pkg.six",)), tree)


def test_a_module_whose_name_only_begins_like_a_listed_one_is_another() -> None:
    tree = "import pkg.sixth.x as x\nfrom pkg.sixth import y\nx.f(y)\n"
    check_silent(make_rule("deprecated-symbol", symbols=("pkg.six",)), tree)


def test_a_name_that_is_listed_beside_its_module_counts_for_the_name_alone() -> None:
    rule = make_rule("deprecated-symbol", symbols=("pkg.six", "pkg.six.u"))
    text = "from pkg.six import b, u\nb(u(1))\n"

    found = sorted(
        (hit.location.line, hit.location.column, hit.symbol) for hit in find(rule, {"a.py": text})["a.py"]
    )

    assert [symbol for _, _, symbol in found] == ["pkg.six", "pkg.six.u", "pkg.six", "pkg.six.u"]
