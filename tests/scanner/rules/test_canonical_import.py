"""A listed name has one module to be imported from."""

import pytest

from scanner.rules.base import Rule
from tests.scanner.rules.tools import Tree, check_hits, check_silent, find, make_rule


@pytest.fixture
def rule() -> Rule:
    return make_rule("canonical-import", names={"Context": "pkg.context", "Engine": "pkg.engines.core"})


@pytest.mark.parametrize(
    "tree",
    [
        "from pkg.legacy import Context  #! import\n",
        "from pkg import Context  #! import\n",
        "from pkg.context.sub import Context  #! import\n",
        "from pkg.legacy import Context as C  #! import\nC()\n",
        "from pkg.legacy import (\n    a,\n    Context,  #! import\n    Engine,  #! import\n)\n",
        "from pkg.legacy import (  # import (\n    a,  # import ) b\n    Context,  #! import\n)\n",
        "from pkg.legacy import a, \\\n    Context  #! import\n",
        "from pkg.legacy \\\n    import \\\n    (a, Context)  #! import\n",
        "from pkg.context import Context; from pkg.legacy import Context  #! import\n",
        "x = 'import'; from pkg.legacy import (\n    Context  #! import\n)\n",
        "def f():\n    from pkg.legacy import Context  #! import\n",
        "try:\n    from pkg.context import Context\nexcept E:\n    from old import Context  #! import\n",
        "if TYPE_CHECKING:\n    from third.party import Context  #! import\n",
        "from src.pkg.context import Context  #! import\n",
        "from context import Context  #! import\n",
        {"pkg/a.py": "from .legacy import Context  #! import\n"},
        {"pkg/context/__init__.py": "from .own import Engine  #! import\n"},
        {"pkg/engines/core.py": "from ..context2 import Context  #! import\n"},
    ],
)
def test_a_name_from_elsewhere_is_reported(rule: Rule, tree: Tree) -> None:
    check_hits(rule, tree)


@pytest.mark.parametrize(
    "tree",
    [
        "from pkg.context import Context\n",
        "from pkg.context import Context as C\n",
        "from pkg.engines.core import Engine, Other\n",
        "from pkg.legacy import Ctx as Context\n",
        "from pkg.legacy import *\nContext()\n",
        "import pkg.legacy\npkg.legacy.Context()\n",
        "import pkg.legacy as Context\n",
        "from pkg.Context import other\n",
        "from pkg.legacy import ContextManager\n",
        "# from pkg.legacy import Context\n'''from pkg.legacy import Context'''\n",
        {"pkg/a.py": "from .context import Context\n"},
        {"pkg/sub/a.py": "from ..context import Context\n"},
        {"pkg/__init__.py": "from .context import Context\n"},
        {"pkg/context/__init__.py": "from ._impl import Context\n"},
        {"pkg/context.py": "from pkg.legacy import Context\n"},
        {"a.py": "from ...pkg import Context\n"},
    ],
)
def test_other_imports_are_silent(rule: Rule, tree: Tree) -> None:
    check_silent(rule, tree)


def test_a_finding_says_where_the_name_belongs(rule: Rule) -> None:
    (hit,) = find(rule, "class A:\n    from .legacy import Context as C\n")["app/views.py"]
    assert (hit.symbol, hit.scope) == ("app.legacy.Context", "A")
    assert (hit.location.column, hit.location.end_column) == (25, 37)
    assert hit.message == "Import Context from pkg.context, its canonical module"
