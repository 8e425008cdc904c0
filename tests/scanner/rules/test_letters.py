"""Names outside ASCII are found by every rule that first searches the bytes of a text."""

import pytest

from tests.scanner.rules.tools import Tree, check_hits, make_rule

SINGLETONS: dict[str, Tree] = {
    "a module instance": "from lib import Движок\n発動 = Движок()  #! module-instance\n",
    "a walrus": "from lib import Движок\nif (発動 := Движок()): pass  #! module-instance\n",
    "a class attribute set by name": """
        class Движок:
            единственный = None  #! class-instance
            def получить():
                if Движок.единственный is None:
                    Движок.единственный = Движок()
                return Движок.единственный
    """,
    "a metaclass": """
        class ÉinMeta(type):
            _instances = {}
            def __call__(cls, *a):
                if cls not in cls._instances:
                    cls._instances[cls] = super().__call__(*a)
                return cls._instances[cls]
        class Движок(metaclass=ÉinMeta): ...  #! metaclass
    """,
}


@pytest.mark.parametrize("names", [(), ("Движок",), ("Дви*",)], ids=["all", "one", "glob"])
@pytest.mark.parametrize("tree", SINGLETONS.values(), ids=SINGLETONS)
def test_singletons(tree: Tree, names: tuple[str, ...]) -> None:
    check_hits(make_rule("singleton", names=names), tree)


@pytest.mark.parametrize("names", [(), ("größen",), ("grö*",)], ids=["all", "one", "glob"])
def test_shared_state(names: tuple[str, ...]) -> None:
    rule = make_rule("shared-state", names=names)
    check_hits(rule, "größen = {}  #! module-state\ndef merke(größe):\n    größen[größe] = 1\n")
    check_hits(
        rule,
        "class Maß:\n    größen = []  #! class-state\n    def merke(self):\n        self.größen.append(1)\n",
    )
    check_hits(
        rule,
        {
            "lib/maß.py": "größen = {}  #! module-state\n",
            "app/a.py": "from lib.maß import größen\ndef merke(größe):\n    größen[größe] = 1\n",
        },
    )


@pytest.mark.parametrize("functions", [(), ("создать_*",)], ids=["all", "glob"])
def test_shared_return(functions: tuple[str, ...]) -> None:
    rule = make_rule("shared-return", functions=functions)
    check_hits(rule, "общий = Engine()\ndef создать_общий():  #! shared-return\n    return общий\n")
    if functions:
        check_hits(
            rule,
            "общий = Engine()\ndef получить():\n    return общий\n"
            "def создать_общий():  #! shared-return\n    return получить()\n",
        )


def test_values() -> None:
    check_hits(
        make_rule("singleton"),
        "class Фильтр(Exception): ...\nPäar = namedtuple('Päar', 'x')\nA = Фильтр()\nB = Päar(1)\n"
        "class Движок(Base): ...\nC = Движок()  #! module-instance\n",
    )
