"""Runs a WSGI application in a fixed number of threads behind ASGI."""

import asyncio
import sys
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import IO, Any
from urllib.parse import unquote_to_bytes, urlsplit

from compliance.server.answers import AbandonedError, Answer, Headers
from compliance.server.bodies import Bodies, BodyError, DisconnectedError
from compliance.server.types import AsgiScope, Environ, Receive, Send, WsgiApp

RESERVED_THREADS = 2


class ThreadedApp:
    """An ASGI application that passes each complete request to a WSGI application in one of its threads.

    Requests for the paths in `reserved` have threads of their own, so that health checks are answered even if
    a database that hangs occupies all other threads.
    """

    def __init__(self, app: WsgiApp, threads: int, reserved: Collection[str] = ()) -> None:
        self._app = app
        self._bodies = Bodies()
        self._pool = ThreadPoolExecutor(threads, "django")
        self._reserved = frozenset(reserved)
        self._reserved_pool = ThreadPoolExecutor(RESERVED_THREADS, "reserved")

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Handle one request. Startup and shutdown events are ignored, because they require no action."""
        if scope["type"] != "http":
            return
        try:
            async with self._bodies.reading(scope, receive) as body:
                await self._respond(scope, body, receive, send)
        except BodyError as error:
            await _refuse(send, error)
        except DisconnectedError:
            return

    async def _respond(self, scope: AsgiScope, body: IO[bytes], receive: Receive, send: Send) -> None:
        answer = Answer()
        environ = _environ(scope, body)
        pool = self._reserved_pool if environ["PATH_INFO"] in self._reserved else self._pool
        work = asyncio.get_running_loop().run_in_executor(pool, _run, self._app, environ, answer)
        watching = asyncio.create_task(_watch(receive, answer))
        try:
            await _send(answer, send)
        finally:
            watching.cancel()
            answer.abandon()
            await asyncio.shield(work)  # the body must be kept until the thread has ended


async def _send(answer: Answer, send: Send) -> None:
    head = await answer.head()
    if head is None:
        return
    await send({"type": "http.response.start", "status": head[0], "headers": head[1]})
    async for part, more in answer.parts():
        await send({"type": "http.response.body", "body": part, "more_body": more})


async def _watch(receive: Receive, answer: Answer) -> None:
    """Stop the thread once the client has disconnected."""
    while (await receive())["type"] != "http.disconnect":
        continue
    answer.abandon()


async def _refuse(send: Send, error: BodyError) -> None:
    words = f"{error}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(words))]
    headers += [(b"connection", b"close")]
    headers += [(b"retry-after", b"5")] if error.status == HTTPStatus.SERVICE_UNAVAILABLE else []
    await send({"type": "http.response.start", "status": int(error.status), "headers": headers})
    await send({"type": "http.response.body", "body": words})


def _run(app: WsgiApp, environ: Environ, answer: Answer) -> None:
    """Run the application for one request. Called from a worker thread."""

    def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Any:
        raw: Headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        answer.start(int(status.split(" ", 1)[0]), raw)
        return answer.write

    is_whole = False
    try:
        parts = app(environ, start_response)
        try:
            for part in parts:
                if part:
                    answer.write(part)
        finally:
            if close := getattr(parts, "close", None):
                close()
        is_whole = True
    except AbandonedError:
        pass
    finally:
        answer.finish(is_whole=is_whole)


def _environ(scope: AsgiScope, body: IO[bytes]) -> Environ:
    """Return a request as a WSGI environment (PEP 3333)."""
    root = scope.get("root_path", "")
    raw = scope["raw_path"] if scope["raw_path"].startswith(b"/") else urlsplit(scope["raw_path"]).path
    path = unquote_to_bytes(raw).decode("latin-1")
    client, server = scope.get("client") or ("", 0), scope.get("server") or ("", 0)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": root,
        "PATH_INFO": path.removeprefix(root),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": str(server[0]),
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": str(client[0]),
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if "_" in name:  # a proxy that sets X-Forwarded-For would still pass on X_Forwarded_For
            continue
        key = name.upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    return environ
