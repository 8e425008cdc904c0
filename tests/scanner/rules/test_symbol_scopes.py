"""Which names a scope binds: type parameters, class bodies, `global`, `del`, targets, quoted types, NFKC."""

import pytest

from tests.scanner.rules.tools import Tree, check_hits, check_silent, make_rule

FROM = "from pkg.mod import old  #! import\n"
UNUSED = "from pkg.mod import old  #! unused-import\n"
MOD = "import pkg.mod as mod\n"
TYPE_PARAMETERS = {
    "a parameter and the result": UNUSED + "def first[old](xs: list[old]) -> old: ...\n",
    "the body": UNUSED + "def f[old]():\n    return old()\n",
    "a bound of another": UNUSED + "def f[old, T: list[old]](x: T): ...\n",
    "base classes": UNUSED + "class B[old](Base[old], key=old): ...\n",
    "a class body": UNUSED + "class B[old]:\n    x: old\n    def f(self, y: old) -> old: return old\n",
    "an alias": UNUSED + "type P[old] = dict[str, old]\n",
    "an alias on two lines": UNUSED + "type P \\\n[old] = dict[str, old]\n",
    "an alias with a bound": UNUSED + "type P[old: int] = dict[str, old]\n",
    "several": UNUSED + "def f[*old, **P](*x: *old): ...\ndef g[**old](x: Callable[old, int]): ...\n",
    "a default of another": UNUSED + "class B[old, T = list[old]]: ...\n",
    "a nested function": UNUSED + "def f[old]():\n    def g(x: old) -> old: ...\n    return g\n",
    "a bound is outside its own name": FROM + "def f[T: old](x: T): ...  #! reference\n",
    "a constraint": FROM + "class B[T: (old, int)]: ...  #! reference\n",
    "a default": FROM + "class B[T = old]: ...  #! reference\n",
    "a default of several": FROM + "class B[*Ts = *tuple[old]]: ...  #! reference\n",
    "a default of parameters": FROM + "type P[**Q = [old]] = Callable[Q, int]  #! reference\n",
    "a default after a bound": FROM + "def f[T: int = old](x: T): ...  #! reference\n",
    "a parameter's default is outside": FROM + "def f[old](x: old = old()): ...  #! stored-call\n",
    "a decorator is outside": FROM + "@old  #! reference\ndef f[old](x: old): ...\n",
    "behind the function": FROM + "def f[old](x: old): ...\nold()  #! call\n",
    "behind the alias": FROM + "type P[old] = list[old]\nx: old  #! reference\n",
    "the name of an alias": "type old[T] = list[T]\nx: old\nfrom pkg.mod import Old  #! unused-import\n",
    "self in a generic class": FROM + "class B[T]:\n    def f(self): self.x = old()  #! stored-call\n",
    "a class's own name in an annotation": UNUSED
    + "class B:\n    class old: ...\n    def f[T](self, x: old): ...\n",
    "an alias in a class": FROM + "class B:\n    type P[T] = dict[T, old]  #! reference\n",
}
CLASS_SCOPES = {
    "an import is an attribute": "class A:\n    from pkg.mod import old as h  #! import\n"
    "    def run(self): return type(self).h()\n",
    "an import in an inner class": "class A:\n    class B:\n        from pkg.mod import old  #! import\n",
    "an import under a condition": "class A:\n    if x:\n        from pkg.mod import old  #! import\n",
    "an import for a method": "class A:\n    from pkg.mod import old  #! import\n"
    "    def f(self): self.old()\n",
    "an import of a method is its own": "class A:\n    def f(self):\n"
    "        from pkg.mod import old  #! unused-import\n",
    "an import used in the body": "class A:\n    from pkg.mod import old  #! import\n"
    "    x = old()  #! stored-call\n",
    "methods do not see it": UNUSED
    + "class A:\n    old = 1\n    x = old\n    y = [old for _ in old]\n".replace(
        "y = [old for _ in old]", "y = 1"
    ),
    "a comprehension does not see it": FROM
    + "class A:\n    old = 1\n    x = [old for _ in y]  #! reference\n",
    "its first iterable does": UNUSED + "class A:\n    old = 1\n    x = [y for y in old]\n",
    "its second iterable does not": FROM
    + "class A:\n    old = 1\n    x = [y for z in w for y in old]  #! reference\n",
    "its condition does not": FROM + "class A:\n    old = 1\n    x = [y for y in w if old]  #! reference\n",
    "a lambda does not see it": FROM + "class A:\n    old = 1\n    x = lambda: old()  #! call\n",
    "a default does": UNUSED + "class A:\n    old = 1\n    def f(self, x=old): ...\n",
    "before it is bound": FROM + "class A:\n    x = old  #! reference\n    old = 1\n",
}
BINDING_OPERATIONS = {
    "del at the top": FROM + "del old  #! reference\n",
    "del among others": FROM + "del x, (old), y  #! reference\n",
    "del of an attribute": MOD + "del mod.old  #! reference\n",
    "del of an item": FROM + "del old[0]  #! reference\n",
    "del in a class": "class A:\n    from pkg.mod import old  #! import\n    del old  #! reference\n",
    "del makes a local": UNUSED + "def f():\n    del old\n",
    "del of a global": FROM + "def f():\n    global old\n    del old  #! reference\n",
    "del of an own name": "def f(old):\n    del old\n" + UNUSED,
    "an augmented assignment reads": FROM + "old += 1  #! reference\n",
    "an augmented global": FROM + "def f():\n    global old\n    old |= 1  #! reference\n",
    "an augmented local": UNUSED + "def f():\n    old = 1\n    old += 1\n",
    "a global import": "def s():\n    global old\n    from pkg.mod import old  #! import\n"
    "def run(): return old()  #! call\n",
    "a nonlocal of an outer function": "def a():\n    from pkg.mod import old  #! import\n    def b():\n"
    "        def c():\n            nonlocal old\n            old = 1\n        old()  #! call\n    return b\n",
    "a nonlocal import": "def a():\n    f = None\n    def b():\n        nonlocal f\n"
    "        from pkg.mod import old as f  #! import\n    return f  #! reference\n",
}
TARGETS = {
    "for": MOD + "for mod.old in x: ...  #! reference\n",
    "for among others": MOD + "for i, (mod.old, j) in x: ...  #! reference\n",
    "async for": MOD + "async def f():\n    async for mod.old in x: ...  #! reference\n",
    "a comprehension": MOD + "y = [1 for mod.old in x]  #! reference\n",
    "with": MOD + "with x as mod.old: ...  #! reference\n",
    "with in brackets": MOD + "with (a as b, x as mod.old[0]): ...  #! reference\n",
    "an item": FROM + "for old[0] in x: ...  #! reference\n",
    "an item of with": FROM + "with x as old['k']: ...  #! reference\n",
    "a walrus in a comprehension": UNUSED + "def f():\n    [old := i for i in x]\n    return old\n",
    "a walrus in a condition": UNUSED + "def f():\n    if (old := g()):\n        return old\n",
    "a group of exceptions": UNUSED + "def f():\n    try: ...\n    except* E as old:\n        print(old)\n",
    "a star": UNUSED + "def f():\n    a, *old = x\n    return old\n",
    "with two names": UNUSED + "def f():\n    with (a as b, c as (old, d)):\n        return old\n",
    "a capture": UNUSED
    + "def f():\n    match x:\n        case {'a': [old, *_]} | (old, _):\n            return old\n",
    "an import": UNUSED + "def f():\n    import a.b as old\n    return old.x\n",
    "an annotated name": UNUSED + "def f():\n    old: int\n    return old\n",
}
QUOTED = {
    "the first of Annotated": FROM + "x: Annotated['old', 1]  #! reference\n",
    "metadata of Annotated": UNUSED + "x: Annotated[int, 'old']\n",
    "metadata under another name": UNUSED + "from typing import Annotated as A\nx: A[int, 'old']\n",
    "metadata in a parameter": UNUSED + "def f(x: t.Annotated[int, 'a', 'old']): ...\n",
    "metadata in brackets": UNUSED + "x: list[Annotated[int, ('old', 1)]]\n",
    "nested in Annotated": FROM + "x: Annotated[list['old'], 'a']  #! reference\n",
    "Literal": UNUSED + "x: Literal['old']\ny: list[t.Literal['a', 'old']]\n",
    "Literal under another name": UNUSED + "from typing import Literal as L\nx: L['old']\n",
    "a bound": FROM + "T = TypeVar('T', bound='old')  #! reference\n",
    "a constraint": FROM + "T = typing.TypeVar('T', 'old', 'int')  #! reference\n",
    "a default": FROM + "T = TypeVar('T', default='old')  #! reference\n",
    "the name of a variable": UNUSED + "T = TypeVar('old', bound='int')\nP = ParamSpec('old')\n",
    "a new type": FROM + "N = NewType('N', 'old')  #! reference\n",
    "the name of a new type": UNUSED + "N = NewType('old', int)\n",
    "a cast": FROM + "x = cast('list[old]', y)  #! reference\n",
    "a declared alias": FROM + "import typing as t\nL: t.TypeAlias = 'list[old] | None'  #! reference\n",
    "a declared alias of a text": UNUSED + "L: TypeAlias = Literal['old']\nM: str = 'old'\n",
    "an asserted type": FROM + "assert_type(x, 'old')  #! reference\n",
    "a cast by keyword": FROM + "x = cast(val='old', typ='old')  #! reference\n",
    "the value of a cast": UNUSED + "x = cast(str, 'old')\n",
    "an alias of a generic type": FROM + "from typing import List\nL = List['old']  #! reference\n",
    "an alias of a builtin": FROM + "L = dict[str, 'old']  #! reference\n",
    "a generic base": FROM + "import typing as t\nclass A(t.Generic['old']): ...  #! reference\n",
    "an item": UNUSED + "x = d['old']\ny = d.list['old']\n",
    "an item of a variable": UNUSED + "list = {}\nx = list['old']\n",
    "a field of a named tuple": FROM + "N = NamedTuple('N', [('a', 'old')])  #! reference\n",
    "a field of a named tuple in tuples": FROM
    + "N = t.NamedTuple('N', (('a', 'list[old]'),))  #! reference\n",
    "a field in brackets": FROM
    + "from typing import List\nN = NamedTuple('N', [('a', List['old'])])  #! reference\n",
    "fields by keyword": FROM + "N = NamedTuple('N', fields=[('a', 'old')])  #! reference\n",
    "fields over lines": FROM
    + "N = NamedTuple(\n    'N',\n    [  # those\n        ('b', int),\n        ('a',  # one\n"
    + "         'old'),  #! reference\n    ],\n)\n",
    "a field of a typed dictionary": FROM + "D = TypedDict('D', {'a': 'old'}, total=False)  #! reference\n",
    "a required field": FROM
    + "from typing import Required\nD = TypedDict('D', {'a': Required['old']})  #! reference\n",
    "a field of a data class": FROM + "D = make_dataclass('D', [('a', 'old', 1)])  #! reference\n",
    "names of fields": UNUSED
    + "N = NamedTuple('old', [('old', int)])\nD = TypedDict('old', {'old': int})\n"
    + "C = make_dataclass('old', [('old', int), 'old'])\n",
    "a default of a field": UNUSED + "D = make_dataclass('D', [('a', str, 'old')])\n",
    "names of an untyped tuple": UNUSED
    + "N = namedtuple('N', [('a', 'old')])\nM = namedtuple('M', 'a old')\n",
    "pairs in another argument": UNUSED + "f('N', [('a', 'old')])\nd = dict({'a': 'old'})\n",
    "bases of a data class": UNUSED + "C = make_dataclass('C', [], namespace={'a': 'old'})\n",
    "a nested call": UNUSED + "N = NamedTuple('N', [('a', f('old'))])\n",
    "an ordinary argument": UNUSED + "f('old', bound='old')\n",
}
SPELLINGS = {
    "an alias": "from pkg.mod import old as \ufb01ne  #! import\nfine()  #! call\n",
    "a use": "from pkg.mod import old as fine  #! import\n\ufb01ne()  #! call\n",
    "wide letters": "from pkg.mod import \uff4f\uff4c\uff44  #! import\nold()  #! call\n",
    "wide letters in a use": FROM + "\uff4fld()  #! call\n",
    "an attribute": "import pkg.mod\npkg.mod.\uff4fld()  #! call\n",
    "a module": "from pkg import \uff4dod\nmod.old()  #! call\n",
    "both forms": "from pkg.mod import old as \u00e9  #! import\ne\u0301()  #! call\n",
    "a string is not normalised": UNUSED + "getattr(x, '\uff4fld')\n",
    "a local": UNUSED + "def f(\uff4fld): return old()\n",
}


