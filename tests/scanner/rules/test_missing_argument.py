"""Calls that leave out what they need, or give a literal None for it."""

import pytest

from scanner.rules.base import Rule
from tests.scanner.rules.tools import Tree, check_hits, check_silent, find, make_rule


@pytest.fixture
def rule() -> Rule:
    callables = (".create_agent", "pkg.mod.make", "*.Engine")
    return make_rule("missing-argument", callables=callables, argument="user", position=1)


@pytest.mark.parametrize(
    "code",
    [
        "f.create_agent()  #! absent\n",
        "f.create_agent('a')  #! absent\n",
        "self.f.create_agent('a', other=1)  #! absent\n",
        "make().create_agent('a')  #! absent\n",
        "xs[0].create_agent('a')  #! absent\n",
        "super().create_agent('a')  #! absent\n",
        "async def f(x):\n    await x.create_agent(\n        'a')\n".replace("(\n", "(  #! absent\n"),
        "f.create_agent('a', None)  #! none\n",
        "f.create_agent('a', (None))  #! none\n",
        "f.create_agent('a', user=None)  #! none\n",
        "f.create_agent(*args, user=None)  #! none\n",
        "f.create_agent(user=None, **options)  #! none\n",
        "f.create_agent('a', None, *more)  #! none\n",
        "f.create_agent('a', **{}).create_agent('b')  #! absent\n",
        "f.create_agent(x for x in y)  #! absent\n",
        "from pkg.mod import make\nmake('a')  #! absent\n",
        "from pkg.mod import make as m\nm('a')  #! absent\n",
        "import pkg.mod\npkg.mod.make('a')  #! absent\n",
        "import pkg.mod as p\n(p.make)('a')  #! absent\n",
        "from any.where import Engine\nx = Engine()  #! absent\n",
        "from any.where import Engine as E\nx = [E(1)]  #! absent\n",
        "from any.where import *\nEngine()  #! absent\n",
        {"pkg/mod.py": "def make(a, user): ...\nmake(1)  #! absent\n"},
        {"pkg/__init__.py": "from .mod import make\n", "a.py": "from pkg import make\nmake(1)  #! absent\n"},
        {"pkg/__init__.py": "from .mod import *\n", "a.py": "import pkg as p\np.make(1, None)  #! none\n"},
        {"pkg/x.py": "class Engine: ...\nEngine()  #! absent\n"},
    ],
)
def test_a_call_without_the_argument_is_reported(rule: Rule, code: Tree) -> None:
    check_hits(rule, code)


@pytest.mark.parametrize(
    "code",
    [
        "f.create_agent('a', user)  #? absent\n",
        "f.create_agent('a', user=user)  #? absent\n",
        "f.create_agent(user=x or None)  #? none\n",
        "user = None\nf.create_agent('a', user)  #? none\n",
        "f.create_agent('a', None if x else y)  #? none\n",
        "f.create_agent(*args)\n",
        "f.create_agent('a', *args)\n",
        "f.create_agent('a', **options)  #? absent\n",
        "f.create_agent('a', f(None))  #? none\n",
        "f.create_agent\nf.create_agent.cache_clear()\n",
        "g(create_agent='a')\n",
        "create_agent('a')\n",
        "def create_agent(self, name): ...\n",
        "# f.create_agent('a')\n'''f.create_agent('a')'''\n",
        "from other.mod import make\nmake('a')\n",
        "def make(a): ...\nmake('a')\n",
        "def f(make): make('a')\n",
        "x.make('a')\n",
        "def f(Engine): Engine()\n",
        "f.create_agents('a')\n",
        "partial(f.create_agent, 'a')\n",
    ],
)
def test_other_calls_are_silent(rule: Rule, code: str) -> None:
    check_silent(rule, code)


@pytest.mark.parametrize(
    "code",
    [
        "from m import Engine\nEngine(1, None, notifier=None)  #! none\n",
        "from m import Engine\nEngine(**options, notifier=None)  #! none\n",
        "import m\nm.sub.Engine(notifier=(None))  #! none\n",
        "import m\nm.Engine(  #! none\n    notifier # (yet)\n    = \\\n    (\n    None),\n)\n",
    ],
)
def test_only_none_allows_absence(code: str) -> None:
    check_hits(
        make_rule("missing-argument", callables=("*.Engine",), argument="notifier", only_none=True), code
    )


@pytest.mark.parametrize(
    "code",
    [
        "from m import Engine\nEngine()\n",
        "from m import Engine\nEngine(None)\n",
        "from m import Engine\nEngine(notifier=x)\n",
        "from m import Engine\nEngine(*args, **options)\n",
        "class Engine:\n    def __init__(self, notifier=None): ...\n",
    ],
)
def test_only_none_is_silent_without_a_none(code: str) -> None:
    check_silent(
        make_rule("missing-argument", callables=("*.Engine",), argument="notifier", only_none=True), code
    )


def test_without_a_position_only_the_keyword_will_do() -> None:
    rule = make_rule("missing-argument", callables=(".go",), argument="user")
    check_hits(rule, "x.go(user)  #! absent\nx.go(*args)  #! absent\nx.go(user=1)\nx.go(**more)\n")


def test_position_zero_and_wild_names() -> None:
    rule = make_rule("missing-argument", callables=("builtins.open", ".read_*"), argument="a", position=0)
    check_hits(rule, "open()  #! absent\nopen(x)\nx.read_csv()  #! absent\nx.read_csv(1)\nx.write()\n")


def test_a_finding_names_what_is_called(rule: Rule) -> None:
    code = (
        "from any.where import Engine as E\nclass A:\n    def f(self):\n        self.x = E(\n            1)\n"
    )
    (hit,) = find(rule, code)["app/views.py"]
    assert (hit.symbol, hit.scope, hit.message) == ("any.where.Engine", "A.f", "user is missing")
    assert (hit.location.line, hit.location.column, hit.location.end_line, hit.location.end_column) == (
        4,
        18,
        5,
        15,
    )


def test_allow_none_reports_only_absence() -> None:
    rule = make_rule("missing-argument", callables=(".create",), argument="log", position=1, allow_none=True)
    check_hits(rule, "f.create(1)  #! absent\nf.create(1, None)\nf.create(1, log=None)\n")
