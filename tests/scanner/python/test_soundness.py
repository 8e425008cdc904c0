"""The quick check that spares a sound file its parse says yes to Python alone, and to nothing that harms."""

import ast
from pathlib import Path

import pytest

import scanner
from scanner.python.text import is_sound

BROKEN = {
    "an open bracket": b"x = (1,\n",
    "a stray indent": b"def f():\n    pass\n      return 1\n",
    "half a statement": b"import\n",
    "Python 2": b"print 'x'\n",
    "an open string": b'"""never closed\n',
    "a conflict": b"<<<<<<< HEAD\nx = 1\n",
    "bytes that are no UTF-8": b"# caf\xe9\nx = 1\n",
    "brackets without end": b"(" * 30_000,
    "tabs and spaces": b"if a:\n\tx = 1\n        y = 2\n",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_is_not_sure_of(text: bytes) -> None:
    assert not is_sound(text)


def test_is_sure_of_this_program_as_python_is() -> None:
    for file in Path(scanner.__file__).parent.rglob("*.py"):
        ast.parse(file.read_bytes())
        assert is_sound(file.read_bytes()), file


@pytest.mark.parametrize("piece", [b"+1", b".a", b"()", b"[0]", b"*1"])
def test_long_chains_do_not_end_the_process(piece: bytes) -> None:
    assert is_sound(b"a" + piece * ((64_000 - 1) // len(piece)))
    assert not is_sound(b"a" + piece * 300_000)  # left to the tree, which knows no bottom


def test_is_sure_of_long_texts_as_of_short_ones() -> None:
    line = b"value = registry.find(name)[0] + registry.count(name) - 1\n"
    assert is_sound(line * 3000)
    assert not is_sound(line * 3000 + b"value = (\n")
