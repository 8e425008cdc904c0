"""Answers the requests of open pages that ask whether anything has changed, as long as nothing has.

Each open page asks every few seconds. Django takes milliseconds to find out who asks and what the state of
the repository is, and hundreds of pages ask for the same one. So the event loop repeats Django's answer for a
short time: in two seconds, one request for an address asks Django for the state, and each reader's session is
checked once a minute.
"""

import time
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import blake2b

from compliance.server.types import AsgiApp, AsgiScope, Message, Receive, Send

HEADER = b"x-page-state"
"""The response header by which Django gives the state of a page."""

STATE_SECONDS = 2.0
READER_SECONDS = 60.0
MOST_READERS = 20_000
MOST_PAGES = 2_000
_SEEN = b"seen="


@dataclass(slots=True)
class _State:
    token: bytes
    until: float


class UnchangedPages:
    """An ASGI application that answers 204 for pages whose state is known to be the one that the client has,
    and passes all other requests on.

    Only a client that Django has answered for the same address within the last minute gets such a response,
    and it says no more than that nothing has changed.
    """

    def __init__(self, app: AsgiApp) -> None:
        self._app = app
        self._states: OrderedDict[bytes, _State] = OrderedDict()
        self._readers: OrderedDict[bytes, float] = OrderedDict()

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["query_string"].startswith(_SEEN):
            await self._app(scope, receive, send)
            return
        reader = _reader(scope)
        if self._is_unchanged(scope, reader):
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return

        async def remember(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._remember(scope["raw_path"], reader, message)
            await send(message)

        await self._app(scope, receive, remember)

    def _is_unchanged(self, scope: AsgiScope, reader: bytes) -> bool:
        now = time.monotonic()
        state = self._states.get(scope["raw_path"])
        if state is None or scope["query_string"][len(_SEEN) :] != state.token:
            return False
        if self._readers.get(reader, 0.0) < now:
            return False
        if state.until < now:  # this request asks Django; meanwhile, the others get the same answer
            state.until = now + STATE_SECONDS
            return False
        return True

    def _remember(self, path: bytes, reader: bytes, message: Message) -> None:
        token = next((value for name, value in message["headers"] if name == HEADER), None)
        if token is None:  # the session has ended, or Django can't answer, which the others must see as well
            self._readers.pop(reader, None)
            self._states.pop(path, None)
            return
        now = time.monotonic()
        self._states[path] = _State(token, now + STATE_SECONDS)
        self._states.move_to_end(path)
        self._readers[reader] = now + READER_SECONDS
        self._readers.move_to_end(reader)
        while len(self._states) > MOST_PAGES:
            self._states.popitem(last=False)
        while len(self._readers) > MOST_READERS:
            self._readers.popitem(last=False)


def _reader(scope: AsgiScope) -> bytes:
    """Return a digest of the address and of the cookies by which Django knows who asks."""
    cookies = b";".join(value for name, value in scope["headers"] if name == b"cookie")
    return blake2b(scope["raw_path"] + b"\0" + cookies, digest_size=16).digest()
