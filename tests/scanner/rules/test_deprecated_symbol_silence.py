"""The same spelling as a listed name, and another meaning."""

import pytest

from tests.scanner.rules.tools import check_silent, make_rule

OTHER_BINDINGS = {
    "imported from elsewhere": "from other import old  #? import\nold()  #? call\n",
    "imported from a sister": "from pkg.other import old  #? import\nold()  #? call\n",
    "imported in the function": "def f():\n    from other import old  #? import\n    return old()\n",
    "a module of that name": "import old\nold.run()\n",
    "an alias of that name": "import a.thing as old\nold()\n",
    "an own function": "def old(): ...  #? definition\nold()  #? call\n",
    "an own function inside": "def f():\n    def old(): ...\n    return old()\n",
    "an own class": "class old: ...  #? definition\nold()  #? call\n",
    "a variable": "old = 1  #? definition\nprint(old)  #? reference\n",
    "a global set by a function": "def f():\n    global old\n    old = 1\n",
    "a parameter": "def f(old): return old()\n",
    "positional rest": "def f(*old): return old  #? reference\n",
    "keyword rest": "def f(**old): return old\n",
    "keyword only": "def f(a, *, old=None): return old\n",
    "of an async function": "async def f(old): await old()\n",
    "of a lambda": "f = lambda old: old()\n",
    "of a comprehension": "x = [old() for old in y]\n",
    "of a dictionary comprehension": "x = {old: 1 for old in y}\n",
    "of a generator": "x = (old for old in y)\n",
    "of a loop": "for old in y:\n    old()\n",
    "of an async loop": "async def f():\n    async for old in y:\n        old()\n",
    "of a with": "with open(p) as old:\n    old.read()\n",
    "of an except": "try:\n    pass\nexcept E as old:\n    raise old\n",
    "of a walrus": "if (old := f()):\n    old()\n",
    "of a tuple": "a, (old, b) = c\nold()\n",
    "of a star": "a, *old = c\nold\n",
    "of a pattern": "match x:\n    case old:\n        print(old)\n",
    "of a mapping pattern": "match x:\n    case {'a': old}:\n        old()\n",
    "of a star pattern": "match x:\n    case [*old]:\n        print(old)\n",
    "of an as pattern": "match x:\n    case [1] as old:\n        print(old)\n",
    "a type alias": "type old = int\nx: old  #? reference\n",
    "a type parameter": "def f[old](x: old): ...\n",
}
OTHER_PLACES = {
    "a method": "class A:\n    def old(self): ...  #? definition\nA().old()\n",
    "an attribute of self": "class A:\n    old = 1  #? definition\n    def f(self): return self.old\n",
    "an attribute of something": "x.old()\n",
    "set on something": "x.old = 1\n",
    "deleted from something": "del x.old\n",
    "a decorator of something": "@x.old\ndef f(): ...\n",
    "in an f-string": "print(f'{x.old}')\n",
    "a keyword": "f(old=1)\n",
    "a keyword of a class": "class A(B, old=1): ...\n",
    "a key": "x['old'] = {'old': 1}\n",
    "a string": "x = 'old'  #? string\n",
    "a text": "'''old()'''\n",
    "a comment": "x = 1  # old()\n",
    "bytes": "x = b'pkg.mod.old'\n",
    "a string with fields": "x = f'{pkg}.mod.old'  #? string\n",
    "a string of another module": "x = 'other.mod.old'  #? string\n",
    "a string with more behind": "x = 'pkg.mod.older'  #? string\n",
    "dynamic": "import pkg.mod as m\ngetattr(m, 'old')\n",
    "a quoted annotation of another": "x: 'other.old'\n",
}
STORED = {
    "of an import": "from b import old\nclass A:\n    def f(self): self.x = old()  #? stored-call\n",
    "of a parameter": "class A:\n    def __init__(self, old): self.x = old()  #? stored-call\n",
    "of something's method": "class A:\n    def __init__(self, b): self.x = b.old()  #? stored-call\n",
    "at the top": "from other import old\nx = old()  #? stored-call\n",
}
OTHER_EXPORTS = {
    "a namesake": "from other import old as old  #? re-export\n",
    "a namesake in the list of names": "from .other import old\n__all__ = ['old']  #? re-export\n",
    "another name of the module": "from .mod import fresh\n__all__ = ['fresh']  #? re-export\n",
    "an own function": "__all__ = ['old']  #? re-export\ndef old(): ...\n",
}
OTHER_NAMES = {
    "another name, imported for nothing": "from pkg.mod import fresh  #? unused-import\n",
    "a namesake, imported for nothing": "from pkg.other import old  #? unused-import\n",
    "the module, imported for nothing": "import pkg.mod as old  #? unused-import\n",
    "only the module": "import pkg.mod\n",
    "only the module, from its package": "from pkg import mod\n",
    "another name": "from pkg.mod import fresh\nfresh()\n",
    "a longer name": "from pkg.mod import older\nolder()\n",
    "a longer name by its path": "import pkg.mod\npkg.mod.older()\n",
    "a member of another name": "import pkg.mod\npkg.mod.fresh.old()\n",
    "of the package": "import pkg\npkg.old()\n",
    "of a module below": "import pkg.mod.sub\npkg.mod.sub.old()\n",
    "of another module under that alias": "import pkg.other as mod\nmod.old()\n",
    "of another module under that name": "from pkg import other as mod\nmod.old()\n",
    "relative, elsewhere": "from .mod import old\nold()\n",
    "another case": "from pkg.mod import OLD\nOLD()\n",
}


@pytest.mark.parametrize("code", OTHER_BINDINGS.values(), ids=OTHER_BINDINGS)
def test_a_name_that_is_bound_to_something_else_is_silent(code: str) -> None:
    check_silent(make_rule("deprecated-symbol", symbols=("pkg.mod.old",)), code)


@pytest.mark.parametrize("code", OTHER_PLACES.values(), ids=OTHER_PLACES)
def test_a_word_that_is_no_name_is_silent(code: str) -> None:
    check_silent(make_rule("deprecated-symbol", symbols=("pkg.mod.old",)), code)


@pytest.mark.parametrize("code", STORED.values(), ids=STORED)
def test_storing_another_object_is_silent(code: str) -> None:
    check_silent(make_rule("deprecated-symbol", symbols=("pkg.mod.old",)), code)


@pytest.mark.parametrize("code", OTHER_EXPORTS.values(), ids=OTHER_EXPORTS)
def test_a_package_that_hands_on_something_else_is_silent(code: str) -> None:
    check_silent(make_rule("deprecated-symbol", symbols=("pkg.mod.old",)), {"pkg/__init__.py": code})


@pytest.mark.parametrize("code", OTHER_NAMES.values(), ids=OTHER_NAMES)
def test_another_name_is_silent(code: str) -> None:
    check_silent(make_rule("deprecated-symbol", symbols=("pkg.mod.old",)), code)
