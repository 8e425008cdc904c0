"""Deprecation warnings taken out, with what only served them."""

import pytest

from tests.scanner.fixes.tables import becomes, code, stays
from tests.scanner.fixes.trees import plan_of

PLAN = plan_of("  - {id: left, kind: deprecation-warning}")
WARN = 'warnings.warn("old", DeprecationWarning, stacklevel=2)'
EACH = "for _ in range(3):\n"
GONE = [
    pytest.param(
        f"import warnings\n\n\ndef f():\n    {EACH}        {WARN}\n    return 1\n",
        f"def f():\n    {EACH}        pass\n    return 1\n",
        id="with its import",
    ),
    pytest.param(
        f"import warnings\n\n\ndef f():\n    {EACH}        {WARN}\n",
        f"def f():\n    {EACH}        pass\n",
        id="alone in a loop",
    ),
    pytest.param(
        f'import warnings\n\n\ndef f():\n    """Old."""\n    {EACH}        x = 1\n        {WARN}\n',
        f'def f():\n    """Old."""\n    {EACH}        x = 1\n',
        id="beside other statements",
    ),
    pytest.param(
        f"import warnings\nwarnings.simplefilter('x')\n{WARN}\n",
        "import warnings\nwarnings.simplefilter('x')\n",
        id="import used otherwise",
    ),
    pytest.param(f"import os, warnings\n{WARN}\nos.x\n", "import os\nos.x\n", id="import of several"),
    pytest.param(
        'from warnings import warn, filterwarnings\nwarn("x", DeprecationWarning)\nfilterwarnings()\n',
        "from warnings import filterwarnings\nfilterwarnings()\n",
        id="from import",
    ),
    pytest.param(f"import warnings\nx = 1; {WARN}\n", "x = 1\n", id="after a semicolon"),
    pytest.param(f"import warnings\n{WARN}; x = 1\n", "x = 1\n", id="before a semicolon"),
    pytest.param(f"import warnings\nif x: {WARN}\ny = 1\n", "y = 1\n", id="an if on one line"),
    pytest.param(
        f"import warnings\n\n\ndef f(old=None):\n    if old is not None:\n        {WARN}\n    return 1\n",
        "def f(old=None):\n    return 1\n",
        id="with the if that held it alone",
    ),
    pytest.param(
        f"import warnings\n\n\ndef f(old):\n    if old():\n        {WARN}\n    return 1\n",
        "def f(old):\n    if old():\n        pass\n    return 1\n",
        id="an if whose question may do something stays",
    ),
    pytest.param(
        f"import warnings\nif x:\n    {WARN}\nelse:\n    y = 1\n",
        "if x:\n    pass\nelse:\n    y = 1\n",
        id="if with else",
    ),
    pytest.param(
        f"import warnings\nif x:\n    # why\n    {WARN}\n",
        "if x:\n    # why\n    pass\n",
        id="if with a comment",
    ),
    pytest.param(
        'import warnings\n\n\ndef f(a):\n    text = f"{a} is old"\n'
        "    if a:\n        warnings.warn(text, DeprecationWarning)\n    return a\n",
        "def f(a):\n    return a\n",
        id="with its text",
    ),
    pytest.param(
        'import warnings\n\n\ndef f(a):\n    text = "old"\n'
        "    if a:\n        warnings.warn(text, DeprecationWarning)\n    return text\n",
        'def f(a):\n    text = "old"\n    return text\n',
        id="a text used otherwise stays",
    ),
    pytest.param(
        "import warnings\n\n\ndef f(a):\n    text = a()\n"
        "    if a:\n        warnings.warn(text, DeprecationWarning)\n    return a\n",
        "def f(a):\n    text = a()\n    return a\n",
        id="a call stays, it may do something",
    ),
    pytest.param(
        'def f(log):\n    log.info("deprecated")\n    return 1\n',
        "def f(log):\n    return 1\n",
        id="log call",
    ),
    pytest.param(
        'import warnings\nwarnings.warn(\n    "old "\n'
        '    "thing",\n    DeprecationWarning,\n)  # bye\nx = 1\n',
        "x = 1\n",
        id="several lines",
    ),
]


@pytest.mark.parametrize(("before", "after"), GONE)
def test_a_warning_goes(before: str, after: str) -> None:
    becomes(PLAN, {}, before, after)


STAYS = [
    pytest.param(f"import warnings\nx = {WARN}\n", "its value is used", id="assigned"),
    pytest.param(f"import warnings\nf = lambda: {WARN}\n", "its value is used", id="lambda"),
    pytest.param(f"import warnings\nx and {WARN}\n", "its value is used", id="part of an expression"),
    pytest.param("def f(log):\n    return log.info('deprecated')\n", "its value is used", id="returned"),
]


