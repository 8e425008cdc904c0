"""One parsed file: places, bindings and full dotted names."""

import gc
import weakref

import pytest

from scanner.python.annotations import uses_of
from scanner.python.imports import module_name
from scanner.python.source import Source


def resolved(code: str, word: str, path: str = "a/b/c.py") -> list[tuple[str, ...]]:
    """What every use of `word` in the code means, in order."""
    source = Source(path, code.encode())
    return [source.resolve(node) for node in source.uses(word)]


@pytest.mark.parametrize(
    ("path", "roots", "expected"),
    [
        ("a/b.py", ["."], ("a.b", False)),
        ("a/__init__.py", ["."], ("a", True)),
        ("__init__.py", ["."], ("", True)),
        ("src/a/b.py", [".", "src"], ("a.b", False)),
        ("src/lib/a.py", ["src", "src/lib"], ("a", False)),
        ("other/a.py", ["src"], ("other.a", False)),
    ],
)
def test_a_path_names_its_module(path: str, roots: list[str], expected: tuple[str, bool]) -> None:
    assert module_name(path, roots) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("from m import x\nx()", [("m.x",)]),
        ("from m import y as x\nx()", [("m.y",)]),
        ("from .m import x\nx()", [("a.b.m.x",)]),
        ("from .. import x\nx()", [("a.x",)]),
        ("from ....m import x\nx()", [()]),
        ("import x.y\nx.y.z()", [("x",)]),
        ("import p.q as x\nx.z()", [("p.q",)]),
        ("def f():\n    from m import x\n    x()\nx()", [("m.x",), ()]),
        ("try:\n    from m import x\nexcept ImportError:\n    x = None\nx()", [("m.x", "a.b.c.x")]),
        ("from m import x\ndef f(x): x()", [()]),
        ("from m import x\ndef f(y=x, *, z: x): ...", [("m.x",), ("m.x",)]),
        ("from m import x\ndef f():\n    x()\n    x = 1", [()]),
        ("from m import x\ndef f():\n    global x\n    x = 1\n    x()", [("m.x", "a.b.c.x")]),
        ("from m import x\ndef f():\n    x = 1\n    def g():\n        nonlocal x\n        x()", [()]),
        ("from m import x\nclass C:\n    x = x\n    def f(self): x()", [("m.x",), ("m.x",)]),
        ("from m import x\n[x for x in x]", [(), ("m.x",)]),
        ("from m import x\ndef f():\n    [1 for i in r if (x := i)]\n    x()", [()]),
        ("from m import x\nlambda x: x()", [()]),
        ("from m import x\ndef f():\n    with o() as x: x()", [()]),
        ("from m import x\ndef f():\n    try: ...\n    except E as x: x()", [()]),
        ("from m import x\ndef f(v):\n    match v:\n        case [x, *_]: x()", [()]),
        ("from m import x\ndef f(v):\n    match v:\n        case x(): ...", [("m.x",)]),
        ("from m import x\nf(x=1).x", []),
        ("def x(): ...\nx()", [("a.b.c.x",)]),
    ],
)
def test_a_name_means_what_python_says(code: str, expected: list[tuple[str, ...]]) -> None:
    assert resolved(code, "x") == expected


def test_a_module_at_the_root_imports_from_the_modules_beside_it() -> None:
    """The root of a repository may itself be a package, whose name nothing tells."""
    assert resolved("from .m import x\nx()", "x", "c.py") == [("m.x",)]
    assert resolved("from ..m import x\nx()", "x", "c.py") == [()]


def test_columns_count_characters() -> None:
    source = Source("a.py", "s = 'äöü', x\n".encode())
    place = source.location(source.words("x")[0])
    assert (place.line, place.column, place.end_column, place.snippet) == (1, 12, 13, "s = 'äöü', x")


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"x = 1\n", None),
        (b"print 'x'\n", (1, "Simple statements must be separated by newlines or semicolons")),
        (b"match = 1\ntype = 2\n", None),
        (b"\xef\xbb\xbfx = 1\n", None),
        ("# coding: latin-1\nx = 'ä'\n".encode("latin-1"), None),
        (b"x = 1\ny = \xff\n", (2, "byte 0xff is not UTF-8")),
        (b"# coding: nonsense\n", (1, "the encoding 'nonsense' is unknown")),
        (b"x = 1\n\0\n", (2, "the text contains a NUL byte")),
        (b"x = 1\nclass :\n    pass\n", (2, "Expected an identifier")),
    ],
)
def test_a_fault_says_line_and_reason(raw: bytes, fault: tuple[int, str] | None) -> None:
    assert Source("a.py", raw).fault == fault


def test_names_resolve_in_a_file_that_does_not_parse() -> None:
    assert resolved("from m import x\nx()\nclass :\n  pass\n", "x") == [("m.x",)]


def test_all_and_stars_are_read() -> None:
    source = Source("a/__init__.py", b"from .m import *\n__all__ = ['x'] + m.__all__\n__all__ += ('y',)\n")
    assert [name for _, name in source.stars] == ["a.m"]
    assert source.exported == frozenset({"x", "y"})


def test_deep_nesting_is_a_fault_not_a_crash() -> None:
    source = Source("a.py", ("x" + ".old" * 3000 + "\ny = old\n").encode())
    assert source.uses("old") == ()
    assert source.fault == (1, "nested too deeply to be read")


def test_a_file_is_freed_without_a_search_for_garbage() -> None:
    code = b"from a import b\nfrom c import *\n__all__ = ['f']\ndef f(x: 'b') -> b:\n    return b(x)\n"
    was_enabled = gc.isenabled()
    gc.disable()  # its tree takes ten times as much memory as Python's objects, which alone are counted
    try:
        source = Source("a/b/c.py", code)
        freed = weakref.ref(source)
        (bound,) = source.bindings("b")
        assert next(uses_of(source, bound)).type == "identifier"
        assert source.resolve(source.words("b")[-1]) == ("a.b",)
        assert source.exported == frozenset({"f"})
        assert [module for _, module in source.stars] == ["c"]
        del source
        assert freed() is None
    finally:
        if was_enabled:
            gc.enable()
