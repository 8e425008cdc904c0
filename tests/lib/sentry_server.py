"""A strict receiver of Sentry envelopes (https://develop.sentry.dev/sdk/foundations/transport/envelopes/).

Run as a program: `python sentry_server.py PORT FOLDER` stores each valid event in a file, and what is wrong
with the others in `refused`.
"""

import gzip
import json
import re
import sys
import zlib
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

PROJECT, KEY = "42", "0123456789abcdef0123456789abcdef"
_ID = re.compile(r"[0-9a-f]{32}")
_LEVELS = {"fatal", "error", "warning", "info", "debug"}


class RefusalError(Exception):
    """What is wrong with a request."""


def parse(path: str, headers: dict[str, str], body: bytes) -> list[dict[str, Any]]:
    """Return the events of an envelope. Raises RefusalError."""
    if path != f"/api/{PROJECT}/envelope/":
        raise RefusalError(f"unknown address {path}")
    auth = headers.get("x-sentry-auth", "")
    given = dict(pair.strip().split("=", 1) for pair in auth.removeprefix("Sentry ").split(","))
    if not auth.startswith("Sentry ") or given.get("sentry_key") != KEY or given.get("sentry_version") != "7":
        raise RefusalError(f"wrong X-Sentry-Auth: {auth}")
    if headers.get("content-type") != "application/x-sentry-envelope":
        raise RefusalError(f"wrong Content-Type: {headers.get('content-type')}")
    encoding = headers.get("content-encoding", "identity")
    decoders: dict[str, Callable[[bytes], bytes]] = {
        "gzip": gzip.decompress,
        "deflate": zlib.decompress,
        "identity": bytes,
    }
    try:
        text = decoders[encoding](body)
    except (KeyError, OSError, zlib.error) as error:
        raise RefusalError(f"Content-Encoding {encoding}: {error}") from None
    head, _, rest = text.partition(b"\n")
    envelope = _object(head, "envelope header")
    if not _ID.fullmatch(str(envelope.get("event_id", ""))):
        raise RefusalError(f"the envelope has no event_id: {envelope}")
    return list(_items(rest, envelope["event_id"]))


def _items(rest: bytes, event_id: str) -> list[dict[str, Any]]:
    found = []
    while rest.strip():
        head, _, rest = rest.partition(b"\n")
        header = _object(head, "item header")
        length = header.get("length")
        payload = rest.split(b"\n", 1)[0] if length is None else rest[:length]
        if length is not None and (len(payload) != length or rest[length : length + 1] not in (b"", b"\n")):
            raise RefusalError(f"an item of {length} bytes isn't followed by a newline")
        rest = rest[len(payload) + 1 :]
        if header.get("type") != "event":
            raise RefusalError(f"an item of the type {header.get('type')}, which nobody asked for")
        found.append(_event(_object(payload, "event"), event_id))
    if len(found) != 1:
        raise RefusalError(f"{len(found)} events in an envelope")
    return found


def _event(event: dict[str, Any], event_id: str) -> dict[str, Any]:
    if event.get("event_id") != event_id or event.get("platform") != "python":
        raise RefusalError("event_id or platform is wrong")
    if event.get("level", "error") not in _LEVELS or not event.get("timestamp"):
        raise RefusalError("level or timestamp is wrong")
    for error in event.get("exception", {}).get("values", ()):
        if not error.get("type"):
            raise RefusalError("an exception without a type")
        if not all(frame.get("function") or frame.get("filename") for frame in _frames(error)):
            raise RefusalError("a frame without a place")
    return event


def _frames(error: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = error.get("stacktrace", {}).get("frames", [])
    return found


def _object(text: bytes, name: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise RefusalError(f"the {name} isn't JSON: {error}") from None
    if not isinstance(found, dict):
        raise RefusalError(f"the {name} is no object")
    return found


def serve(port: int, folder: Path) -> None:
    """Serve until the process is ended."""
    numbers = count()

    class Handler(BaseHTTPRequestHandler):
        """Answers one envelope."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                for event in parse(self.path, headers, body):
                    number = next(numbers)
                    (folder / f".{number}").write_text(json.dumps(event))
                    (folder / f".{number}").rename(folder / f"{number}.json")
                status, answer = 200, {"id": "0" * 32}
            except RefusalError as error:
                with (folder / "refused").open("a") as file:
                    file.write(f"{error}\n")
                status, answer = 400, {"detail": str(error)}
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]))
