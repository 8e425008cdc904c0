"""A deprecated class in quoted annotations and in imports that only type checkers run."""

import pytest

from tests.scanner.fixes.tables import becomes, stays
from tests.scanner.fixes.trees import plan_of

PLAN = plan_of("""
  - id: reader
    kind: deprecated-symbol
    symbols: [app.old.Reader]
    replacement: {symbol: app.new.Loader}
""")
TREE = {
    "app/__init__.py": "",
    "app/old.py": "class Reader: ...\nother = 1\n",
    "app/new.py": "class Loader: ...\n",
    "app/both.py": "class Reader: ...\n",
}
CHECKED = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    "
OLD, NEW = "from app.old import Reader", "from app.new import Loader"

HITS = [
    pytest.param('def f(x: "Reader"): ...', 'def f(x: "Loader"): ...', id="parameter"),
    pytest.param("def f(x: 'Reader'): ...", "def f(x: 'Loader'): ...", id="single quotes"),
    pytest.param('def f() -> "Reader": ...', 'def f() -> "Loader": ...', id="result"),
    pytest.param('x: "Reader"', 'x: "Loader"', id="variable"),
    pytest.param('def f(x: "Reader | None"): ...', 'def f(x: "Loader | None"): ...', id="union inside"),
    pytest.param(
        'def f(x: "dict[Reader, Reader]"): ...', 'def f(x: "dict[Loader, Loader]"): ...', id="twice"
    ),
    pytest.param('def f(x: list["Reader"]): ...', 'def f(x: list["Loader"]): ...', id="in a list"),
    pytest.param('def f(x: Optional["Reader"]): ...', 'def f(x: Optional["Loader"]): ...', id="optional"),
    pytest.param(
        'def f(x: "Reader", *y: "Reader", **z: "Reader"): ...',
        'def f(x: "Loader", *y: "Loader", **z: "Loader"): ...',
        id="stars",
    ),
    pytest.param('y = cast("Reader", z)', 'y = cast("Loader", z)', id="cast"),
    pytest.param(
        'def f(x: "Reader"):\n    return Reader()',
        'def f(x: "Loader"):\n    return Loader()',
        id="called too",
    ),
    pytest.param(
        'def f(x: """Reader""", y: r"Reader"): ...',
        'def f(x: """Loader""", y: r"Loader"): ...',
        id="other quotes",
    ),
    pytest.param(
        "def f(x: \"tuple[Reader, Literal['Reader']]\"): ...",
        "def f(x: \"tuple[Loader, Literal['Reader']]\"): ...",
        id="a text inside stays",
    ),
    pytest.param(
        'def f(\n    x: "Reader",  # é: Reader\n): ...',
        'def f(\n    x: "Loader",  # é: Reader\n): ...',
        id="a comment stays",
    ),
]


@pytest.mark.parametrize(("before", "after"), HITS)
def test_a_quoted_annotation_follows_its_import(before: str, after: str) -> None:
    becomes(PLAN, TREE, f"{OLD}\n\n{before}\n", f"{NEW}\n\n{after}\n")


