"""Deprecated names that modules hand on: re-exports, star imports, `__all__`; chains that end elsewhere."""

import pytest

from scanner.rules.base import Rule
from tests.scanner.rules.tools import Tree, check_hits, check_silent, make_rule

OLD = "pkg.mod.old"


@pytest.fixture
def rule() -> Rule:
    return make_rule("deprecated-symbol", symbols=(OLD, "pkg.mod._shared", "pkg.mod.Old"), new="pkg.mod.new")


@pytest.mark.parametrize(
    "tree",
    [
        {
            "pkg/__init__.py": "from .mod import old  #! re-export\n",
            "a.py": "from pkg import old  #! import\nold()  #! stored-call\n".replace("stored-call", "call"),
        },
        {"a.py": "from pkg.mod import old as old  #! re-export\n"},
        {"a.py": "from pkg.mod import old  #! re-export\n__all__ = ['old']\ndef f(): old()  #! call\n"},
        {"a.py": "from pkg.mod import old  #! re-export\n__all__ = []\n__all__ += ['old']\n"},
        {
            "a.py": "from pkg.mod import old  #! re-export\n",
            "b.py": "from a import old  #! import\ndef f(): old()  #! call\n",
        },
        {
            "a.py": "from pkg.mod import old  #! re-export\n",
            "b.py": "import a\ndef f(): a.old()  #! call\n",
        },
        {
            "pkg/__init__.py": "from .mod import *  #! re-export\n__all__ = ['old']\n",
            "a.py": "from pkg import old  #! unused-import\n",
        },
        {
            "pkg/__init__.py": "from .mod import *  #! re-export\n",
            "a.py": "from pkg import old  #! import\ndef f(): old()  #! call\n",
        },
        {
            "a.py": "from pkg.mod import old as o  #! unused-import\n",
            "b.py": "from a import old\nold()\n",
        },
    ],
)
def test_a_name_that_is_handed_on_is_a_re_export(rule: Rule, tree: Tree) -> None:
    check_hits(rule, tree)


@pytest.mark.parametrize(
    "tree",
    [
        {"a.py": "from pkg.mod import *  #! import\ndef f(): old()  #! call\n"},
        {
            "pkg/mod.py": "def old(): ...  #! definition\n_shared = 1  #! definition\n",
            "a.py": "from pkg.mod import *  #! import\ndef f(): old()  #! call\n",
        },
        {
            "b.py": "from pkg.mod import *  #! re-export\n",
            "a.py": "from b import *  #! import\ndef f(): old()  #! call\n",
        },
        {
            "a.py": "from other import *\n"
            "from pkg.mod import *  #! import\ndef f(): return [old]  #! reference\n"
        },
    ],
)
def test_a_star_import_is_one_where_a_listed_name_is_used(rule: Rule, tree: Tree) -> None:
    check_hits(rule, tree)


@pytest.mark.parametrize(
    "tree",
    [
        {"a.py": "from pkg.mod import *\nfresh()\n"},
        {"pkg/__init__.py": "from .mod import *\n"},
        {"b.py": "def old(): ...\n", "a.py": "from b import *\nold()\n"},
        {"b.py": "from other import old\n", "a.py": "from b import old\nold()\n"},
        {"b.py": "__all__ = ['x']\nfrom pkg import fresh as old\n", "a.py": "import b\nb.old()\n"},
        {"b.py": "import a\nfrom a import old\n", "a.py": "from b import old\nold()\n"},
        {"b.py": "from a import *\n", "a.py": "from b import *\nfresh()\n"},
    ],
)
def test_chains_that_end_elsewhere_are_silent(rule: Rule, tree: Tree) -> None:
    check_silent(rule, tree)


def test_a_private_name_does_not_pass_a_star(rule: Rule) -> None:
    tree = {"pkg/__init__.py": "from .mod import *\n", "a.py": "from pkg import _shared\n_shared.x\n"}
    check_silent(rule, tree)


def test_all_stops_a_star(rule: Rule) -> None:
    tree = {
        "pkg/mod.py": "__all__ = ['fresh']\ndef old(): ...  #! definition\n",
        "pkg/__init__.py": "from .mod import *\n",
        "a.py": "from pkg import old\nold()\n",
    }
    check_hits(rule, tree)
