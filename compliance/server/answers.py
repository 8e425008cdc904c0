"""Responses, written by a thread as fast as Django makes them and sent as fast as the client reads them."""

import asyncio
import tempfile
import threading
from collections.abc import AsyncIterator

_IN_MEMORY = 256 * 1024
_PART = 64 * 1024
MOST_UNREAD = 64 * 1024 * 1024
"""Bytes of one response that may wait for its client; the thread that writes it waits from there on."""

Headers = list[tuple[bytes, bytes]]


class AbandonedError(Exception):
    """Nobody reads the response any more."""


class Answer:
    """One response between the thread that writes it and the loop that sends it."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._room = threading.Condition()
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  (closed by `abandon`)
        self._written = self._read = 0
        self._head: tuple[int, Headers] | None = None
        self._is_finished = self._is_whole = self._is_abandoned = False

    def start(self, status: int, headers: Headers) -> None:
        """Set status and headers; from the thread."""
        self._head = status, headers

    def write(self, part: bytes) -> None:
        """Append to the response; from the thread. Raises `AbandonedError` once nobody reads it."""
        with self._room:
            self._room.wait_for(lambda: self._is_abandoned or self._written - self._read < MOST_UNREAD)
            if self._is_abandoned:
                raise AbandonedError
            self._file.seek(self._written)
            self._file.write(part)
            self._written += len(part)
        self._tell()

    def finish(self, *, is_whole: bool) -> None:
        """End the response; one that broke off must not look whole to its client. From the thread."""
        self._is_finished, self._is_whole = True, is_whole
        self._tell()

    def _tell(self) -> None:
        self._loop.call_soon_threadsafe(self._changed.set)

    async def head(self) -> tuple[int, Headers] | None:
        """Return status and headers once the first part or the end is there; None if there is no response."""
        await self._changed.wait()
        return self._head

    async def parts(self) -> AsyncIterator[tuple[bytes, bool]]:
        """Yield the response in parts, each with whether more follow; one that broke off has no last part."""
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
        """Delete what is stored, and stop the thread if it still writes; from the loop."""
        with self._room:
            self._is_abandoned = True
            self._file.close()
            self._room.notify_all()
        self._changed.set()
