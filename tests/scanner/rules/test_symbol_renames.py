"""Listed names that modules hand on under other names, and submodules that imports bind on their packages."""

import pytest

from scanner.rules.base import Rule
from tests.scanner.rules.tools import Tree, check_hits, check_silent, make_rule

RENAMED: dict[str, Tree] = {
    "by a package": {
        "pkg/public.py": "from pkg.mod import old  #! re-export\n",
        "pkg/compat/__init__.py": "from ..public import old as obtain  #! re-export\n",
        "a.py": "from pkg.compat import obtain  #! import\ndef f(): return obtain()  #! call\n",
    },
    "twice": {
        "b.py": "from pkg.mod import old as obtain  #! re-export\n",
        "c.py": "from b import obtain as fetch  #! re-export\n",
        "d.py": "from c import fetch as get  #! import\ndef f(): return get()  #! call\n",
    },
    "through the module": {
        "b.py": "from pkg.mod import old as obtain  #! re-export\n",
        "c.py": "import b\ndef f(): return b.obtain()  #! call\n",
        "d.py": "import b as m\nf(m.obtain)  #! reference\n",
    },
    "through a module's new name": {
        "p/__init__.py": "from . import b as helpers\n",
        "p/b.py": "from pkg.mod import old as obtain  #! re-export\n",
        "c.py": "from p import helpers\ndef f(): return helpers.obtain()  #! call\n",
    },
    "through a star": {
        "b.py": "from pkg.mod import old as obtain  #! re-export\n",
        "c.py": "from b import *  #! import\ndef f(): return obtain()  #! call\n",
    },
    "through two stars": {
        "b.py": "from pkg.mod import old as obtain  #! re-export\n",
        "c.py": "from b import *  #! re-export\n",
        "d.py": "from c import *  #! import\ndef f(): return obtain()  #! call\n",
    },
    "through a star and a new name": {
        "b.py": "from pkg.mod import old as obtain  #! re-export\n",
        "c.py": "from b import *  #! re-export\n",
        "d.py": "from c import obtain as fetch  #! import\ndef f(): return fetch()  #! call\n",
    },
    "in the list of names": {
        "b.py": "from pkg.mod import old as obtain  #! re-export\n__all__ = ['obtain']\n",
        "c.py": "from b import *  #! re-export\n__all__ = ['obtain']\n",
        "d.py": "from c import obtain  #! import\ndef f(): return obtain()  #! call\n",
    },
    "and used where it is handed on": {
        "b.py": "from pkg.mod import old as obtain  #! import\ndef f(): return obtain()  #! call\n",
        "c.py": "from b import obtain  #! import\ndef f(): return obtain()  #! call\n",
    },
    "relative": {
        "p/__init__.py": "",
        "p/b.py": "from pkg.mod import old as obtain  #! re-export\n",
        "p/q/__init__.py": "from ..b import obtain  #! re-export\n",
        "p/q/c.py": "from . import obtain  #! import\ndef f(): return obtain()  #! call\n",
    },
    "in a cycle": {
        "b.py": "from pkg.mod import old as obtain  #! re-export\nfrom c import fetch  #! re-export\n",
        "c.py": "from b import obtain as fetch  #! import\nfrom b import fetch as get  #! import\n"
        "def f(): fetch(), get()  #! call call\n",
    },
    "in a function": {
        "b.py": "from pkg.mod import old as obtain  #! re-export\n",
        "c.py": "def f():\n    from b import obtain  #! import\n    return obtain()  #! call\n",
    },
    "under a condition": {
        "b.py": "try:\n    from pkg.mod import old as obtain  #! re-export\nexcept ImportError:\n"
        "    obtain = None\n",
        "c.py": "from b import obtain  #! import\ndef f(): return obtain()  #! call\n",
    },
    "to a name of the plan": {
        "b.py": "from pkg.mod import old as Old  #! re-export\n",
        "c.py": "from b import Old  #! import\ndef f(): return Old()  #! call\n",
    },
    "and stored": {
        "b.py": "from pkg.mod import old as obtain  #! re-export\n",
        "c.py": "from b import obtain  #! import\nclass A:\n"
        "    def f(self): self.x = obtain()  #! stored-call\n",
    },
    "and imported for nothing": {
        "b.py": "from pkg.mod import old as obtain  #! re-export\n",
        "c.py": "from b import obtain  #! unused-import\n",
    },
    "in a text": {
        "b.py": "from pkg.mod import old as obtain  #! unused-import\n",
        "c.py": "import b\npatch('b.obtain')  #! string\n",
    },
    "in a quoted annotation": {
        "b.py": "from pkg.mod import Old as New  #! re-export\n",
        "c.py": "from b import New  #! import\ndef f(x: 'New'): ...  #! reference\n",
    },
    "in a file that does not parse": {
        "b.py": "from pkg.mod import old as obtain  #! re-export\n",
        "c.py": "from b import obtain  #! import\nprint obtain()  #! call\n",
    },
}
OTHER: dict[str, Tree] = {
    "of another module": {
        "b.py": "from other import old as obtain\n",
        "c.py": "from b import obtain\nobtain()\n",
    },
    "a namesake": {
        "b.py": "from other import thing as obtain\n",
        "c.py": "from b import obtain\nobtain()\n",
    },
    "a module of the tree": {"b.py": "def helpers(): ...\n", "c.py": "import b\nb.helpers.old()\n"},
    "a module from outside": {"c.py": "from numpy import helpers\nhelpers.old()\n"},
    "a cycle without an end": {
        "b.py": "from c import old as fetch\n",
        "c.py": "from b import fetch as old\nold()\n",
    },
    "an attribute of something": {"b.py": "x.obtain()\n", "c.py": "self.obtain()\n"},
}
LEFT_OUT: dict[str, Tree] = {
    "not in the list of names": {
        "b.py": "from pkg.mod import old as obtain  #! unused-import\n__all__ = ['other']\n",
        "c.py": "from b import *\nobtain()\n",
    },
    "private": {
        "b.py": "from pkg.mod import old as _obtain  #! unused-import\n",
        "c.py": "from b import *\n_obtain()\n",
    },
    "defined by the importer": {
        "b.py": "from pkg.mod import old as obtain  #! unused-import\n",
        "c.py": "def obtain(): ...\nobtain()\nimport b\n",
    },
    "in a function of the module": {
        "b.py": "def f():\n    from pkg.mod import old as obtain  #! import\n"
        "    return obtain  #! reference\n",
        "c.py": "from b import obtain\nobtain()\n",
    },
    "an attribute of an object": {
        "b.py": "from pkg.mod import old as obtain  #! unused-import\n",
        "c.py": "import b\nx.obtain()\n",
    },
}
PACKAGES: dict[str, Tree] = {
    "by an import from it": {"pkg/__init__.py": "from .mod import x\ndef f(): mod.old()  #! call\n"},
    "by an absolute import": {"pkg/__init__.py": "from pkg.mod import x\nmod.old()  #! call\n"},
    "by an import as": {"pkg/__init__.py": "import pkg.mod as m\nm.old(), mod.old()  #! call call\n"},
    "by an import of it": {"pkg/__init__.py": "import pkg.mod\npkg.mod.old(), mod.old()  #! call call\n"},
    "in a function": {"pkg/__init__.py": "def f():\n    from . import mod\ndef g(): mod.old()  #! call\n"},
    "by another module": {"pkg/__init__.py": "def f(): mod.old()  #! call\n", "a.py": "import pkg.mod\n"},
    "by its name": {"pkg/__init__.py": "from . import mod\nmod.old()  #! call\n"},
    "below a package": {
        "pkg/__init__.py": "",
        "pkg/sub/__init__.py": "from ..mod import x\nfrom .. import mod\nmod.old()  #! call\n",
    },
    "a package in between": {"a/__init__.py": "import pkg.mod.x\nimport pkg\npkg.mod.old()  #! call\n"},
    "imported elsewhere": {
        "a.py": "import pkg\ndef f(): return pkg.mod.old()  #! call\n",
        "b.py": "import pkg.mod\n",
    },
    "under a new name": {
        "pkg/__init__.py": "from . import mod as helpers\n",
        "a.py": "from pkg import helpers\ndef f(): helpers.old()  #! call\n",
        "b.py": "import pkg\ndef f(): pkg.helpers.old()  #! call\n",
    },
    "under two new names": {
        "pkg/__init__.py": "from .sub import two as one\n",
        "pkg/sub/__init__.py": "from .. import mod as two\n",
        "a.py": "from pkg import one as h\ndef f(): h.old()  #! call\n",
    },
    "of a module's import": {
        "pkg/helpers.py": "from pkg import mod\n",
        "a.py": "from pkg import helpers\ndef f(): helpers.mod.old()  #! call\n",
    },
    "a local import binds the package": {
        "a.py": "import pkg.mod\ndef f():\n    import pkg.plugins\n    return pkg.mod.old()  #! call\n"
    },
}
OTHER_SUBMODULES: dict[str, Tree] = {
    "a name from it": {"pkg/__init__.py": "from .mod import mod\nmod.old()\n"},
    "an own value": {"pkg/__init__.py": "from .sub import x\nsub = object()\nsub.mod.old()\n"},
    "a local": {"pkg/__init__.py": "from .mod import x\ndef f(mod): mod.old()\n"},
    "in a module": {"pkg/a.py": "from .mod import x\nmod.old()\n"},
    "of another package": {"app/__init__.py": "from .mod import x\nmod.old()\n"},
    "a deeper module": {"pkg/__init__.py": "from .sub.mod import x\nsub.old()\nmod2.old()\n"},
    "a builtin": {"pkg/__init__.py": "from .mod import x\nstr.old()\n"},
}


