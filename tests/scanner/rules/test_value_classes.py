"""Classes whose instances are values are no singletons, wherever and however they are defined."""

import pytest

from tests.scanner.rules.tools import Tree, check_hits, check_silent, make_rule

VALUES: dict[str, Tree] = {
    "a class with a base that is frozen in another module": {
        "a.py": "@dataclass(frozen=True)\nclass Version: ...\nclass Next(Version): ...\n",
        "b.py": "from a import Next\nclass Patch(Next): ...\nclass Hot(Patch): ...\nX = Patch()\nY = Hot()\n",
    },
    "a named tuple": 'P = namedtuple("P", "x y")\nO = P(0, 0)\n',
    "a named tuple of its module": 'import collections\nP = collections.namedtuple("P", "x")\nO = P(0)\n',
    "a named tuple under another name": 'from collections import namedtuple as nt\nP = nt("P", "x")\n'
    "O = P(0)\n",
    "a typed named tuple": 'P = typing.NamedTuple("P", [("x", int)])\nO = P(0)\n',
    "a base that is a call": 'class P(namedtuple("P", "x y")):\n    pass\nO = P(0, 0)\n',
    "a class of a named tuple": 'P = namedtuple("P", "x")\nclass Q(P): ...\nclass R(Q): ...\nO = R(0)\n',
    "an exception": "class NotFound(Exception): pass\nN = NotFound()\n",
    "a deep exception": "class A1(LookupError): ...\nclass B1(A1): ...\nclass C1(Mixin, B1): ...\nN = C1()\n",
    "a warning": "class Old(DeprecationWarning): ...\nN = Old('x')\n",
    "an exception of a library": "class NotFound(requests.HTTPError): ...\nN = NotFound()\n",
    "an enumeration": "class Color(enum.IntEnum):\n    RED = 1\nC = Color(1)\n",
    "a mixed enumeration": "class Color(str, Enum):\n    RED = 'r'\nC = Color('r')\n",
    "an enumeration by a call": 'Color = Enum("Color", "RED")\nC = Color(1)\n',
    "a new type": 'Id = NewType("Id", int)\nX = Id(5)\n',
    "a typed dictionary": "class D(TypedDict):\n    a: int\nX = D(a=1)\n",
    "a typed dictionary by a call": 'D = TypedDict("D", {"a": int})\nX = D(a=1)\n',
    "a frozen dataclass by a call": "C = dataclasses.make_dataclass('C', ['x'], frozen=True)\nX = C(1)\n",
    "a frozen dataclass": "@dataclass(frozen=True)\nclass C:\n    x: int\nX = C()\n",
    "frozen in brackets": "@dataclasses.dataclass(eq=True, frozen=(True))\nclass C: ...\nX = C()\n",
    "a frozen class of attrs": "@attrs.frozen\nclass C: ...\nX = C()\n@attr.s(frozen=True)\n"
    "class D: ...\nY = D()\n",
    "a frozen model": "class C(BaseModel):\n    model_config = ConfigDict(frozen=True)\nX = C()\n",
    "a frozen model by a dictionary": 'class C(BaseModel):\n    model_config = {"frozen": True}\nX = C()\n',
    "a frozen model by its base": "class C(BaseModel, frozen=True): ...\nclass D(C): ...\nX = D()\n",
    "a frozen model by its settings": "class C(BaseModel):\n    class Config:\n        frozen = True\n"
    "X = C()\n",
    "an exception of another module": {
        "a.py": "class NotFound(Exception): pass\n",
        "b.py": "from a import NotFound\nN = NotFound()\n",
    },
    "an exception of a third module": {
        "a.py": "class NotFound(Exception): pass\n",
        "b.py": "from a import NotFound\nclass Missing(NotFound): pass\n",
        "c.py": "import b\nM = b.Missing()\n",
    },
    "an exception of a package": {
        "a/__init__.py": "from .errs import NotFound\n",
        "a/errs.py": "class NotFound(Exception): pass\n",
        "b.py": "import a\nclass Missing(a.NotFound): pass\n",
        "c.py": "from b import Missing as Gone\nM = Gone()\n",
    },
    "a named tuple of another module": {
        "a.py": "P = namedtuple('P', 'x')\n",
        "b.py": "from a import P\nO = P(1)\n",
    },
    "an enumeration of another module": {
        "a.py": "class Base(Enum): ...\n",
        "b.py": "from a import Base\nclass Color(Base):\n    RED = 1\n",
        "c.py": "from b import Color\nC = Color(1)\n",
    },
}
OBJECTS: dict[str, Tree] = {
    "a class with a base that another module defines": {
        "a.py": "class Registry: ...\n",
        "b.py": "from a import Registry\nclass C(Registry): ...\nX = C()  #! module-instance\n",
    },
    "a dataclass": "@dataclass(frozen=False)\nclass C: ...\nX = C()  #! module-instance\n",
    "a dataclass without a word": "@dataclass\nclass C: ...\nX = C()  #! module-instance\n",
    "frozen by a variable": "@dataclass(frozen=FROZEN)\nclass C: ...\nX = C()  #! module-instance\n",
    "a thawed class of attrs": "@attrs.frozen(frozen=False)\nclass C: ...\nX = C()  #! module-instance\n",
    "a thawed model": "class C(BaseModel):\n    model_config = {'frozen': False}\n"
    "X = C()  #! module-instance\n",
    "a frozen field": "class C(BaseModel):\n    x: int = Field(frozen=True)\nX = C()  #! module-instance\n",
    "a word in a method": "class C:\n    def f(self): g(frozen=True)\nX = C()  #! module-instance\n",
    "a dictionary with a name": "class Registry(dict): ...\nX = Registry()  #! module-instance\n",
    "a named tuple that is only a local": 'def f():\n    P = namedtuple("P", "x")\n'
    "X = P(1)  #! module-instance\n",
    "a class with a base from outside": "from lib import Base\nclass C(Base): ...\n"
    "X = C()  #! module-instance\n",
    "a dictionary of another module": {
        "a.py": "class Registry(dict): ...\n",
        "b.py": "from a import Registry\nX = Registry()  #! module-instance\n",
    },
    "a class of another module": {
        "a.py": "class Registry(Base): ...\n",
        "b.py": "from a import Registry\nX = Registry()  #! module-instance\n",
    },
    "bases in a circle": {
        "a.py": "from b import Two\nclass One(Two): ...\n",
        "b.py": "from a import One\nclass Two(One): ...\nX = Two()  #! module-instance\n"
        "Y = One()  #! module-instance\n",
    },
}


@pytest.mark.parametrize("tree", VALUES.values(), ids=VALUES)
def test_a_value_is_no_singleton(tree: Tree) -> None:
    check_silent(make_rule("singleton"), tree)


@pytest.mark.parametrize("tree", OBJECTS.values(), ids=OBJECTS)
def test_an_object_is_one(tree: Tree) -> None:
    check_hits(make_rule("singleton"), tree)


def test_a_returned_value_is_not_shared_state() -> None:
    rule = make_rule("shared-return")
    check_silent(rule, 'P = namedtuple("P", "x")\n_p = P(1)\ndef create_p():\n    return _p\n')
    check_silent(rule, "class E1(ValueError): ...\n_e = E1()\ndef create_e():\n    return _e\n")
    check_hits(
        rule,
        "@dataclass(frozen=False)\nclass C: ...\n_c = C()\n"
        "def create_c():  #! shared-return\n    return _c\n",
    )
