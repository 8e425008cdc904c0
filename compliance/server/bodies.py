"""Reads request bodies in full before they occupy a thread, with limits on the time, the size and the total
size of all bodies.
"""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import IO

from compliance.server.types import AsgiScope, Receive

LONGEST = 25 * 1024 * 1024
"""Longer bodies are not read, because every view rejects them by their Content-Length."""

GRACE_SECONDS = 10.0
SLOWEST = 16 * 1024
"""Minimum average rate of a body in bytes per second, after the first few seconds."""

ALL_BODIES = 256 * 1024 * 1024
"""Maximum total number of bytes of all request bodies in one process. Beyond that, only small bodies are
read.
"""

SMALL = 1024 * 1024

_DIGITS = 12
_IN_MEMORY = 256 * 1024


class BodyError(Exception):
    """Raised if a body can't be read completely. `status` is the status of the response."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


def declared_length(text: str | None, limit: int) -> int:
    """Return the length that a request's Content-Length header declares.

    Raises `BodyError` if the header is missing or not a number, or if the body is longer than `limit`.
    """
    if text is None or not (text.isascii() and text.isdigit()):
        words = "The request has no Content-Length header. Send one instead of using chunked encoding."
        raise BodyError(HTTPStatus.LENGTH_REQUIRED, words)
    if len(text) > _DIGITS or int(text) > limit:
        words = f"The body is larger than {limit // (1024 * 1024)} MB."
        raise BodyError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, words)
    return int(text)


class DisconnectedError(Exception):
    """Raised if the client closed the connection before the end of its body."""


class Bodies:
    """Reads the bodies of all requests to one process."""

    def __init__(self) -> None:
        self._held = 0

    @asynccontextmanager
    async def reading(self, scope: AsgiScope, receive: Receive) -> AsyncIterator[IO[bytes]]:
        """Yield the body of a request as a file for as long as the request is being handled.

        Raises `BodyError` if the body arrives too slowly or there is no space for it, and `DisconnectedError`
        if it ends early.
        """
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as body:
            try:
                if length := _length(scope):
                    await self._read(receive, body, length)
                yield body
            finally:
                body.seek(0, os.SEEK_END)
                self._held -= body.tell()

    async def _read(self, receive: Receive, body: IO[bytes], length: int) -> None:
        loop = asyncio.get_running_loop()
        began, read, more = loop.time(), 0, True
        try:
            async with asyncio.timeout(GRACE_SECONDS) as limit:
                while more and read < length:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise DisconnectedError
                    part, more = message.get("body", b""), message.get("more_body", False)
                    body.write(part)
                    self._held += len(part)
                    read += len(part)
                    if self._held > ALL_BODIES and read > SMALL:
                        words = "Too much is being received at once; send it again later."
                        raise BodyError(HTTPStatus.SERVICE_UNAVAILABLE, words)
                    limit.reschedule(began + GRACE_SECONDS + read / SLOWEST)
        except TimeoutError:
            raise BodyError(HTTPStatus.REQUEST_TIMEOUT, "The body was sent too slowly.") from None
        body.seek(0)


def _length(scope: AsgiScope) -> int:
    """Return the number of bytes to read, which is 0 for a body that the view rejects by its headers, so that
    the response doesn't wait for it: one without a declared length, one that is too long for every view, or
    a compressed one for a webhook. The API accepts compressed test reports.
    """
    encoding = [value.lower() for name, value in scope["headers"] if name == b"content-encoding"]
    if scope["path"].startswith("/webhooks/") and encoding not in ([], [b"identity"]):
        return 0
    text = b",".join(value for name, value in scope["headers"] if name == b"content-length")
    try:
        return declared_length(text.decode("latin-1"), LONGEST)
    except BodyError:
        return 0
