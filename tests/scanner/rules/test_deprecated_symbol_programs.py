"""Programs written around a known number of uses: random import forms, scopes, shadows and nesting."""

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.rules.symbols.sites import USES
from tests.scanner.rules.tools import find, make_rule

pytestmark = pytest.mark.slow

RULE = make_rule("deprecated-symbol", symbols=("pkg.mod.old",))
FORMS = {  # the name that the import binds -> the statement, and how the listed name is spelled through it
    "old": ("from pkg.mod import old", "old"),
    "o": ("from pkg.mod import old as o", "o"),
    "pkg": ("import pkg.mod", "pkg.mod.old"),
    "m": ("import pkg.mod as m", "m.old"),
    "mod": ("from pkg import mod", "mod.old"),
    "md": ("from pkg import fresh, mod as md", "md.old"),
    "rel": ("from ..pkg.mod import old as rel", "rel"),
}
USE = {
    "{}()": "call",
    "f({})": "reference",
    "print(1, {}(2).x)": "call",
    "[{}(i) for i in range(3)]": "call",
    "x = lambda: {}()": "call",
    "if {}(): pass": "call",
    "with {}() as y: y.go()": "call",
    "def g(a: {} = None): ...": "reference",
}
NOISE = [
    "# old() and pkg.mod.old",
    "f('old', old=1)",
    "f(x.old, x.mod.old())",
    "'''pkg.mod.old'''",
    "[old for old in range(3)]",
    "g = lambda m, old, o: (m.old(), old(), o())",
    "def quiet(pkg, md, *, mod): pkg.mod.old(); md.old(); mod.old()",
]
HEADS = [
    "def f{}():",
    "async def f{}():",
    "if x{}:",
    "for i{} in y:",
    "try:",
    "with open(z) as w{}:",
    "class C{}:",
]
heads = st.sampled_from(sorted(FORMS))


@st.composite
def blocks(
    draw: st.DrawFn, depth: int, seen: frozenset[str], hidden: frozenset[str] = frozenset(), level: int = 0
) -> list[str]:
    """Lines of one block: `seen` are the import forms in reach, `hidden` what only this class body sees."""
    pad = "    " * level
    lines = []
    for number in range(draw(st.integers(1, 4))):
        choice = draw(st.integers(0, 3 if depth else 2))
        if choice == 0:
            lines.append(pad + draw(st.sampled_from(NOISE)))
        elif choice in {1, 2} and (seen or hidden):
            head = draw(st.sampled_from(sorted(seen | hidden)))
            use, role = draw(st.sampled_from(sorted(USE.items())))
            if head in hidden and (" for " in use or "lambda" in use):
                continue  # a class body's own names are not seen from inner scopes
            lines.append(f"{pad}{use.format(FORMS[head][1])}  #! {role}")
        elif choice == 3:
            lines += draw(inner(depth, seen, hidden, level, number))
    return [*lines, pad + "pass"]


@st.composite
def inner(
    draw: st.DrawFn, depth: int, seen: frozenset[str], hidden: frozenset[str], level: int, number: int
) -> list[str]:
    """A compound statement: a function may import or shadow names, a class body imports for itself only."""
    pad = "    " * level
    opening = draw(st.sampled_from(HEADS))
    lines = [pad + opening.format(number)]
    if "def " in opening:
        imported = draw(st.frozensets(heads, max_size=2))
        shadowed = draw(st.frozensets(heads, max_size=2)) - imported
        lines += [f"{pad}    {FORMS[head][0]}" for head in sorted(imported)]
        lines += [f"{pad}    {head} = object()" for head in sorted(shadowed)]
        lines += draw(blocks(depth - 1, (seen | imported) - shadowed, frozenset(), level + 1))
    elif "class" in opening:
        imported = draw(st.frozensets(heads, max_size=1))
        lines += [f"{pad}    {FORMS[head][0]}" for head in sorted(imported)]
        lines += draw(blocks(depth - 1, seen - imported, imported, level + 1))
    else:
        lines += draw(blocks(depth - 1, seen, hidden, level + 1))
    if opening == "try:":
        lines += [pad + "except ValueError as e:", pad + "    pass"]
    return lines


@st.composite
def programs(draw: st.DrawFn) -> str:
    """A whole module."""
    imported = draw(st.frozensets(heads, max_size=3))
    lines = [FORMS[head][0] for head in sorted(imported)]
    return "\n".join([*lines, *draw(blocks(4, imported))]) + "\n"


@settings(max_examples=300, deadline=None)
@given(programs())
def test_every_use_is_found_and_nothing_else(program: str) -> None:
    ast.parse(program)
    expected = [
        (number, line.rpartition("#! ")[2])
        for number, line in enumerate(program.splitlines(), 1)
        if "#! " in line
    ]
    hits = find(RULE, {"app/sub.py": program}).get("app/sub.py", [])
    assert sorted((hit.location.line, hit.role) for hit in hits if hit.role in USES) == expected
