"""Code that Python 3.14 refuses is listed, and what stands in its intact statements is found in its place."""

import pytest

from scanner.python.source import Source
from tests.scanner.rules.tools import check_hits, make_rule

IMPORT = "from pkg.mod import old  #! import\n"
# The line that is refused, then code with its expected findings.
BROKEN = {
    "an unindented block": (
        3,
        "def f(closed):\n    if closed:\n    raise E\n    x = old()  #! call\n    return x\n",
    ),
    "an empty function": (2, "def f():\ndef g():\n    x = old()  #! call\n    return x\n"),
    "an open bracket": (3, "def f(a):\n    b = g(1\n    x = old()  #! call\n    return x\n"),
    "a bracket too many": (2, "def f(a):\n    b = g(1))\n    x = old()  #! call\n    return x\n"),
    "a missing colon": (1, "def f(a)\n    x = old()  #! call\n    return x\n"),
    "a missing colon inside": (2, "def f(a):\n    if a\n        x = old()  #! call\n    return x\n"),
    "half an operation": (2, "def f(a):\n    b = 1 +\n    x = old()  #! call\n    return x\n"),
    "half a definition": (2, "def f(\n    x = old()  #! call\n    return x\n"),
    "half a class": (1, "class A(\n    def f(self):\n        x = old()  #! call\n        return x\n"),
    "an open string": (2, "def f(a):\n    b = 'abc\n    x = old()  #! call\n    return x\n"),
    "an indent from nowhere": (3, "def f(a):\n    b = 1\n      x = old()  #! call\n    return x\n"),
    "a dedent to nowhere": (4, "def f(a):\n    if a:\n        b = 1\n   x = old()  #! call\n    return x\n"),
    "a try alone": (4, "def f(a):\n    try:\n        x = old()  #! call\n    return x\n"),
    "a keyword as a name": (2, "def f(a):\n    class = 1\n    x = old()  #! call\n    return x\n"),
    "a template": (2, "def f(a):\n    {% if a %}\n    x = old()  #! call\n    return x\n"),
    "another language": (2, "def f(a):\n    b = c ? d : e\n    x = old()  #! call\n    return x\n"),
    "print": (2, "def f(a):\n    print old(), 'b'  #! call\n    x = old()  #! call\n    return x\n"),
    "exec": (2, "def f(a):\n    exec 'old()' in a\n    x = old()  #! call\n    return x\n"),
    "raise with a comma": (2, "def f(a):\n    raise old(), 'b'  #! call\n"),
    "backquotes": (2, "def f(a):\n    x = `old()`  #! call\n    return x\n"),
    "unequal": (2, "def f(a):\n    return a <> old()  #! call\n"),
    "an octal number": (2, "def f(a):\n    chmod(a, 0755)\n    x = old()  #! call\n    return x\n"),
    "a long number": (1, "def f(a=10L):\n    x = old()  #! call\n    return x\n"),
    "a tuple parameter": (1, "def f(a, (b, c)):\n    x = old()  #! call\n    return x\n"),
    "an old string": (2, "def f(a):\n    b = ur'c'\n    x = old()  #! call\n    return x\n"),
    "async in an import": (
        1,
        "from kombu.async import hub\ndef f():\n    x = old()  #! call\n    return x\n",
    ),
    "async in a module": (1, "import kombu.async.q as q\ndef f():\n    x = old()  #! call\n    return x\n"),
    "async as an attribute": (2, "def f(a):\n    a.async\n    x = old(a.async)  #! call\n    return x\n"),
    "async as a parameter": (1, "def f(async=True):\n    x = old(async=async)  #! call\n    return x\n"),
    "async as a method": (
        2,
        "class A:\n    def async(self):\n        x = old()  #! call\n        return x\n",
    ),
    "await as an attribute": (2, "def f(a):\n    a.await(1)\n    x = old()  #! call\n    return x\n"),
    "a global after its use": (
        3,
        "def f(a):\n    a(x)\n    global x\n    y = old()  #! call\n    return y\n",
    ),
    "a star in a function call": (1, "f(**a, *b)\ndef f():\n    x = old()  #! call\n    return x\n"),
}
OURS, BASE, THEIRS, END = "<<<<<<< HEAD\n", "||||||| base\n", "=======\n", ">>>>>>> topic\n"
CONFLICTS = {
    "around a call": f"def f():\n{OURS}    x = old()  #! call\n{THEIRS}    x = old(1)  #! call\n"
    f"{END}    return x\n",
    "below a call": f"def f():\n    x = old()  #! call\n{OURS}    a = 1\n{THEIRS}    a = 2\n"
    f"{END}    return x\n",
    "above a call": f"class A:\n    def f():\n{OURS}        a = 1\n{THEIRS}        a = 2\n{END}"
    "        x = old()  #! call\n        return x\n",
    "with the base": f"def f():\n{OURS}    x = old()  #! call\n{BASE}    x = old(0)\n{THEIRS}    x = 1\n"
    f"{END}    return x\n",
    "of one side": f"def f():\n{OURS}    x = old()  #! call\n{THEIRS}{END}    return x\n",
    "around a header": f"{OURS}def f(a):\n{THEIRS}def f(b):\n{END}    x = old()  #! call\n    return x\n",
    "in a call": f"def f():\n    x = g(\n{OURS}        old(),  #! call\n"
    f"{THEIRS}        old(1),  #! call\n{END}    )\n    return x\n",
    "twice": f"def f():\n{OURS}    a = 1\n{THEIRS}    a = 2\n{END}    x = old()  #! call\n"
    f"{OURS}    b = 1\n{THEIRS}{END}    return x\n",
    "around a stored call": f"class A:\n    def f(self):\n{OURS}        self.x = old()  #! stored-call\n"
    f"{THEIRS}        pass\n{END}",
}