def _check(code: Tree) -> None:
    check_hits(make_rule("deprecated-symbol", symbols=("pkg.mod.old", "pkg.mod.Old")), code)


@pytest.mark.parametrize("code", TYPE_PARAMETERS.values(), ids=TYPE_PARAMETERS)
def test_type_parameters_have_a_scope_of_their_own(code: str) -> None:
    _check(code)


@pytest.mark.parametrize("code", CLASS_SCOPES.values(), ids=CLASS_SCOPES)
def test_a_class_body_is_a_scope(code: str) -> None:
    _check(code)


@pytest.mark.parametrize("code", BINDING_OPERATIONS.values(), ids=BINDING_OPERATIONS)
def test_statements_that_bind_or_delete(code: str) -> None:
    _check(code)


@pytest.mark.parametrize("code", TARGETS.values(), ids=TARGETS)
def test_targets_bind_names_and_use_attributes(code: str) -> None:
    _check(code)


@pytest.mark.parametrize("code", QUOTED.values(), ids=QUOTED)
def test_a_quoted_type_is_a_use_and_a_text_is_none(code: str) -> None:
    _check(code)


@pytest.mark.parametrize("code", SPELLINGS.values(), ids=SPELLINGS)
def test_identifiers_are_compared_in_normal_form(code: str) -> None:
    _check(code)


