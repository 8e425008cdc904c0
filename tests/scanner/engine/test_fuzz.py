"""Whatever a file holds: no crash, no failing rule, no time-out, no clean file that names what is sought."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scanner.fuzz import NASTY, USE, batches, read_seeds, wrong

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[3]

_pieces = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([piece for piece in NASTY if len(piece) < 200]),
    st.sampled_from(
        [USE, USE + b"\n", USE + b"\r", b"\n", b"\n", b"    ", b"x = 1\n", b"def f():\n", b"class A:\n"]
    ),
)
_texts = st.lists(_pieces, max_size=12).map(b"".join)


# The same examples each time: `python -m tests.scanner.fuzz` goes looking for new ones.
@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(_texts, min_size=1, max_size=12))
def test_any_bytes_are_read_or_listed(texts: list[bytes]) -> None:
    assert list(wrong({f"m{number}.py": text for number, text in enumerate(texts)})) == []


def test_broken_real_files_are_read_or_listed() -> None:
    chance = random.Random(20250901)
    files = next(batches(chance, read_seeds(PROJECT / "scanner"), 120))
    assert list(wrong(files)) == []


def test_the_judge_would_notice() -> None:
    hidden = {"said.py": b"'planted_module.get_planted'\n", "lost.py": b"x = '''\n" + USE}
    assert list(wrong(hidden)) == []
    assert [path for path, _ in wrong({"huge.py": USE + b"\n" + b"#" * 1_000_001})] == ["huge.py"]
