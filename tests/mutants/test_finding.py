"""Which mutants are found in a text, and what is left out."""

import ast
import shutil
from pathlib import Path

import pytest

from tests.mutants.__main__ import node
from tests.mutants.mutant import Mutant
from tests.mutants.python_source import mutants_of
from tests.mutants.sample import find_in_scripts

ROOT = Path(__file__).parents[2]


def changes(code: str, operator: str = "") -> list[str]:
    """The changed texts, each as the whole file reads with it."""
    found = mutants_of("a.py", code.encode())
    return [each.apply(code.encode()).decode() for each in found if not operator or each.operator == operator]


@pytest.mark.parametrize(
    ("operator", "code", "expected"),
    [
        ("comparison", "x = a < b\n", ["x = (a <= b)\n", "x = (a >= b)\n"]),
        ("comparison", "x = a == b\n", ["x = (a != b)\n"]),
        ("comparison", "x = a in b\n", ["x = (a not in b)\n"]),
        ("comparison", "a <= b is c\n", ["(a < b is c)\n", "(a <= b is not c)\n", "(a > b is c)\n"]),
        ("boolean", "x = a and (b or c)\n", ["x = (a or (b or c))\n", "x = a and ((b and c))\n"]),
        ("boolean", "x = not a\n", ["x = (a)\n"]),
        ("boolean", "x = a if b else c\n", ["x = (a if not b else c)\n"]),
        ("boolean", "x = Q(a) | Q(b)\n", ["x = (Q(a) & Q(b))\n"]),
        ("arithmetic", "x = a + b * c\n", ["x = (a - b * c)\n", "x = a + (b // c)\n"]),
        ("arithmetic", "x += a\n", ["x -= a\n"]),
        ("constant", "x = 1\n", ["x = (2)\n"]),
        ("constant", "f(True, 'é')\n", ["f((False), 'é')\n", "f(True, (''))\n"]),
        ("constant", "f('')\n", ["f(('mutant'))\n"]),
        ("return", "def f():\n    return g(1)\n", ["def f():\n    return None\n"]),
        ("return", "def f() -> bool:\n    return g()\n", ["def f() -> bool:\n    return not g()\n"]),
        ("return", "def f() -> None:\n    return g()\n", []),
        ("removed statement", "f(\n  1)\n", ["pass\n"]),
        ("removed statement", "x.y = 1\nx = 1\n", ["pass\nx = 1\n"]),
        ("removed statement", "for x in y:\n    continue\n", ["for x in y:\n    pass\n"]),
        ("removed statement", "raise E()\n", ["pass\n"]),
        ("swapped argument", "f(a, b, c)\n", ["(f(a, c, b))\n", "(f(b, a, c))\n"]),
        ("swapped argument", "f(x=a, y=b)\n", ["(f(x=b, y=a))\n"]),
        ("swapped argument", "f(a, a)\nf(*a, b)\nf(x=1, y=b)\n", []),
    ],
)  # fmt: skip
def test_each_operator_changes_one_place(operator: str, code: str, expected: list[str]) -> None:
    assert changes(code, operator) == expected


@pytest.mark.parametrize(
    "code",
    [
        '"""Text."""\n',
        'def f() -> "int":\n    """Text."""\n',
        "log.warning('%s: %s', a + b, 1)\n",
        "logger.exception('failed')\n",
        "from a import b\n",
        "if TYPE_CHECKING:\n    x = 1\n",
        "x: Literal['a', 'b']\n",
        "Kind = Literal['a', 'b']\n",
        "Pair = tuple[int, str] | None\n",
        "__all__ = ['a']\n",
        "T = TypeVar('T', bound='B')\n",
        "class P(Protocol):\n    name = 'x'\n    def f(self, x: int = 1) -> int: ...\n",
        "x = f'{a + 1} of {b}'\n",
    ],
)
def test_texts_for_people_who_read_code_and_types_are_left_out(code: str) -> None:
    assert changes(code) == []


def test_the_value_of_an_annotated_name_and_of_a_cast_is_changed() -> None:
    assert changes("x: Literal[1] = 1\n") == ["x: Literal[1] = (2)\n"]
    assert changes("x = cast('int', y + z)\n") == ["x = cast('int', (y - z))\n"]


def test_the_identity_of_a_mutant_outlives_other_changes_of_its_file() -> None:
    code = "def f(a):\n    return a > 1\n"
    before = {each.identity: each.change for each in mutants_of("a.py", code.encode())}
    after = {each.identity: each.change for each in mutants_of("a.py", f"x = 1\n\n{code}".encode())}
    assert before.items() <= after.items()
    twice = [each.identity for each in mutants_of("a.py", b"f(1, 1)\nf(1, 1)\n")]
    assert len(set(twice)) == len(twice)


def test_every_mutant_of_the_product_is_a_program() -> None:
    files = sorted((ROOT / "compliance").rglob("*.py"))[::12]
    for file in files:
        source = file.read_bytes()
        found = mutants_of("a.py", source)
        for each in found[:: max(1, len(found) // 10)]:
            ast.parse(each.apply(source))


SCRIPT = """\
import { a } from "./a.js";
export const f = (x, y) => {
  console.log("seen", x);
  if (x > 1 && !y) return g(x, y);
  return x === "é" ? x + 1 : { é: `text ${x - 1}` };
};
"""


CHOICE = 'x === "é" ? x + 1 : { é: `text ${x - 1}` }'


def scripted(tmp_path: Path, text: str) -> list[Mutant]:
    (tmp_path / "a.js").write_text(text, encoding="utf-8")
    return find_in_scripts(tmp_path, ["a.js"], node())


def test_scripts_are_read_with_acorn(tmp_path: Path) -> None:
    found = scripted(tmp_path, SCRIPT)
    assert {(each.line, each.operator, each.was, each.becomes) for each in found} == {
        (4, "comparison", "x > 1", "(x >= 1)"),
        (4, "comparison", "x > 1", "(x <= 1)"),
        (4, "constant", "1", "2"),
        (4, "boolean", "x > 1 && !y", "((x > 1) || (!y))"),
        (4, "boolean", "!y", "(y)"),
        (4, "return", "return g(x, y);", "return undefined;"),
        (4, "swapped argument", "g(x, y)", "g(y, x)"),
        (5, "comparison", 'x === "é"', '(x !== "é")'),
        (5, "constant", '"é"', '""'),
        (5, "arithmetic", "x + 1", "(x - 1)"),
        (5, "constant", "1", "2"),
        (5, "arithmetic", "x - 1", "(x + 1)"),
        (5, "boolean", CHOICE, '((x === "é") ? { é: `text ${x - 1}` } : x + 1)'),
        (5, "return", f"return {CHOICE};", "return undefined;"),
    }  # fmt: skip
    assert {each.scope for each in found} == {"f", "f.é"}


def test_a_place_behind_letters_of_several_bytes_is_found(tmp_path: Path) -> None:
    last = scripted(tmp_path, SCRIPT)[-1]
    changed = last.apply(SCRIPT.encode()).decode()
    assert changed == SCRIPT.replace(last.was, last.becomes) or changed.count(last.becomes) == 1
    shutil.rmtree(tmp_path)