def test_a_listed_builtin_is_found_by_its_bare_name() -> None:
    rule = make_rule("deprecated-symbol", symbols=("builtins.input", "pkg.mod.open"))
    check_hits(rule, "x = input()  #! stored-call\nprint(input)  #! reference\nopen(x)\n")
    check_hits(rule, "import builtins\nbuiltins.input()  #! call\n")
    check_hits(rule, "from builtins import input as ask  #! import\nask()  #! call\n")
    check_hits(rule, "def f():\n    return [input() for _ in x]  #! call\n")
    check_silent(rule, "def input(): ...\ninput()\n")
    check_silent(rule, "def f(input): return input()\nself.input()\n")


def test_a_builtin_of_python_2_is_no_use_of_another_name() -> None:
    """Old commits call `unichr` without an import, where it has nothing to do with `six.unichr`."""
    rule = make_rule("deprecated-symbol", symbols=("six.unichr", "six.print_", "__builtin__.long"))
    check_silent(rule, "import re\n\ndef f(m):\n    return unichr(int(m))\n")
    check_hits(rule, "from six import unichr  #! import\nunichr(1)  #! call\n")
    check_hits(rule, "print_(1)  #! call\nlong(1)  #! call\n")


def test_other_kinds_compare_identifiers_in_normal_form() -> None:
    check_hits(
        make_rule("canonical-import", names={"Context": "pkg.context"}),
        "from a import \uff23ontext  #! import\n",
    )
    rule = make_rule("missing-argument", callables=(".create_agent",), argument="user")
    check_hits(rule, "f.\uff43reate_agent(1)  #! absent\n")


