"""What the peers have in common: `python -m tests.integrations.peers.NAME` serves one API on a free port.

A peer accepts exactly what its provider documents. Anything else is answered with an error and kept as a
fault, and a test asserts that there is none. A wrong token is no fault, because tests try those. The paths
below /-/ are the test's own: what has been called, what is stored, and which answers are to go wrong.
"""

import base64
import json
import re
import sys
import threading
import time
from collections.abc import Callable, Collection, Mapping
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

LONGEST = 1 << 20


@dataclass(frozen=True)
class Call:
    """A request. `values` are the groups of its route's pattern, decoded; `body` is its JSON value."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any = None
    values: dict[str, str] = field(default_factory=dict)
    scope: str = ""
    """What the credentials may do, as `check` has found."""

    text: str = ""
    """The body as it was sent."""

    at: float = field(default_factory=time.time)
    """When it arrived, in seconds since 1970."""


@dataclass(frozen=True)
class Reply:
    """An answer; `body` is sent as JSON unless it is None, and then `text` as it is."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""


class RefusalError(Exception):
    """Answers the request with an error. `fault` says what the product did that no client should do."""

    def __init__(
        self, status: int, body: Any, fault: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(fault)
        self.reply, self.fault = Reply(status, body, headers or {}), fault


@dataclass
class Trouble:
    """How answers go wrong. With `acted`, the request is carried out before its answer is lost.

    `kind` is status, hang (no answer until the peer ends), cut (the connection ends within the answer) or
    redirect (to `to`).
    """

    kind: str
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    to: str = ""
    acted: bool = False
    times: int = 1
    path: str = ""
    """A regular expression of the paths that are concerned."""
    method: str = ""
    says: str = ""
    """A regular expression of the bodies that are concerned, as JSON."""


Handler = Callable[[Call], Reply]
Check = Callable[[Call], str]


class Strict:
    """An API: its routes, what they store, and what has been asked."""

    def __init__(self, check: Check) -> None:
        """Remember how credentials are checked: `check` returns their scope or raises `RefusalError`."""
        self.check = check
        self.routes: list[tuple[str, re.Pattern[str], Handler]] = []
        self.calls: list[Call] = []
        self.faults: list[str] = []
        self.troubles: list[Trouble] = []
        self.store: dict[str, Any] = {}
        self.lock = threading.Lock()
        self.ending = threading.Event()
        self.unknown: Any = {"message": "Not Found"}
        self.url = ""
        self.first: dict[str, Any] = {}

    def reset(self) -> None:
        """Be as at the beginning, for the next test. Requests that still hang lose their connections."""
        with self.lock:
            self.ending.set()
            self.ending = threading.Event()
            for given in (self.calls, self.faults, self.troubles):
                given.clear()
            self.store.clear()
            self.store |= deepcopy(self.first)

    def route(self, method: str, pattern: str) -> Callable[[Handler], Handler]:
        """Register a handler for a method and a path, which is a regular expression over the raw path."""

        def add(handler: Handler) -> Handler:
            self.routes.append((method, re.compile(pattern), handler))
            return handler

        return add

    def answer(self, call: Call) -> Reply:
        """Return the answer to a request, and record it."""
        with self.lock:
            self.calls.append(call)
            try:
                return self._handle(call)
            except RefusalError as refused:
                if refused.fault:
                    self.faults.append(f"{call.method} {call.path}: {refused.fault}")
                return refused.reply

    def _handle(self, call: Call) -> Reply:
        found = [
            (match, handler)
            for method, pattern, handler in self.routes
            if (match := pattern.fullmatch(call.path)) and method == call.method
        ]
        if not found:
            raise RefusalError(404, self.unknown, "there is no such operation")
        if not call.headers.get("user-agent"):
            raise RefusalError(403, self.unknown, "there is no User-Agent")
        match, handler = found[0]
        values = {name: unquote(value) for name, value in match.groupdict().items() if value is not None}
        known = asdict(call) | {"values": values}
        return handler(Call(**known | {"scope": self.check(Call(**known))}))

    def trouble_for(self, call: Call) -> Trouble | None:
        """Return the trouble that concerns a request, and use it up."""
        with self.lock:
            for trouble in self.troubles:
                wanted = re.search(trouble.path, call.path) and trouble.method in ("", call.method)
                if wanted and trouble.times and re.search(trouble.says, json.dumps(call.body)):
                    trouble.times -= 1
                    return trouble
        return None

    def told(self) -> dict[str, Any]:
        """Return what the test may ask for."""
        with self.lock:
            return {
                "calls": [asdict(call) for call in self.calls],
                "faults": self.faults,
                "store": self.store,
            }


def fields(
    call: Call, required: Mapping[str, type], optional: Mapping[str, type] | None = None
) -> dict[str, Any]:
    """Return the body, an object that has all the required fields and no unknown one."""
    body = call.body
    if not isinstance(body, dict):
        raise RefusalError(400, {"message": "Problems parsing JSON"}, "the body is not a JSON object")
    known = {**required, **(optional or {})}
    wrong = [name for name in required if name not in body]
    wrong += [name for name in body if name not in known]
    wrong += [name for name, value in body.items() if name in known and not isinstance(value, known[name])]
    if wrong:
        raise RefusalError(422, {"message": f"Validation failed: {wrong}"}, f"the fields {wrong} are wrong")
    return body


def known_events(given: Any, known: Collection[str]) -> list[str]:
    """Return a list of events, each of which the provider documents."""
    events = list(given) if isinstance(given, list) else []
    if not events or set(events) - set(known):
        raise RefusalError(422, {"message": "Unknown event"}, f"the events {given} are wrong")
    return events


def page_of(call: Call, rows: list[Any], size: str, most: int) -> list[Any]:
    """Return one page of a list whose pages are numbered. `size` is the parameter with a page's size."""
    each, number = int(call.query.get(size, 30)), int(call.query.get("page", 1))
    if not 1 <= each <= most or number < 1 or set(call.query) - {size, "page"}:
        raise RefusalError(400, {"message": "Bad page"}, f"the query {call.query} is wrong")
    return rows[(number - 1) * each : number * each]


def lacks(api: Strict, call: Call) -> bool:
    """Return true if a call is about a commit, a pull request or an issue (`number`) that isn't stored."""
    known = {
        "sha": api.store["commits"],
        "number": [*api.store["threads"], *(str(row["number"]) for row in api.store.get("issues", ()))],
    }
    return any(call.values[name] not in values for name, values in known.items() if name in call.values)


def user_and_password(call: Call) -> tuple[str, str]:
    """Return the user name and the password of basic authentication, or empty texts."""
    scheme, _, value = call.headers.get("authorization", "").partition(" ")
    if scheme != "Basic":
        return "", ""
    user, _, password = base64.b64decode(value).decode().partition(":")
    return user, password


class _Handler(BaseHTTPRequestHandler):
    """Reads a request, and answers it as the API says unless trouble was ordered."""

    protocol_version = "HTTP/1.1"
    api: Strict

    def _serve(self) -> None:
        call = self._read()
        if call is None:
            return
        if call.path.startswith("/-/"):
            self._say(self._control(call))
            return
        trouble = self.api.trouble_for(call)
        if trouble is None:
            self._say(self.api.answer(call))
            return
        if trouble.acted:
            self.api.answer(call)
        else:
            with self.api.lock:
                self.api.calls.append(call)
        self._spoil(trouble)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815  (the library's names)

    def _read(self) -> Call | None:
        way = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        text = self.rfile.read(min(int(headers.get("content-length", 0)), LONGEST))
        query = dict(parse_qsl(way.query, keep_blank_values=True))
        call = Call(self.command, way.path, query, headers)
        if not text:
            return call
        if headers.get("content-type", "").partition(";")[0] != "application/json":
            self._bad(call, 415, "the body is not declared as JSON")
            return None
        try:
            return Call(self.command, way.path, query, headers, json.loads(text), text=text.decode())
        except ValueError:
            self._bad(call, 400, "the body is not JSON")
            return None

    def _bad(self, call: Call, status: int, fault: str) -> None:
        with self.api.lock:
            self.api.faults.append(f"{call.method} {call.path}: {fault}")
        self._say(Reply(status, {"message": fault}))

    def _control(self, call: Call) -> Reply:
        if call.path == "/-/told":
            return Reply(200, self.api.told())
        with self.api.lock:
            if call.path == "/-/trouble":
                self.api.troubles.append(Trouble(**call.body))
            elif call.path == "/-/store":
                self.api.store.update(call.body)
            elif call.path == "/-/calm":
                self.api.troubles.clear()
        if call.path == "/-/reset":
            self.api.reset()
        return Reply(200, {})

    def _spoil(self, trouble: Trouble) -> None:
        if trouble.kind == "hang":
            self.api.ending.wait()
        elif trouble.kind == "cut":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"id": 1')
        elif trouble.kind == "redirect":
            self._say(Reply(302, None, {"Location": trouble.to}))
        else:
            body = {"message": "trouble"} if trouble.body is None else trouble.body
            self._say(Reply(trouble.status, body, trouble.headers))
        self.close_connection = True

    def _say(self, reply: Reply) -> None:
        text = reply.text.encode() if reply.body is None else json.dumps(reply.body).encode()
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if text:
            kind = "text/html" if reply.body is None else "application/json; charset=utf-8"
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the library's name)
        """Write nothing: the calls are recorded."""


def serve(api: Strict) -> None:
    """Serve an API until the process is ended, on the port that the command line gives or a free one, which
    is printed.
    """
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    server = ThreadingHTTPServer(("127.0.0.1", port), type("Handler", (_Handler,), {"api": api}))
    server.daemon_threads = True
    api.url = f"http://127.0.0.1:{server.server_port}"
    api.first = deepcopy(api.store)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    try:
        server.serve_forever()
    finally:
        api.ending.set()