@pytest.mark.parametrize(("text", "reason"), STAYS)
def test_a_warning_whose_value_is_used_stays(text: str, reason: str) -> None:
    stays(PLAN, {}, text, reason)


def test_a_package_keeps_its_imports_for_others_may_take_them() -> None:
    before = f"import warnings\n{WARN}\n"
    becomes(PLAN, {}, before, "import warnings\n", "app/__init__.py")


def test_two_warnings_go_together_with_the_import_that_both_needed() -> None:
    before = code(f"""
        import warnings


        def f(a):
            if a:
                {WARN}
            return 1


        def g(a):
            if a:
                {WARN}
            return 2
    """)
    becomes(PLAN, {}, before, "def f(a):\n    return 1\n\n\ndef g(a):\n    return 2\n")


UNUSED = [
    pytest.param(f"import warnings\n\n\ndef f():\n    {WARN}\n\n\nx = 1\n", "x = 1\n", id="a function"),
    pytest.param(
        f"import warnings\n\n\nasync def f():\n    {WARN}\n    return await f()\n\n\nx = 1\n",
        "x = 1\n",
        id="one that only calls itself",
    ),
    pytest.param(
        f"import warnings\n\n\nclass A:\n    y = 1\n\n    def f(self):\n        {WARN}\n",
        "class A:\n    y = 1\n",
        id="a method",
    ),
    pytest.param(
        f"import warnings\n\n\nclass A:\n    y = 1\n\n    @property\n    def f(self):\n        {WARN}\n",
        "class A:\n    y = 1\n",
        id="a property",
    ),
    pytest.param(
        f"import warnings\n\n\ndef f():\n    {WARN}\n\n\ndef g(f):\n    return f()\n",
        "def g(f):\n    return f()\n",
        id="a parameter has its name",
    ),
]


@pytest.mark.parametrize(("before", "after"), UNUSED)
def test_a_deprecated_function_that_nothing_uses_goes_with_its_warning(before: str, after: str) -> None:
    becomes(PLAN, {}, before, after)


FUNCTION = f"import warnings\n\n\ndef fetch():\n    {WARN}\n    return 1\n"
METHOD = f"import warnings\n\n\nclass A:\n    def fetch(self):\n        {WARN}\n"
USED = [
    pytest.param(FUNCTION, "from app.use import fetch\nfetch()\n", "change its callers first", id="called"),
    pytest.param(FUNCTION, "from app.use import fetch\n", "change its callers first", id="imported"),
    pytest.param(
        FUNCTION, "import app.use as u\nx = u.fetch\n", "app/b.py:2 still uses fetch", id="attribute"
    ),
    pytest.param(FUNCTION, "from app.use import *\nfetch()\n", "app/b.py:2 still uses fetch", id="star"),
    pytest.param(FUNCTION, 'patch("app.use.fetch")\n', "app/b.py:1 still uses fetch", id="string"),
    pytest.param(FUNCTION, 'getattr(app.use, "fetch")\n', "app/b.py:1 still uses fetch", id="getattr"),
    pytest.param(FUNCTION + "\n\nx = fetch()\n", "", "app/use.py:9 still uses fetch", id="in its file"),
    pytest.param(FUNCTION + '\n\n__all__ = ["fetch"]\n', "", "app/use.py:9 still uses fetch", id="__all__"),
    pytest.param(FUNCTION.replace("def", "@app.route('/')\ndef"), "", "a decorator may register", id="route"),
    pytest.param(FUNCTION.replace("fetch", "test_fetch"), "", "is called by its name", id="test"),
    pytest.param(METHOD, "def run(a):\n    return a.fetch()\n", "app/b.py:2 still uses fetch", id="method"),
    pytest.param(METHOD, "class B(A):\n    def fetch(self): ...\n", "app/b.py:2 still uses", id="overridden"),
    pytest.param(METHOD, "make().fetch()\n", "app/b.py:1 still uses fetch", id="method of a result"),
]


def test_a_function_of_the_package_that_the_root_is_stays_while_something_uses_it() -> None:
    stays(PLAN, {}, FUNCTION + "\n\nx = fetch()\n", "__init__.py:9 still uses fetch", "__init__.py")
    stays(PLAN, {"b.py": "from . import fetch\n"}, FUNCTION, "b.py:1 still uses fetch", "__init__.py")


@pytest.mark.parametrize(("before", "other", "reason"), USED)
def test_a_warning_stays_while_something_uses_its_function(before: str, other: str, reason: str) -> None:
    stays(PLAN, {"app/b.py": other}, before, reason)
