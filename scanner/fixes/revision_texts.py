"""Keeps the texts of a revision's Python files at hand, so that git unpacks each of them only once."""

import os
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from pathlib import Path

from scanner.engine.analyzer import MAX_BYTES
from scanner.git.repository import Repository

_MOST_BYTES = 1 << 30  # the size of the file; larger revisions are read from git every time


class RevisionTexts:
    """The texts of some blobs, in a temporary file without a name, which forked processes share.

    In memory, the texts of a large tree would take hundreds of megabytes in each process.
    """

    def __init__(self, repository: Repository, blobs: Iterable[str]) -> None:
        self._git_dir, self._complete = repository.git_dir, repository.complete
        self._blobs = list(dict.fromkeys(blobs))
        self._file = -1
        self._places: dict[str, tuple[int, int]] = {}
        self.is_kept = False

    def read(self, blob: str) -> bytes | None:
        """Return a text; None if it has not been kept."""
        place = self._places.get(blob) if self.is_kept else None
        return os.pread(self._file, place[1], place[0]) if place is not None else None

    def every(self) -> Iterator[tuple[str, bytes]]:
        """Yield each blob with its text, except those that are no text. Raises GitError."""
        if not self.is_kept:
            yield from self._read_from_git()
            return
        for blob, (start, size) in self._places.items():
            yield blob, os.pread(self._file, size, start)

    def _read_from_git(self) -> Iterator[tuple[str, bytes]]:
        repository = Repository(self._git_dir, complete=self._complete)
        end, is_kept = 0, self._open()
        try:
            for blob, content in repository.blobs(self._blobs, MAX_BYTES):
                if isinstance(content, bytes) and b"\0" not in content:
                    is_kept = is_kept and self._keep(blob, content, end)
                    end += len(content)
                    yield blob, content
        finally:
            repository.close()
        self.is_kept = is_kept

    def _open(self) -> bool:
        """Open the file, and return whether that was possible."""
        self._places.clear()
        if self._file < 0:
            try:
                self._file, name = tempfile.mkstemp(prefix="ssot-texts-")
                Path(name).unlink()
            except OSError:
                return False
            weakref.finalize(self, os.close, self._file)
        return True

    def _keep(self, blob: str, content: bytes, end: int) -> bool:
        """Write a text at the end of the file; return False if there is no space for it."""
        self._places[blob] = (end, len(content))
        try:
            return end < _MOST_BYTES and os.pwrite(self._file, content, end) == len(content)
        except OSError:
            return False