BRANCHES = {
    "both branches": "if x:\n    old = 1  #! definition\nelse:\n    old = 2  #! reference\n",
    "a function and a value": "if x:\n    def old(): ...  #! definition\nelse:\n"
    "    old = None  #! reference\n",
}


@pytest.mark.parametrize("code", BRANCHES.values(), ids=BRANCHES)
def test_a_global_that_both_branches_assign_has_one_definition(code: str) -> None:
    _check({"pkg/mod.py": code})


RECEIVERS = {
    "a class method": "    @classmethod\n    def f(cls):\n        return cls.make()  #! call\n",
    "a method": "    def f(self):\n        return self.make()  #! call\n",
    "a decorated method": "    @cached\n    def f(self):\n        return self.make()  #! call\n",
    "a static method": "    @staticmethod\n    def f(cls):\n        return cls.make()\n",
    "the second parameter": "    def f(self, other):\n        return other.make()\n",
    "a function inside a method": "    def f(self):\n        def g(it):\n            return it.make()\n",
}


@pytest.mark.parametrize("method", RECEIVERS.values(), ids=RECEIVERS)
def test_the_first_parameter_of_a_method_is_its_class_unless_it_is_static(method: str) -> None:
    rule = make_rule("deprecated-symbol", symbols=("app.a.A.make",))
    check_hits(rule, {"app/a.py": f"class A:\n    def make(self): ...  #! definition\n\n{method}"})


NESTED = "from lib import Old  #! import\nimport typing as t\n"
IN_QUOTES = {
    "a type in a generic": "x: \"dict[str, 'Old']\"  #! reference\n",
    "the argument of one": "x: \"t.Dict[str, 't.List[Old]']\"  #! reference\n",
    "beside a literal": "x: \"t.Literal['Old'] | 'Old'\"  #! reference\n",
    "the first argument of Annotated": "x: \"t.Annotated['Old', 'Old']\"  #! reference\n",
    "metadata of Annotated": "x: \"t.Annotated['int', Old]\"  #! reference\n",
    "an alternative": "x: \"'Old' | None\"  #! reference\n",
}


@pytest.mark.parametrize("code", IN_QUOTES.values(), ids=IN_QUOTES)
def test_a_quoted_type_inside_a_quoted_type_is_found(code: str) -> None:
    check_hits(make_rule("deprecated-symbol", symbols=("lib.Old",)), NESTED + code)


def test_a_quoted_text_inside_a_quoted_type_is_none() -> None:
    code = "from lib import Old  #! unused-import\nimport typing as t\nx: \"t.Literal['Old']\"\n"
    check_hits(
        make_rule("deprecated-symbol", symbols=("lib.Old",)), code + "y: \"t.Annotated[int, 'Old']\"\n"
    )


def test_a_builtin_is_found_where_another_scope_has_its_name() -> None:
    rule = make_rule("deprecated-symbol", symbols=("builtins.input",))
    method = "class A:\n    def input(self):\n        return input()  #! call\n    x = input\n"
    check_hits(
        rule, method + "def f(input):\n    input()\ndef g():\n    return [input() for _ in 'a']  #! call\n"
    )
    check_hits(rule, "input()  #! call\ndef f():\n    input = 1\n    return input\n")
