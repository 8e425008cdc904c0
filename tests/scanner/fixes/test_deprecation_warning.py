"""Deprecation warnings taken out, with what only served them."""

import pytest

from tests.scanner.fixes.tables import becomes, code, stays
from tests.scanner.fixes.trees import plan_of

PLAN = plan_of("  - {id: left, kind: deprecation-warning}")
WARN = 'warnings.warn("old", DeprecationWarning, stacklevel=2)'
GONE = [
    pytest.param(
        f"import warnings\n\n\ndef f():\n    {WARN}\n    return 1\n",
        "def f():\n    return 1\n",
        id="with its import",
    ),
    pytest.param(
        f"import warnings\n\n\ndef f():\n    {WARN}\n", "def f():\n    pass\n", id="alone in a function"
    ),
    pytest.param(
        f'import warnings\n\n\ndef f():\n    """Old."""\n    {WARN}\n',
        'def f():\n    """Old."""\n',
        id="beside a docstring",
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
        "    warnings.warn(text, DeprecationWarning)\n    return a\n",
        "def f(a):\n    return a\n",
        id="with its text",
    ),
    pytest.param(
        'import warnings\n\n\ndef f(a):\n    text = "old"\n'
        "    warnings.warn(text, DeprecationWarning)\n    return text\n",
        'def f(a):\n    text = "old"\n    return text\n',
        id="a text used otherwise stays",
    ),
    pytest.param(
        "import warnings\n\n\ndef f(a):\n    text = a()\n"
        "    warnings.warn(text, DeprecationWarning)\n    return a\n",
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


        def f():
            {WARN}
            return 1


        def g():
            {WARN}
            return 2
    """)
    becomes(PLAN, {}, before, "def f():\n    return 1\n\n\ndef g():\n    return 2\n")
