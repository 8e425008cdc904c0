"""Paths from the root of a tree to its leaves, in whatever order they are looked up."""

import random

import pytest
import tree_sitter_python
from tree_sitter import Language, Node, Parser

from scanner.python.paths import DEEPEST, Paths

_PARSER = Parser(Language(tree_sitter_python.language()))
CODE = b'''"""Doc."""
import a.b as c, d

@decorated(x=[1, 2], *rest)
class C(B[int], metaclass=M):
    """Doc."""

    value: "D" = {**{"k": [v for v in (1, 2) if v]}}

    async def f(self, a, /, b: int = 1, *, c=f"{a!r:>{b}} {c}", **k) -> None:
        try:
            return await g(a).h[b:c] if (y := a) else lambda z: z
        except* (E, F) as e:
            del e, self.x
        match a:
            case {"k": [1, *_], **kw} | P(q=1):
                print(a or b and not c)

def broken(:
    x =
'''


def fresh(root: Node, offset: int) -> list[tuple[int, str | None]]:
    """The nodes and fields on the way to a leaf, found with a new cursor from the root."""
    cursor = root.walk()
    found: list[tuple[int, str | None]] = [(root.id, None)]
    while cursor.goto_first_child_for_byte(offset) is not None:
        assert cursor.node
        found.append((cursor.node.id, cursor.field_name))
    return found


@pytest.mark.parametrize("order", ["ascending", "descending", "shuffled"])
def test_every_path_is_that_of_a_new_cursor(order: str) -> None:
    root = _PARSER.parse(CODE).root_node
    paths = Paths(root)
    offsets = [*range(len(CODE) + 2), *range(0, len(CODE), 3)]
    if order == "descending":
        offsets.reverse()
    elif order == "shuffled":
        random.Random(1).shuffle(offsets)
    for offset in offsets:
        assert [(step.node.id, step.field) for step in paths.to(offset)] == fresh(root, offset)
        assert not paths.is_cut_off(offset)


def test_a_path_that_is_too_long_is_cut_off() -> None:
    text = b"x = " + b"[" * 2000 + b"y" + b"]" * 2000 + b"\nz = 1\n"
    paths = Paths(_PARSER.parse(text).root_node)
    deep = text.index(b"y")
    for offset in (deep, deep + 1, deep - 1, deep - 1990):
        path = paths.to(offset)
        assert paths.is_cut_off(offset) == (len(path) == DEEPEST)
        assert [(step.node.id, step.field) for step in path] == fresh(paths.to(0)[0].node, offset)[:DEEPEST]
    assert paths.is_cut_off(deep)
    assert paths.to(text.index(b"z"))[-1].node.type == "identifier"
