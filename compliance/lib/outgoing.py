"""Sends HTTP requests to other servers. All requests to URLs that somebody has entered use this client.

It resolves a host once, checks all its addresses, and connects to what it checked, so a name that resolves to
something else a moment later gains nothing. The whole exchange has a time limit, however slowly the server
answers, and the answer a maximum size. Proxies in the environment are not used, because they would resolve
the name again.
"""

import json
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from http import HTTPStatus
from http.client import HTTPException
from typing import Any
from urllib.parse import urljoin

import urllib3
from django.conf import settings
from django.utils import timezone
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from compliance.lib.outgoing_addresses import (
    Network,
    OutgoingError,
    RefusedAddressError,
    Target,
    UnreachableError,
    find_target,
)

__all__ = [
    "Answer",
    "Client",
    "OutgoingError",
    "RefusedAddressError",
    "UnansweredError",
    "UnreachableError",
    "client",
]

SECONDS = 20.0
"""Seconds within which the whole answer must have arrived."""

CONNECT_SECONDS = 10.0
LONGEST_ANSWER = 4 << 20
"""Maximum size of an answer's body in bytes."""

LONGEST_WAIT = timedelta(hours=6)
"""Maximum time for which a server can have requests withheld by Retry-After."""

MOST_REDIRECTS = 3
AGENT = "ssot-compliance"
_HARMLESS_HEADERS = {"user-agent", "accept", "accept-encoding"}
"""The only headers that are sent to another server to which a redirect leads."""


class UnansweredError(OutgoingError):
    """Raised if a request was sent, but no complete answer arrived. The server may have acted on it.

    `status` is the status of the answer, if at least that has arrived.
    """

    may_have_arrived = True

    def __init__(self, words: str, status: int | None = None) -> None:
        super().__init__(words)
        self.status = status


@dataclass(frozen=True, slots=True)
class Answer:
    """A server's answer. The names of the headers may be looked up in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        """Return true for the status codes 200 to 299."""
        return 200 <= self.status < 300

    def retry_after(self) -> timedelta | None:
        """Return how long the server asks to wait (RFC 9110, 10.2.3), or None if it doesn't say."""
        value = self.headers.get("Retry-After", "").strip()
        if value.isascii() and value.isdigit():
            return timedelta(seconds=min(int(value[:9]), LONGEST_WAIT.total_seconds()))
        try:
            until = parsedate_to_datetime(value)
        except ValueError:
            return None
        until = until if until.tzinfo else until.replace(tzinfo=UTC)
        return min(max(until - timezone.now(), timedelta()), LONGEST_WAIT)

    def json(self) -> Any:
        """Return the body as JSON. Raises ValueError if it is not, or if it is nested too deeply."""
        try:
            return json.loads(self.body)
        except RecursionError:
            raise ValueError("The answer is nested too deeply.") from None


@dataclass(frozen=True, slots=True)
class Client:
    """Sends requests to permitted addresses. `allowed` are networks that are permitted additionally."""

    allowed: tuple[Network, ...]
    seconds: float = SECONDS
    longest: int = LONGEST_ANSWER

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json_body: Any = None,
        body: bytes | None = None,
    ) -> Answer:
        """Send one request and return the answer, whatever its status is.

        `json_body` is sent as JSON. GET and HEAD follow redirects; other methods only those that keep the
        method (307, 308) and lead to the same server. If one may not be followed, it is the answer.

        Raises:
            RefusedAddressError: if the URL is invalid, or its address or that of a redirect isn't permitted.
            UnreachableError: if no connection could be established, so nothing was sent.
            UnansweredError: if no complete answer arrived in time.
        """
        sent = {"User-Agent": AGENT, "Accept-Encoding": "identity", **(headers or {})}
        if json_body is not None:
            body = json.dumps(json_body).encode()
            sent.setdefault("Content-Type", "application/json")
        until = time.monotonic() + self.seconds
        target = find_target(url, self.allowed)
        for _ in range(MOST_REDIRECTS):
            answer = self._ask(target, method, sent, body, until)
            following = _redirect(method, url, answer)
            if not following:
                return answer
            following_target = find_target(following, self.allowed)
            if following_target.origin != target.origin:
                if method not in ("GET", "HEAD") or following_target.scheme != "https":
                    return answer
                sent = {name: value for name, value in sent.items() if name.lower() in _HARMLESS_HEADERS}
            url, target = following, following_target
        return self._ask(target, method, sent, body, until)

    def _ask(
        self, target: Target, method: str, headers: Mapping[str, str], body: bytes | None, until: float
    ) -> Answer:
        connection = _connect(target, until)
        status: int | None = None
        try:
            with _limited(connection, target, until) as is_late:
                try:
                    host = target.origin.partition("://")[2]
                    connection.request(
                        method,
                        target.path,
                        body,
                        {"Host": host, **headers},
                        preload_content=False,
                        decode_content=False,
                    )
                    response = connection.getresponse()
                    status = response.status
                    answer = Answer(status, response.headers, self._read(response, target))
                    if is_late():  # the end of the connection may look like the end of the answer
                        raise TimeoutError
                    return answer
                except (OSError, HTTPError, HTTPException) as error:
                    if isinstance(error, OutgoingError):
                        raise
                    raise UnansweredError(_describe(target, error, late=is_late()), status) from None
        finally:
            connection.close()

    def _read(self, response: urllib3.BaseHTTPResponse, target: Target) -> bytes:
        read = bytearray()
        while part := response.read1(1 << 16):
            read += part
            if len(read) > self.longest:
                raise UnansweredError(
                    f"The answer of {target.origin} is longer than {self.longest:,} bytes.", response.status
                )
        return bytes(read)


