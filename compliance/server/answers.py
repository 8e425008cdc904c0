"""Buffers responses: a thread writes them as fast as Django generates them, and the event loop sends them as
fast as the client reads.
"""

import asyncio
import tempfile
import threading
from collections.abc import AsyncIterator

_IN_MEMORY = 256 * 1024
_PART = 64 * 1024
MOST_UNREAD = 64 * 1024 * 1024
"""Maximum number of buffered bytes that the client has not read yet. Beyond that, the writing thread has to
wait.
"""

Headers = list[tuple[bytes, bytes]]


class AbandonedError(Exception):
    """Raised if nobody is reading the response any more."""


class Answer:
    """A buffered response. A thread writes it, and the event loop sends it."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._room = threading.Condition()
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  (closed by `abandon`)
        self._written = self._read = 0
        self._head: tuple[int, Headers] | None = None
        self._is_finished = self._is_whole = self._is_abandoned = False

    def start(self, status: int, headers: Headers) -> None:
        """Set the status and headers. Called from the thread."""
        self._head = status, headers

    def write(self, part: bytes) -> None:
        """Append to the response. Called from the thread. Raises `AbandonedError` if nobody is reading it any
        more.
        """
        with self._room:
            self._room.wait_for(lambda: self._is_abandoned or self._written - self._read < MOST_UNREAD)
            if self._is_abandoned:
                raise AbandonedError
            self._file.seek(self._written)
            self._file.write(part)
            self._written += len(part)
        self._tell()

    def finish(self, *, is_whole: bool) -> None:
        """End the response. Called from the thread. An aborted response must not look complete to the
        client.
        """
        self._is_finished, self._is_whole = True, is_whole
        self._tell()

    def _tell(self) -> None:
        self._loop.call_soon_threadsafe(self._changed.set)

    async def head(self) -> tuple[int, Headers] | None:
        """Return the status and headers once the first part or the end is available, or None if there is no
        response.
        """
        await self._changed.wait()
        return self._head

    async def parts(self) -> AsyncIterator[tuple[bytes, bool]]:
        """Yield the response in parts, each with a flag that is true if more parts follow. An aborted
        response has no last part.
        """
        while not self._is_abandoned:
            self._changed.clear()
            is_finished = self._is_finished
            part = self._next()
            is_end = is_finished and self._read == self._written
            if part or (is_end and self._is_whole):
                yield part, not (is_end and self._is_whole)
            if is_end:
                return
            if not part:
                await self._changed.wait()

    def _next(self) -> bytes:
        with self._room:
            if self._is_abandoned:
                return b""
            self._file.seek(self._read)
            part = self._file.read(_PART)
            self._read += len(part)
            self._room.notify()
        return part

    def abandon(self) -> None:
        """Delete the stored data, and stop the thread if it is still writing. Called from the event loop."""
        with self._room:
            self._is_abandoned = True
            self._file.close()
            self._room.notify_all()
        self._changed.set()
