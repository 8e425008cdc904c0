"""Files found by words: git's search of a few and our own of all files agree."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.fixes.revision_texts import RevisionTexts
from scanner.fixes.revision_workspace import WordSearch
from scanner.git.repository import open_repository
from scanner.model import decode_path
from tests.scanner.history import Commit, write_history

pytestmark = pytest.mark.slow

WORDS = ["ab", "abc", "b", "_ab", "ab_", "a1", "A", "Ab", "aba", "ba", "long_name", "name"]
PARTS = [*WORDS, ".", " ", "\n", "(", '"', "\r\n", "\t", "_", "1", "x", "\f"]
TEXTS = st.lists(st.sampled_from(PARTS), max_size=30).map("".join)


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(TEXTS, min_size=1, max_size=6))
def test_both_ways_find_the_same_files(texts: list[str]) -> None:
    with TemporaryDirectory() as folder:
        files = {f"src/{number}.py": text for number, text in enumerate(texts)}
        (sha,) = write_history(Path(folder) / "repository", [Commit({**files, "notes.txt": "ab abc name"})])
        with open_repository(f"{folder}/repository") as repository:
            blobs = {decode_path(path): blob for path, blob in repository.files(sha) if path.endswith(b".py")}
            kept = RevisionTexts(repository, blobs.values())
            searching = WordSearch(repository, sha, blobs, kept)
            by_git = {word: WordSearch(repository, sha, blobs, kept).paths([word])[word] for word in WORDS}
            assert not kept.is_kept
            assert searching.paths(WORDS) == by_git
            assert kept.is_kept
            assert searching.paths(WORDS) == by_git
            assert {word: searching.paths([word])[word] for word in WORDS} == by_git
            for blob in blobs.values():
                assert kept.read(blob) == next(repository.blobs([blob], 1000))[1]


def test_a_word_is_found_where_it_stands_alone() -> None:
    texts = {
        "a.py": "x = ab\n",
        "b.py": "abc\n",
        "c.py": "x_ab = 1",
        "d.py": "from ab.b import c",
        "e.py": "ab",
    }
    with TemporaryDirectory() as folder:
        (sha,) = write_history(Path(folder) / "repository", [Commit(texts)])
        with open_repository(f"{folder}/repository") as repository:
            blobs = {decode_path(path): blob for path, blob in repository.files(sha)}
            kept = RevisionTexts(repository, blobs.values())
            assert WordSearch(repository, sha, blobs, kept).paths(WORDS)["ab"] == ["a.py", "d.py", "e.py"]
