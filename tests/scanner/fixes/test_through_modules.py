"""A deprecated name that is reached through its module, where the replacement stands in another one."""

import pytest

from tests.scanner.fixes.tables import becomes, stays
from tests.scanner.fixes.trees import plan_of

PLAN = plan_of("""
  - id: fetch
    kind: deprecated-symbol
    symbols: [app.old.fetch]
    replacement: {symbol: app.new.load}
""")
TREE = {
    "app/__init__.py": "",
    "app/old.py": "def fetch(key): ...\nother = 1\n",
    "app/new.py": "def load(key): ...\n",
}
NEW = "from app.new import load\n"

HITS = [
    pytest.param("import app.old\napp.old.fetch(1)\n", f"{NEW}load(1)\n", id="full path"),
    pytest.param("import app.old  # it\napp.old.fetch(1)\n", f"{NEW[:-1]}  # it\nload(1)\n", id="comment"),
    pytest.param("import app.old as o\no.fetch(1)\n", f"{NEW}load(1)\n", id="alias"),
    pytest.param("from app import old\nold.fetch(1)\n", f"{NEW}load(1)\n", id="module from its package"),
    pytest.param("from . import old\nold.fetch(1)\n", f"{NEW}load(1)\n", id="relative"),
    pytest.param(
        "import app.old\napp.old.fetch(app.old.fetch)\nx = app.old.fetch\n",
        f"{NEW}load(load)\nx = load\n",
        id="several uses",
    ),
    pytest.param(
        "import app.old\napp.old.fetch(1)\napp.old.other\n",
        f"import app.old\n{NEW}load(1)\napp.old.other\n",
        id="the module is still needed",
    ),
    pytest.param(
        "import app.old, sys\napp.old.fetch(sys)\n",
        f"import sys\n{NEW}load(sys)\n",
        id="beside other modules",
    ),
    pytest.param(
        "from app import new, old\nold.fetch(new)\n",
        f"from app import new\n{NEW}load(new)\n",
        id="beside names",
    ),
    pytest.param(
        f"{NEW}import app.old\nload(app.old.fetch(1))\n", f"{NEW}load(load(1))\n", id="there already"
    ),
    pytest.param(
        "def f():\n    import app.old\n    return app.old.fetch(1)\n",
        "def f():\n    from app.new import load\n    return load(1)\n",
        id="in a function",
    ),
    pytest.param(
        "try:\n    import app.old\nexcept ImportError:\n    raise\napp.old.fetch(1)\n",
        "try:\n    import app.old\n    from app.new import load\nexcept ImportError:\n    raise\nload(1)\n",
        id="in a try: the module stays",
    ),
    pytest.param(
        "import app.old\n__all__ = ['app']\napp.old.fetch(1)\n",
        f"import app.old\n{NEW}__all__ = ['app']\nload(1)\n",
        id="handed on: the module stays",
    ),
    pytest.param(
        "import app.old\n@app.old.fetch\ndef f(): ...\n", f"{NEW}@load\ndef f(): ...\n", id="decorator"
    ),
]


@pytest.mark.parametrize(("before", "after"), HITS)
def test_the_replacement_is_imported_by_itself(before: str, after: str) -> None:
    becomes(PLAN, TREE, before, after)


REFUSED = [
    pytest.param(
        "import app.old\nload = 1\napp.old.fetch(load)\n",
        "3: load already refers to something else here (line 2)",
        id="the name is taken",
    ),
    pytest.param(
        "import app.old\ndef f(load):\n    return app.old.fetch(load)\n",
        "3: load already refers to something else here (line 2)",
        id="the name is a parameter",
    ),
    pytest.param(
        "import app.old\n(app\n .old  # odd\n .fetch)(1)\n",
        "a comment would be lost",
        id="a comment inside",
    ),
    pytest.param(
        "import app.old\nx: 'app.old.fetch'\n",
        "2: it is accessed through app.old, which has no load",
        id="quoted",
    ),
    pytest.param(
        "try:\n    import app.old as o\nexcept ImportError:\n    o = None\no.fetch(1)\n",
        "5: it is accessed through app.old, which has no load",
        id="fallback",
    ),
    pytest.param("import app.old\napp.old.fetch = 1\n", "the name is assigned or deleted", id="assigned"),
    pytest.param(
        "import app.old\napp.old.fetch(1, 2)\n", "load takes 1 positional arguments, not 2", id="arguments"
    ),
]


@pytest.mark.parametrize(("before", "reason"), REFUSED)
def test_an_import_without_an_alternative_stays(before: str, reason: str) -> None:
    stays(PLAN, TREE, before, reason)


def test_a_module_that_another_file_takes_from_here_stays() -> None:
    tree = {**TREE, "app/late.py": "from app.use import old\nold.other\n"}
    before, after = "from app import old\nold.fetch(1)\n", f"from app import old\n{NEW}load(1)\n"
    becomes(PLAN, tree, before, after)


def test_names_of_a_listed_module_stay_because_the_rule_names_no_replacement_for_them() -> None:
    plan = plan_of("""
  - id: old
    kind: deprecated-symbol
    symbols: [app.old]
    replacement: {symbol: app.new.load}
""")
    code = "from app.old import other\nfrom app.old import fetch as get\nget(other)\n"
    stays(plan, TREE, code, "change it by hand")
