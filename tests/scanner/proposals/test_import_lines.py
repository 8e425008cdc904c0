"""Reading imports without a parser gives what a parser finds."""

import ast
from pathlib import Path

import pytest

from scanner.proposals.import_lines import attributes_of, import_lines

PROJECT = Path(__file__).parents[3]


def parsed(text: bytes) -> set[tuple[int, str, str, str]]:
    found: set[tuple[int, str, str, str]] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {(0, each.name, "", each.asname or each.name) for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {
                (node.level, node.module or "", each.name, each.asname or each.name) for each in node.names
            }
    return found


def read(text: bytes) -> set[tuple[int, str, str, str]]:
    return {(each.level, each.module, each.name, each.bound) for each in import_lines(text)}


@pytest.mark.parametrize("package", ["compliance", "scanner"])
def test_every_import_of_this_project_is_read(package: str) -> None:
    files = sorted((PROJECT / package).rglob("*.py"))
    assert len(files) > 100
    for path in files:
        text = path.read_bytes()
        assert parsed(text) <= read(text), path


@pytest.mark.parametrize(
    "text",
    [
        b"from a import (\n    b,  # why\n    c as d,\n)\n",
        b"from a import b, \\\n    c\r\nimport e\r\n",
        b"import a, b.c as d; import e\n",
        b"from . import a\nfrom .. b import c\nfrom ...d.e import *\n",
        b"def f():\n\tfrom a import b\n",
        b"x = 'from a import b'\nfrom important import c\n",
    ],
)
def test_each_form_of_an_import_is_read(text: bytes) -> None:
    assert read(text) == parsed(text) - ({(0, "e", "", "e")} if b";" in text else set())


def test_python_2_is_read() -> None:
    assert read(b"print 'x'\nimport a\nexec 'y'\n") == {(0, "a", "", "a")}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"try:\n    import a\nexcept ImportError:\n    import b\n", [True, True]),
        (b"try:\n    import a\nexcept (ImportError, AttributeError) as e:\n    import b\n", [True, True]),
        (b"if sys.version_info >= (3, 9):\n    import a\nelse:\n    import b\n", [True, True]),
        (b"if TYPE_CHECKING:\n    import a\n", [False]),
        (b"import sys\nimport a\n", [False, False]),
    ],
)
def test_branches_for_other_versions_are_recognised(text: bytes, expected: list[bool]) -> None:
    assert [each.is_branch for each in import_lines(text)] == expected


def test_attributes_are_those_of_the_name_itself() -> None:
    assert attributes_of("six", b"six.moves.range; x.six.no; mysix.no; six.PY2\n") == {"moves", "PY2"}
