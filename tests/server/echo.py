"""A small WSGI application behind the product's own server; what it does follows from the path."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

from compliance.server.django_threads import ThreadedApp

LARGE = 20_000_000
_closed = threading.Event()


def _large() -> Iterator[bytes]:
    try:
        for number in range(LARGE // 10_000):
            yield b"%09d\n" % number * 1000
    finally:
        _closed.set()


def _broken() -> Iterator[bytes]:
    yield b"the beginning\n"
    raise RuntimeError("broken on purpose")


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
    """Answer with what was received, with a large text, or with one that breaks off."""
    path = environ["PATH_INFO"]
    headers = [("Content-Type", "text/plain")]
    if path == "/large":
        _closed.clear()
        start_response("200 OK", headers)
        return _large()
    if path == "/broken":
        start_response("200 OK", headers)
        return _broken()
    if path == "/error":
        raise RuntimeError("failed on purpose")
    if path == "/nothing":
        start_response("204 No Content", [])
        return []
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    told = {
        "body": hashlib.sha256(body).hexdigest(),
        "closed": _closed.is_set(),
        **{name: value for name, value in environ.items() if isinstance(value, str)},
    }
    text = json.dumps(told).encode()
    start_response("200 OK", [*headers, ("Content-Length", str(len(text)))])
    return [text]


application = ThreadedApp(app, threads=4)