IMPORTS = [
    pytest.param(
        f'{CHECKED}{OLD}\n\n\ndef f(x: "Reader"): ...\n',
        f'{CHECKED}{NEW}\n\n\ndef f(x: "Loader"): ...\n',
        id="for type checkers",
    ),
    pytest.param(
        f"from __future__ import annotations\n{CHECKED}{OLD}\n\n\ndef f(x: Reader) -> list[Reader]: ...\n",
        f"from __future__ import annotations\n{CHECKED}{NEW}\n\n\ndef f(x: Loader) -> list[Loader]: ...\n",
        id="for type checkers, without quotes",
    ),
    pytest.param(
        f'{CHECKED}{OLD}, other\n\n\ndef f(x: "Reader"): ...\n',
        f'{CHECKED}{NEW}\n    from app.old import other\n\n\ndef f(x: "Loader"): ...\n',
        id="for type checkers, beside others",
    ),
    pytest.param(
        f'{CHECKED}{NEW}\n    {OLD}\n\n\ndef f(x: "Reader", y: "Loader"): ...\n',
        f'{CHECKED}{NEW}\n\n\ndef f(x: "Loader", y: "Loader"): ...\n',
        id="the new one is there for type checkers",
    ),
    pytest.param(
        'from app.old import Reader as R\n\n\ndef f(x: "R"): ...\n',
        'from app.new import Loader as R\n\n\ndef f(x: "R"): ...\n',
        id="alias",
    ),
    pytest.param(
        f'def f(x: "Reader"): ...\n\n\n{OLD}\n', f'def f(x: "Loader"): ...\n\n\n{NEW}\n', id="imported below"
    ),
    pytest.param(
        'from app.old import *\n\n\ndef f(x: "Reader"): ...\n',
        f'{NEW}\nfrom app.old import *\n\n\ndef f(x: "Loader"): ...\n',
        id="through a star",
    ),
    pytest.param(
        f"{OLD}\n\n\nclass A:\n    def f(self) -> 'Reader': ...\n\n    x: 'Reader'\n",
        f"{NEW}\n\n\nclass A:\n    def f(self) -> 'Loader': ...\n\n    x: 'Loader'\n",
        id="in a class",
    ),
]


@pytest.mark.parametrize(("before", "after"), IMPORTS)
def test_the_import_stays_where_it_serves(before: str, after: str) -> None:
    becomes(PLAN, TREE, before, after)


def test_a_name_of_the_same_module_is_changed_through_the_module() -> None:
    plan = plan_of("""
  - id: reader
    kind: deprecated-symbol
    symbols: [app.old.Reader]
    replacement: {symbol: app.old.Loader}
""")
    tree = {**TREE, "app/old.py": "class Reader: ...\nclass Loader: ...\n"}
    becomes(
        plan,
        tree,
        'import app.old\n\n\ndef f(x: "app.old.Reader", y: "list[app.old.Reader]"): ...\n',
        'import app.old\n\n\ndef f(x: "app.old.Loader", y: "list[app.old.Loader]"): ...\n',
    )


REFUSED = [
    pytest.param(
        f'{OLD}\n\n\ndef f(x: "list[" "Reader]"): ...\n',
        "4: the annotation is made of several strings",
        id="two texts, the name in one",
    ),
    pytest.param(
        f'{OLD}\n\n\ndef f(x: "list[\\x52eader, Reader]"): ...\n',
        "4: the annotation is made of several",
        id="escapes",
    ),
    pytest.param(
        f'{OLD}\nLoader = 1\n\n\ndef f(x: "Reader"): ...\n',
        "5: Loader already refers to something else here (line 2)",
        id="the new name is taken",
    ),
    pytest.param(
        f'{CHECKED}{NEW}\n    {OLD}\n\n\ndef f(x: "Reader"):\n    return Reader()\n',
        "9: Loader is imported for type checkers only (line 4)",
        id="called as well, the new one for type checkers alone",
    ),
    pytest.param(
        f'try:\n    {OLD}\nexcept ImportError:\n    Reader = None\n\n\ndef f(x: "Reader"): ...\n',
        "7: Reader has two bindings (lines 2 and 4)",
        id="fallback",
    ),
    pytest.param(
        'def f(x: "Reader"): ...\n', "1: nothing in the file binds Reader: import Loader first", id="unbound"
    ),
]


@pytest.mark.parametrize(("before", "reason"), REFUSED)
def test_an_annotation_that_cannot_follow_stays(before: str, reason: str) -> None:
    stays(PLAN, TREE, before, reason)


def test_an_annotation_of_another_class_of_that_name_is_none_of_it() -> None:
    text = 'from app.both import Reader\n\n\ndef f(x: "Reader"): ...\n'
    becomes(PLAN, TREE, text, text)
