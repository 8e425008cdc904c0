"""Encodings, line ends and patches: what is not the change stays as it was, and git takes the result."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scanner.fixes.text_edits import (
    Edit,
    EncodingError,
    apply_edits,
    are_compatible,
    edits_between,
    encode_like,
    overlaps,
)
from scanner.git.diff import blob_name, unified
from scanner.model import RepoPath, decode_path
from tests.scanner.fixes.tables import APP, FACTORY_PLAN
from tests.scanner.fixes.trees import rewritten

HEAD = "from app.factory import get_factory\n\n\ndef run(user):\n    name = 'é'\n    return get_factory()\n"
DONE = HEAD.replace("get_factory", "create_factory").replace("create_factory()", "create_factory(user)")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(HEAD.encode(), DONE.encode(), id="UTF-8"),
        pytest.param(b"\xef\xbb\xbf" + HEAD.encode(), b"\xef\xbb\xbf" + DONE.encode(), id="byte order mark"),
        pytest.param(HEAD.replace("\n", "\r\n").encode(), DONE.replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param(
            HEAD.replace("\n", "\r\n", 2).encode(),
            DONE.replace("\n", "\r\n", 2).encode(),
            id="mixed line ends",
        ),
        pytest.param(
            f"# coding: latin-1\n{HEAD}".encode("latin-1"),
            f"# coding: latin-1\n{DONE}".encode("latin-1"),
            id="Latin-1",
        ),
        pytest.param(
            f"# coding: cp1252\r{HEAD}".replace("\r", "\n").encode("cp1252"),
            f"# coding: cp1252\n{DONE}".encode("cp1252"),
            id="Windows",
        ),
        pytest.param(HEAD.rstrip("\n").encode(), DONE.rstrip("\n").encode(), id="no line end at the end"),
        pytest.param(f"\f\n{HEAD}\f".encode(), f"\f\n{DONE}\f".encode(), id="form feeds"),
        pytest.param(HEAD.replace("    ", "\t").encode(), DONE.replace("    ", "\t").encode(), id="tabs"),
        pytest.param(
            HEAD.replace("'é'", '"""é\\\n  """').encode(),
            DONE.replace("'é'", '"""é\\\n  """').encode(),
            id="quotes",
        ),
    ],
)
def test_the_text_around_the_change_keeps_its_bytes(before: bytes, after: bytes) -> None:
    assert rewritten(FACTORY_PLAN, {**APP, "app/use.py": before}, "app/use.py").raw == after


def test_a_text_that_is_not_in_its_encoding_is_left() -> None:
    found = rewritten(FACTORY_PLAN, {**APP, "app/use.py": HEAD.encode("latin-1")}, "app/use.py")
    assert "the file does not parse (line 5: byte 0xe9 is not UTF-8)" in found.reasons[0]


def test_an_encoding_that_cannot_hold_the_result_says_so() -> None:
    with pytest.raises(EncodingError, match="ascii, cannot represent the new text"):
        encode_like(b"# coding: ascii\nx\n", b"# coding: ascii\nx\n", "# coding: ascii\né\n".encode())


def test_an_encoding_that_is_not_the_same_twice_says_so() -> None:
    raw = b"# coding: utf-7\nx = '+AGE-'\n"
    with pytest.raises(EncodingError, match="byte for byte"):
        encode_like(raw, raw.decode("utf-7").encode(), b"# coding: utf-7\ny\n")


TEXTS = st.lists(
    st.sampled_from([b"a\n", b"b\n", b"\n", b"c\r\n", b"\xff\n", b"d", "é\n".encode()]), max_size=30
)


@settings(max_examples=40, deadline=None)
@example(before=[b"a\n", *[b"b\n"] * 7], after=[b"b\n"] * 5, name=b"a.py")
@given(before=TEXTS, after=TEXTS, name=st.sampled_from([b"a.py", b"a b.py", b"\xe9\t.py", b'q"\\.py']))
def test_git_apply_makes_the_one_text_of_the_other(
    tmp_path_factory: pytest.TempPathFactory, before: list[bytes], after: list[bytes], name: bytes
) -> None:
    old, new = b"".join(before), b"".join(after)
    if not old or not new:  # a file is rewritten, never made or deleted
        return
    folder = tmp_path_factory.mktemp("apply")
    place = folder / name.decode("utf-8", "surrogateescape")
    place.write_bytes(old)
    patch = unified(decode_path(name), old, new)
    if old == new:
        assert patch == b""
        return
    command = ["git", "apply", "--whitespace=nowarn", "-"]
    subprocess.run(command, cwd=folder, input=patch, check=True, env={"PATH": "/usr/bin:/bin"})
    assert place.read_bytes() == new


def test_a_blob_is_named_as_git_names_it(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x\r\n\xff")
    said = subprocess.run(
        ["git", "hash-object", "--no-filters", "a"], cwd=tmp_path, capture_output=True, check=True
    )
    assert said.stdout.decode().strip() == blob_name(b"x\r\n\xff")


def test_the_hunks_say_where_they_are() -> None:
    old = b"".join(b"%d\n" % n for n in range(100))
    new = old.replace(b"\n10\n", b"\nten\n").replace(b"\n90\n", b"\n")
    patch = unified(RepoPath("a.py"), old, new)
    assert patch.count(b"\n@@ ") == 2
    assert b"@@ -8,7 +8,7 @@" in patch
    assert b"@@ -88,7 +88,6 @@" in patch


WORDS = st.binary(max_size=40).map(lambda raw: raw.decode("latin-1").encode())


@given(before=WORDS, after=WORDS)
def test_the_smallest_edit_makes_the_one_text_of_the_other(before: bytes, after: bytes) -> None:
    edits = edits_between(before, after)
    assert apply_edits(before, edits) == after
    assert all(edit.start <= edit.end <= len(before) for edit in edits)


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_two_edits_overlap_or_can_be_applied_in_any_order(a: int, b: int, c: int, d: int) -> None:
    one, other = Edit(min(a, b), max(a, b), b"<one>"), Edit(min(c, d), max(c, d), b"<other>")
    assert overlaps(one, other) == overlaps(other, one)
    if not overlaps(one, other):
        text = apply_edits(b"0123456789", [one, other])
        assert text == apply_edits(b"0123456789", [other, one])
        assert b"<one>" in text
        assert b"<other>" in text


BRACKETS = Edit(14, 15, b"(\n    a,\n    b,  # why\n)")  # of `from m import a`


@pytest.mark.parametrize(
    ("edit", "accepted", "expected"),
    [
        pytest.param(Edit(15, 15, b", load as get"), BRACKETS, False, id="a name behind a new bracket"),
        pytest.param(BRACKETS, Edit(15, 15, b", load as get"), False, id="a new bracket around a name"),
        pytest.param(Edit(16, 16, b"import n\n"), BRACKETS, True, id="a line below"),
        pytest.param(Edit(15, 15, b", c"), Edit(12, 15, b""), True, id="a name behind one that goes"),
        pytest.param(Edit(16, 16, b"import n\n"), Edit(0, 16, b"import o\n"), True, id="behind a line"),
        pytest.param(Edit(14, 14, b"("), Edit(14, 15, b"b"), True, id="in front"),
    ],
)
def test_what_one_proposal_adds_does_not_follow_what_another_one_writes(
    edit: Edit, accepted: Edit, expected: bool
) -> None:
    assert are_compatible([edit], [accepted]) is expected
