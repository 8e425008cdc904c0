"""Valid code that the grammar misreads or does not know is read as Python reads it."""

import ast

import pytest

from scanner.python.source import Source
from tests.scanner.rules.tools import check_hits, check_silent, make_rule

CORE = "import lib.core as core\n"
SPLATS = {
    "in a set": "a({*core.OLD})  #! reference\n",
    "in a list": "a([*core.OLD])  #! reference\n",
    "in a tuple": "a((*core.OLD, 1))  #! reference\n",
    "after return": "def f(): return *core.OLD, 3  #! reference\n",
    "after yield": "def f(): yield *core.old(), 3  #! call\n",
    "called in a list": "[*core.old()]  #! call\n",
    "called in a set": "{*core.old(), 1}  #! call\n",
    "called with a name alone": "from lib.core import old  #! import\ndef f(): return *old(), 1  #! call\n",
    "called alone in a list": "from lib.core import old  #! import\n[*old()]  #! call\n",
    "in a loop": "for x in *core.OLD, 3: pass  #! reference\n",
    "called in a loop": "for x in *core.old(), *core.old(1): pass  #! call call\n",
    "assigned": "x = *core.OLD, 2  #! reference\n",
    "an item of it": "x = *core.OLD[1], 2  #! reference\n",
    "a member of it": "def f(): return *core.OLD.all(), 2  #! reference\n",
    "a sum": "[*core.OLD + [1]]  #! reference\n",
    "a union": "{*core.OLD | {1}}  #! reference\n",
    "an index": "d[*core.OLD]  #! reference\n",
    "over lines": "f([\n    1,\n    *core.OLD.items,  #! reference\n    *core.old(),  #! call\n])\n",
    "awaited": "async def f(): return [*await core.old()]  #! call\n",
    "in brackets": "def f(): return *(core.OLD or core.old()), 2  #! reference call\n",
    "an argument": "a(*core.OLD, *core.old())  #! reference call\n",
    "a base": "class A(*core.OLD): pass  #! reference\n",
    "stored": "class A:\n    def f(self): self.x = [*core.old()]  #! stored-call\n",
    "matched": "match *core.OLD, *core.old():  #! reference call\n    case [*x, y]: pass\n",
    "matched after a name": "match x, *core.OLD:  #! reference\n    case core.OLD, _: pass  #! reference\n",
    "a target behind a colon": "if x: *core.OLD, y = 1, 2  #! reference\n",
    "a type of parameters": "def f(*args: *core.OLD): pass  #! reference\n",
    "a called type of parameters": "def f(*args: *core.old()): pass  #! call\n",
    "an item of a type of parameters": "def f(*args: *core.OLD[int]): pass  #! reference\n",
}
VALID = {
    "a splat over a list": "x = *[1], 2\n",
    "a splat over a text": "x = *'ab', 2\n",
    "a splat over brackets": "d[*(a or b)]\n",
    "a splat over a negation": "def f(): return *-a, 2\n",
    "a splat over an await": "async def f(): return *await g(), 1\n",
    "a fill character": 'print(f"{t:=^60}")\n',
    "a fill character after a conversion": 'print(f"{t!r:=^60}", f"{t:=+5}", f"{t:={w}}")\n',
    "a fill character on a new line": "print(f'''{\nt:=^60}''')\n",
    "an operator at column 0": "def f():\n    x = (1 +\n2)\n    return x\n",
    "an attribute at column 0": "class A:\n    def f(self):\n        x = g(self.\nz.y,\nw)\n"
    "        return x\n",
    "a condition at column 0": "def f():\n    if (a and\nb):\n        return 1\n    return 2\n",
    "an import at column 0": "def f():\n    from a import (\nb, c\n)\n    return b\n",
    "a comment at column 0": "def f():\n    x = (a  # c\n# d\nif b  # e\nelse c)\n    return x\n",
    "a text with brackets at column 0": "def f():\n    g('(', a if b\nelse ')')\n    h()\n",
    "a default of a type parameter": "class A[T = int]: pass\n",
    "a default after a bound": "class A[T: (int, str) = int](B): pass\n",
    "defaults of several": "type X[T = a.b, *Ts = *tuple[int], **P = [int]] = C[T]\n",
    "a default in a function": "def f[T = list[int]](x: T) -> T: return x\n",
    "exceptions without brackets": "try: pass\nexcept A, B: pass\n",
    "a template string": 't"{x:=^5}"\n',
}
TORN = "def f():\n    x = (1 +\n2)\n    core.old()  #! call\n    return x\ncore.old()  #! call\n"


@pytest.mark.parametrize("code", SPLATS.values(), ids=SPLATS)
def test_what_a_splat_unpacks_is_found(code: str) -> None:
    ast.parse(code)
    check_hits(make_rule("deprecated-symbol", symbols=("lib.core.OLD", "lib.core.old")), CORE + code)


@pytest.mark.parametrize("code", VALID.values(), ids=VALID)
def test_valid_code_is_no_fault(code: str) -> None:
    source = Source("a.py", code.encode())
    assert source.fault is None
    assert not source.root.has_error


def test_other_kinds_see_through_a_splat() -> None:
    rule = make_rule("missing-argument", callables=("lib.core.make",), argument="user")
    check_hits(rule, CORE + "def f(): return *core.make(1), 2  #! absent\nx = [*core.make(1)]  #! absent\n")
    rule = make_rule("pattern", pattern="datetime.utcnow($$$)")
    check_hits(rule, "def f(): return *datetime.utcnow(), 1  #! match\nx = {*datetime.utcnow()}  #! match\n")
    rule = make_rule("singleton")
    check_silent(rule, "X = [*Registry()]\n")


def test_lines_and_columns_stay_where_lines_are_joined() -> None:
    rule = make_rule("deprecated-symbol", symbols=("lib.core.old",))
    first, second = check_hits(rule, CORE + TORN)["app/views.py"]
    assert (first.location.line, first.location.column, first.location.snippet[:10]) == (5, 5, "core.old()")
    assert (first.scope, second.scope) == ("f", "")
    assert (second.location.line, second.location.end_line, second.location.end_column) == (7, 7, 11)


def test_a_format_specification_binds_nothing() -> None:
    rule = make_rule("deprecated-symbol", symbols=("lib.core.f", "lib.core.width"))
    code = "from lib.core import f, width  #! import unused-import\n"
    check_hits(rule, code + "def g():\n    print(f'{f:=8}')  #! reference\n    f()  #! call\n")
    check_hits(rule, code + "def g():\n    print(f'{f:=^8} {f!r:=8}', f())  #! reference reference call\n")
    check_hits(rule, code + "def g():\n    print(f'{x:=width}', f)  #! reference\n")
    check_hits(
        rule, code + "def g():\n    print(f'''{f:=8}''' 'a')  #! reference\n    return f  #! reference\n"
    )
    check_hits(
        rule, code + "def g():\n    print(f\"{f'{f:=8}':=9}\")  #! reference\n    return f  #! reference\n"
    )
    check_hits(rule, "from lib.core import f  #! unused-import\ndef g():\n    print(f'{(f:=8)}')\n    f()\n")
    check_hits(rule, "from lib.core import f  #! unused-import\ndef g():\n    print(f'{d[f:=8]}')\n    f()\n")