def _rule() -> Rule:
    return make_rule("deprecated-symbol", symbols=("pkg.mod.old", "pkg.mod.Old"))


@pytest.mark.parametrize("tree", RENAMED.values(), ids=RENAMED)
def test_a_name_is_followed_through_its_new_names(tree: Tree) -> None:
    check_hits(_rule(), tree)


@pytest.mark.parametrize("tree", OTHER.values(), ids=OTHER)
def test_names_that_lead_elsewhere_are_silent(tree: Tree) -> None:
    check_silent(_rule(), tree)


@pytest.mark.parametrize("tree", LEFT_OUT.values(), ids=LEFT_OUT)
def test_what_is_not_handed_on_is_not_used_elsewhere(tree: Tree) -> None:
    check_hits(_rule(), tree)


@pytest.mark.parametrize("tree", PACKAGES.values(), ids=PACKAGES)
def test_an_import_binds_a_submodule_on_its_package(tree: Tree) -> None:
    check_hits(_rule(), tree)


@pytest.mark.parametrize("tree", OTHER_SUBMODULES.values(), ids=OTHER_SUBMODULES)
def test_what_hides_a_submodule_is_silent(tree: Tree) -> None:
    check_silent(_rule(), tree)


@pytest.mark.parametrize(
    "tree",
    [
        {
            "a.py": "from pkg.mod import old  #! re-export\n",
            "b.py": "from a import *  #! import\nf(old)  #! reference\n",
        },
        {
            "a.py": "from pkg.mod import old  #! re-export\n",
            "b.py": "from a import *  #! re-export\n",
            "c.py": "import b\nf(b.old)  #! reference\n",
        },
        {"a.py": "from pkg.mod import old  #! unused-import\n", "b.py": "from a import *\nfresh()\n"},
        {"a.py": "from pkg.mod import old  #! unused-import\n", "b.py": "import a\na.fresh()\n"},
        {
            "a.py": "from pkg.mod import old  #! re-export\n",
            "b.py": "def f():\n    import a\n    a.old()  #! call\n",
        },
        {"a.py": "import pkg.mod, pkg\n", "b.py": "import pkg\nf(pkg.mod.old)  #! reference\n"},
    ],
)
def test_an_import_that_another_module_needs_is_a_re_export(tree: Tree) -> None:
    check_hits(_rule(), tree)


def test_calls_without_an_argument_are_followed_through_new_names() -> None:
    rule = make_rule("missing-argument", callables=("pkg.mod.old",), argument="user")
    check_hits(
        rule,
        {
            "b.py": "from pkg.mod import old as obtain\nobtain(user=1)\nobtain()  #! absent\n",
            "c.py": "from b import obtain as fetch\nfetch()  #! absent\nfetch(user=None)  #! none\n",
            "d.py": "import c\nc.fetch(1)  #! absent\nc.fetch(user=1)\nx.fetch()\n",
        },
    )