def client(*, seconds: float = SECONDS, longest: int = LONGEST_ANSWER) -> Client:
    """Return a client that may connect to what OUTGOING_ALLOW permits, besides public addresses."""
    return Client(tuple(settings.OUTGOING_ALLOW), seconds, longest)


def _redirect(method: str, url: str, answer: Answer) -> str:
    """Return the URL to which an answer redirects the request, or an empty string."""
    keeps_method = answer.status in (HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT)
    moved = answer.status in (HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND, HTTPStatus.SEE_OTHER)
    if not keeps_method and not (moved and method in ("GET", "HEAD")):
        return ""
    return urljoin(url, answer.headers.get("Location", "")) if answer.headers.get("Location") else ""


def _connect(target: Target, until: float) -> HTTPConnection:
    """Connect to the first of the checked addresses that responds."""
    failure: Exception | None = None
    for address in target.addresses:
        left = min(until - time.monotonic(), CONNECT_SECONDS)
        if left <= 0:
            break
        connection = _new_connection(target, address, left)
        try:
            connection.connect()
        except (OSError, HTTPError) as error:
            connection.close()
            failure = error
        else:
            return connection
    words = _reason(failure) if failure else "there was no answer in time"
    raise UnreachableError(f"No connection to {target.origin} could be established: {words}.")


def _new_connection(target: Target, address: str, seconds: float) -> HTTPConnection:
    if target.scheme == "http":
        return HTTPConnection(address, target.port, timeout=seconds)
    context = _context(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
    # The certificate must be for the name, although the connection is to the address.
    return HTTPSConnection(
        address, target.port, timeout=seconds, ssl_context=context, server_hostname=target.host
    )


@lru_cache(maxsize=4)
def _context(cafile: str | None, capath: str | None) -> ssl.SSLContext:
    """Return the trusted certificate authorities. Reading them takes long."""
    return ssl.create_default_context(cafile=cafile, capath=capath)


@contextmanager
def _limited(connection: HTTPConnection, target: Target, until: float) -> Iterator[Any]:
    """Break the connection at a time. A time-out of the socket alone begins anew with every byte."""
    left = until - time.monotonic()
    if left <= 0 or connection.sock is None:
        raise UnreachableError(f"{target.origin} did not answer in time.")
    connection.sock.settimeout(left)
    connection.timeout = left
    late = threading.Event()
    with socket.socket(fileno=os.dup(connection.sock.fileno())) as copy:

        def end() -> None:
            late.set()
            try:
                copy.shutdown(socket.SHUT_RDWR)
            except OSError:  # it is closed already
                return

        timer = threading.Timer(left, end)
        timer.daemon = True
        timer.start()
        try:
            yield late.is_set
        finally:
            timer.cancel()
            timer.join()


def _describe(target: Target, error: Exception, *, late: bool) -> str:
    if late or isinstance(error, TimeoutError | urllib3.exceptions.TimeoutError):
        return f"{target.origin} did not answer in time."
    return f"The answer of {target.origin} is incomplete or not HTTP: {_reason(error)}."


def _reason(error: Exception) -> str:
    """Return what an error says without the URL, which some errors contain."""
    for found in reversed(list(_causes(error))):
        if isinstance(found, ssl.SSLCertVerificationError):
            return f"the certificate is not valid ({found.verify_message.rstrip('.')})"
        if isinstance(found, TimeoutError | urllib3.exceptions.TimeoutError):
            return "there was no answer in time"
        if isinstance(found, OSError) and found.strerror:
            return found.strerror
    return type(error).__name__


def _causes(error: BaseException | None) -> Iterable[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
