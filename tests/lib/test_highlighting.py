"""Source is divided into pieces that together are the text; hostile text costs no more than the limits."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.lib import highlighting
from compliance.lib.highlighting import MOST_CHARACTERS, Piece, highlight

SOURCE = '''"""A module
about things."""

import os  # the system


@cached
def load(path: str) -> int:
    text = f"{path!r}\\n"
    return len(text) if not None else 0x10
'''
LINES = SOURCE.split("\n")


def kinds(lines: list[str]) -> list[list[tuple[str, str]]]:
    found = highlight(lines, [range(len(lines))])
    assert found is not None
    return [[(piece.kind, piece.text.strip()) for piece in found[index]] for index in range(len(lines))]


def test_the_parts_of_a_line_have_their_kinds() -> None:
    found = kinds(LINES)

    assert found[0] == [("string", '"""A module')]
    assert found[1] == [("string", 'about things."""')]
    assert ("keyword", "import") in found[3]
    assert found[3][-1] == ("comment", "# the system")
    assert found[6] == [("decorator", "@cached")]
    assert ("name", "load") in found[7]
    assert ("builtin", "str") in found[7]
    assert ("number", "0x10") in found[9]
    assert ("keyword", "not") in found[9]


@given(st.text(alphabet="\"'\\#f{}()\n\r\t\f aé\u202e0.:@%", max_size=200))
def test_the_pieces_of_any_text_are_its_lines(text: str) -> None:
    lines = text.split("\n")
    found = highlight(lines, [range(len(lines))])

    assert found is not None
    assert ["".join(piece.text for piece in found[n]) for n in range(len(lines))] == lines


@given(st.integers(0, 8), st.integers(1, 9))
@settings(max_examples=40)
def test_a_part_is_highlighted_like_the_whole(begin: int, length: int) -> None:
    whole = highlight(LINES, [range(len(LINES))])
    part = range(begin, min(begin + length, len(LINES)))
    found = highlight(LINES, [part])

    assert whole is not None
    assert found == {index: whole[index] for index in part}


def test_a_part_that_begins_and_ends_in_a_string_is_a_string() -> None:
    lines = ['x = """', "def one():", "def two():", "def three():", '"""', "def real(): ..."]

    assert highlight(lines, [range(2, 3)]) == {2: [Piece("string", "def two():")]}
    found = highlight(lines, [range(3, 6)])
    assert found is not None
    assert found[4] == [Piece("string", '"""')]
    assert found[5][0] == Piece("keyword", "def")


def test_quotes_in_comments_and_in_other_strings_open_nothing() -> None:
    lines = ['# it\'s """ here', 'a = \'"""\'', 'b = "\\"" \'\'', "def real(): ..."]
    found = highlight(lines, [range(3, 4)])

    assert found is not None
    assert found[3][0] == Piece("keyword", "def")


def test_a_text_above_the_limit_is_not_highlighted() -> None:
    lines = ["x = 1"] * (MOST_CHARACTERS // 6 + 1)

    assert highlight(lines, [range(len(lines))]) is None
    assert highlight(lines, [range(100, 200)]) is not None


@pytest.mark.parametrize("line", [" ", "\t", "("])
def test_hostile_text_is_given_up(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(highlighting, "MOST_SECONDS", 0.05)
    lines = list(line * (MOST_CHARACTERS // 2 - 1))
    begin = time.thread_time()

    assert highlight(lines, [range(len(lines))]) is None
    assert time.thread_time() - begin < 60  # unbounded, blanks take minutes


def test_searching_for_strings_is_linear_in_hostile_text() -> None:
    for unit in ('"', "'", '"\\', "'''\"", '"""\\', "# ", '"\n'):
        lines = (unit * 300_000).split("\n")
        assert highlight(lines, [range(1, 2)] if len(lines) > 1 else [range(0)]) is not None