@pytest.mark.parametrize(("line", "code"), BROKEN.values(), ids=BROKEN)
def test_a_refused_text_is_listed_and_its_findings_count(line: int, code: str) -> None:
    check_hits(make_rule("deprecated-symbol", symbols=("pkg.mod.old",)), IMPORT + code)
    fault = Source("a.py", (IMPORT + code).encode()).fault
    assert fault is not None
    assert fault[0] == line + 1
    assert fault[1]


@pytest.mark.parametrize("code", CONFLICTS.values(), ids=CONFLICTS)
def test_conflict_markers_do_not_change_what_a_call_is(code: str) -> None:
    check_hits(make_rule("deprecated-symbol", symbols=("pkg.mod.old",)), IMPORT + code)
    assert Source("a.py", (IMPORT + code).encode()).fault


@pytest.mark.parametrize(
    "code",
    [
        f"def f():\n{OURS}    registry = Registry()\n{THEIRS}    registry = Registry(1)\n"
        f"{END}    return registry\n",
        "def f(\n    registry = Registry()\n    return registry\n",
        "def f(a):\n    if a:\n        b = 1\n   registry = Registry()\n    return registry\n",
    ],
)
def test_a_local_of_a_broken_function_is_no_global(code: str) -> None:
    hits = make_rule("singleton").read(Source("a.py", code.encode())).hits
    assert hits == ()


def test_a_comment_for_a_type_checker_is_no_syntax() -> None:
    code = (
        b"def f(a, b):\n    # type: (int) -> int\n    x = []  # type: ignore  # type: ignore\n    return x\n"
    )
    assert Source("a.py", code).fault is None
    assert Source("a.py", code + b"x = = 1\n").fault == (5, "Expected an expression")


MISPLACED = {
    "return": (3, "def f():\n    x = old()  #! call\nreturn 1\n"),
    "return alone": (3, "f(old())  #! call\nx = 1\nreturn\n"),
    "break": (2, "f(old())  #! call\nbreak\n"),
    "continue": (2, "f(old())  #! call\ncontinue\n"),
    "yield": (2, "f(old())  #! call\nyield 1\n"),
    "nonlocal": (2, "f(old())  #! call\nnonlocal x\n"),
    "a star import": (3, "f(old())  #! call\ndef g():\n    from x import *\n"),
}


@pytest.mark.parametrize(("line", "code"), MISPLACED.values(), ids=MISPLACED)
def test_what_python_parses_and_does_not_compile_is_listed(line: int, code: str) -> None:
    check_hits(make_rule("deprecated-symbol", symbols=("pkg.mod.old",)), IMPORT + code)
    fault = Source("a.py", (IMPORT + code).encode()).fault
    assert fault is not None
    assert fault[0] == line + 1


@pytest.mark.parametrize(
    "code",
    [
        "def d(a, a):\n    x = old()  #! call\n    return x\n",
        "*x = old()  #! stored-call\n",
        "f(old())  #! call\nfrom __future__ import annotations\n",
        "def f(x):\n    global x\n    y = old()  #! call\n    return y\n",
        "def f():\n    nonlocal x\n    y = old()  #! call\n    return y\n",
    ],
)
def test_intact_statements_are_found_in_other_code_that_is_not_compiled(code: str) -> None:
    with pytest.raises(SyntaxError):
        compile(IMPORT + code, "a.py", "exec")
    check_hits(make_rule("deprecated-symbol", symbols=("pkg.mod.old",)), IMPORT + code)
    assert Source("a.py", (IMPORT + code).encode()).fault is None


@pytest.mark.parametrize(
    "code",
    [
        '"""Text\nreturn it\n"""\n',
        "x = (1,\nreturned)\n",
        "for x in y:\n    break\n",
        "def f(): return (1,\n2)\n",
        "breakpoint()\ncontinued = yielded = returns = 1\n",
        "from x import *\nif y:\n    from z import *\n",
    ],
)
def test_what_only_looks_misplaced_is_no_fault(code: str) -> None:
    assert Source("a.py", code.encode()).fault is None


@pytest.mark.parametrize(
    "code",
    [
        "def f(x):\n    def g(): x = 1\n    class A: x = 2\n    a.x = b(x=1)\n    global y\n",
        "def f():\n    g = lambda: x\n    [x for x in a]\n    a.x\n    'x'  # x\n    global x\n    x = 3\n",
        "def f():\n    def g(): x = 1\n    class A: x = 2\n    global x\n",
        "def f():\n    import x\n    global x\n",
        "def f(a=x):\n    global x\n    x = 1\ndef g():\n    global x\n    x = 2\n",
    ],
)
def test_a_global_before_its_uses_is_no_fault(code: str) -> None:
    compile(code, "a.py", "exec")
    assert Source("a.py", code.encode()).fault is None
