"""Targets of `:=`, `for` and `with` bind names and write to items, like those of an assignment."""

import pytest

from tests.scanner.rules.tools import Tree, check_hits, check_silent, make_rule

BOUND = {
    "alone": "(z := S())  #! module-instance\n",
    "in a condition": "if (z := S()): ...  #! module-instance\n",
    "in a loop": "while (z := S()).run(): ...  #! module-instance\n",
    "in a call": "print(z := S())  #! module-instance\n",
    "in a comprehension": "[z := S() for _ in x]  #! module-instance\n",
    "in a try": "try:\n    use(z := S())  #! module-instance\nexcept E: ...\n",
    "in a class": "class A:\n    (z := S())  #! class-instance\n",
    "under global": "def f():\n    global z\n    (z := S())  #! module-global\n",
}
NOT_BOUND = {
    "in a function": "def f():\n    (z := S())\n",
    "in a lambda": "f = lambda: (z := S())\n",
    "in a script": 'if __name__ == "__main__":\n    (z := S())\n',
    "a format": 'print(f"{z:=S()}")\n',
    "a result of with": "with S() as z: ...\n",
    "a value": "(z := datetime(2025, 1, 1))\nimport datetime\n",
    "another name of it": "(z := y)\n",
}
BOX = "box = {}  #! module-state\n"
WRITTEN: dict[str, Tree] = {
    "for": BOX + "def f(x):\n    for box[0] in x: ...\n",
    "for among others": BOX + "def f(x):\n    for i, box[0] in x: ...\n",
    "for in brackets": BOX + "def f(x):\n    for i, (j, *box['a']) in x: ...\n",
    "async for": BOX + "async def f(x):\n    async for box[0] in x: ...\n",
    "a comprehension": BOX + "def f(x):\n    return [0 for box[0] in x]\n",
    "with": BOX + "def f(x):\n    with x as box['a']: ...\n",
    "with in brackets": BOX + "def f(x):\n    with (x as y, z as box['a']): ...\n",
    "async with": BOX + "async def f(x):\n    async with x as (y, box['a']): ...\n",
    "a star": BOX + "def f(x):\n    *box['a'], y = x\n",
    "a list": BOX + "def f(x):\n    [box['a'], y] = x\n",
    "del in brackets": BOX + "def f():\n    del (box['a'])\n",
    "del of several": BOX + "def f(x):\n    del x, [box['a']]\n",
    "a nested item": BOX + "def f(x):\n    for box['a']['b'] in x: ...\n",
    "rebound by for": BOX + "def f(x):\n    global box\n    for box in x: ...\n",
    "rebound by with": BOX + "def f(x):\n    global box\n    with x as box: ...\n",
    "rebound by an import": BOX + "def f():\n    global box\n    import y as box\n",
    "rebound by a capture": BOX + "def f(x):\n    global box\n    match x:\n        case [box]: ...\n",
    "rebound by a function": BOX + "def f():\n    global box\n    def box(): ...\n",
    "rebound by an exception": BOX + "def f():\n    global box\n    try: ...\n    except* E as box: ...\n",
    "deleted": BOX + "def f():\n    global box\n    del box\n",
    "bound by a walrus": "(box := {})  #! module-state\ndef f():\n    box[1] = 2\n",
    "bound in a condition": "if (box := []): ...  #! module-state\ndef f():\n    box.append(1)\n",
    "of a class": "class A:\n    box = {}  #! class-state\n    def f(self, x):\n"
    "        for self.box[0] in x: ...\n",
    "of a class, by with": "class A:\n    box = {}  #! class-state\n    def f(self, x):\n"
    "        with x as self.box[0]: ...\n",
    "from another module": {"s.py": BOX, "a.py": "from s import box\ndef f(x):\n    for box[0] in x: ...\n"},
    "through a module": {"s.py": BOX, "a.py": "import s\ndef f(x):\n    with x as s.box['a']: ...\n"},
    "among others through a module": {
        "s.py": BOX,
        "a.py": "import s\ndef f(x):\n    for i, (s.box['a'], y) in x: ...\n",
    },
    "by an operator through a module": {"s.py": BOX, "a.py": "import s\ndef f(x):\n    s.box |= x\n"},
}
READ: dict[str, Tree] = {
    "the iterable": "box = {}\ndef f():\n    for x in box['a']: ...\n",
    "the manager": "box = {}\ndef f():\n    with box['a'] as x: ...\n",
    "a local of the same name": "box = {}\ndef f(x):\n    for box in x: ...\n",
    "an index": "box = {}\ndef f(x, y):\n    for y[box[0]] in x: ...\n",
    "a condition": "box = {}\ndef f(x):\n    return [y for y in x if box[y]]\n",
    "at import": "box = {}\nfor box[0] in x: ...\n",
    "a tuple": "box = {}\ndef f():\n    return (box['a'], 1)\n",
    "a caught exception": "box = {}\ndef f():\n    try: ...\n    except* E as box: ...\n",
    "in another module": {
        "s.py": "box = {}\n",
        "a.py": "from s import box\ndef f():\n    for x in box[0]: ...\n",
    },
}


@pytest.mark.parametrize("code", BOUND.values(), ids=BOUND)
def test_a_walrus_keeps_an_instance(code: str) -> None:
    check_hits(make_rule("singleton"), code)
    check_hits(make_rule("singleton", names=("S",)), code)


@pytest.mark.parametrize("code", NOT_BOUND.values(), ids=NOT_BOUND)
def test_a_walrus_that_keeps_nothing_is_silent(code: str) -> None:
    check_silent(make_rule("singleton"), code)


@pytest.mark.parametrize("tree", WRITTEN.values(), ids=WRITTEN)
def test_targets_write_to_a_container(tree: Tree) -> None:
    check_hits(make_rule("shared-state"), tree)
    check_hits(make_rule("shared-state", names=("box",)), tree)


@pytest.mark.parametrize("tree", READ.values(), ids=READ)
def test_what_only_reads_a_container_is_silent(tree: Tree) -> None:
    check_silent(make_rule("shared-state"), tree)
