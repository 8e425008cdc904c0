"""Lists the branches and tags of a repository over HTTPS without starting git, through connections that are
kept open.

This speaks the smart protocol of git (gitprotocol-http(5), gitprotocol-v2(5)) to the address that was
checked. Whatever it doesn't know, such as a proxy, a redirect, an error or another protocol, is left to git.
"""

import os
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as LateError

from scanner.git.address import Remote
from scanner.git.command import RemoteError
from scanner.model import decode_path

PREFIXES = ("HEAD", "refs/heads/", "refs/tags/")

_SECONDS = 30.0
"""Seconds within which a whole answer must have arrived."""

_CONNECT_SECONDS = 10.0
_LONGEST = 32 << 20
_KEPT_HOSTS = 64
_KEPT_CONNECTIONS = 16
_SERVICE = "git-upload-pack"
_HEADERS = {"User-Agent": "git/2 (ssot-compliance)", "Accept-Encoding": "gzip", "Git-Protocol": "version=2"}
# Settings of git and curl for connections, which are not implemented here.
_LEFT_TO_GIT = ("GIT_SSL_NO_VERIFY", "GIT_SSL_CERT", "GIT_SSL_KEY", "GIT_SSL_CIPHER_LIST", "GIT_SSL_VERSION")
_PROXIES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")


class _UnknownError(Exception):
    """Raised if git has to read the repository instead."""


def list_refs(remote: Remote) -> tuple[dict[str, str], str] | None:
    """Return the refs whose names begin with one of `PREFIXES` (full name -> SHA), and the default branch.

    Returns None if git has to find out, for example why the server refuses. Raises `RemoteError` if the
    server doesn't answer in time.
    """
    if any(map(os.environ.get, (*_LEFT_TO_GIT, *_PROXIES))) or not _is_plain(remote.address):
        return None
    try:
        return _ask(remote)
    except LateError as error:
        words = f"{remote.address}: the server did not answer in time; check its load"
        raise RemoteError(f"{words}. The request is repeated automatically", "no answer") from error
    except (HTTPError, OSError, ValueError, _UnknownError):
        return None


def _is_plain(address: str) -> bool:
    return address.isascii() and "?" not in address and "#" not in address


def _ask(remote: Remote) -> tuple[dict[str, str], str]:
    if remote.address in _version_2:
        with suppress(_UnknownError):
            return _list_by_version_2(remote, _version_2[remote.address])
        _version_2.pop(remote.address, None)
    lines = list(_lines(_request(remote, "GET", f"info/refs?service={_SERVICE}", "advertisement")))
    if lines and lines[0].startswith(b"# service="):
        del lines[:1]
    if not lines or lines[0] != b"version 2":
        return _read_version_0([line for line in lines if line != b"version 1"])
    if not any(line.partition(b"=")[0] == b"ls-refs" for line in lines):
        raise _UnknownError
    formats = [line.decode() for line in lines if line.startswith(b"object-format=")]
    found = _list_by_version_2(remote, formats)
    if len(_version_2) >= _MOST_KNOWN:
        _version_2.clear()
    _version_2[remote.address] = formats
    return found


_MOST_KNOWN = 10_000
_version_2: dict[str, list[str]] = {}
"""Addresses whose server speaks version 2, with its object format. They are asked without asking for this
first.
"""


def _list_by_version_2(remote: Remote, formats: list[str]) -> tuple[dict[str, str], str]:
    head = "".join(_line(f"{words}\n") for words in ("command=ls-refs", *formats))
    wanted = "".join(_line(f"{words}\n") for words in ("symrefs", *(f"ref-prefix {p}" for p in PREFIXES)))
    answer = _request(remote, "POST", _SERVICE, "result", f"{head}0001{wanted}0000".encode())
    refs, default = {}, ""
    for line in _lines(answer):
        sha, name, *attributes = line.split(b" ")
        refs[_name(name)] = sha.decode()
        for attribute in attributes if name == b"HEAD" else ():
            if attribute.startswith(b"symref-target:"):
                default = _name(attribute.removeprefix(b"symref-target:")).removeprefix("refs/heads/")
    return _checked(refs), default


def _read_version_0(lines: list[bytes]) -> tuple[dict[str, str], str]:
    """Read the refs of a server that doesn't speak version 2. It names all of them at once."""
    first, _, capabilities = (lines[0] if lines else b"").partition(b"\0")
    refs, default = {}, ""
    for capability in capabilities.split():
        if capability.startswith(b"symref=HEAD:"):
            default = _name(capability.removeprefix(b"symref=HEAD:")).removeprefix("refs/heads/")
    for line in (first, *lines[1:]):
        sha, _, name = line.partition(b" ")
        if name and not name.endswith(b"^{}") and name.decode("latin-1").startswith(PREFIXES):
            refs[_name(name)] = sha.decode()
    return _checked(refs), default


def _checked(refs: dict[str, str]) -> dict[str, str]:
    if not all(len(sha) in (40, 64) and set(sha) <= set("0123456789abcdef") for sha in refs.values()):
        raise _UnknownError
    return refs


def _name(raw: bytes) -> str:
    return str(decode_path(raw))


def _line(words: str) -> str:
    return f"{len(words) + 4:04x}{words}"


def _lines(body: bytes) -> Iterator[bytes]:
    """Yield the lines of an answer without the marks between its sections. Raises ValueError if it is cut
    off.
    """
    at = 0
    while at < len(body):
        size = int(body[at : at + 4], 16)
        if size > len(body) - at or size == 3:
            raise ValueError("The answer is incomplete")
        if size > 3:
            line = body[at + 4 : at + size]
            if line.startswith(b"ERR "):
                raise _UnknownError
            yield line.removesuffix(b"\n")
        at += max(size, 4)


def _request(remote: Remote, method: str, path: str, kind: str, body: bytes | None = None) -> bytes:
    """Return the body of an answer. Raises `_UnknownError` unless it is one of git's."""
    parts = urlsplit(remote.address)
    base = parts.path.rstrip("/")
    headers = {**_HEADERS, "Host": parts.netloc}
    for _, header in remote.secrets:
        name, _, value = header.partition(": ")
        headers[name] = value
    if body is not None:
        headers["Content-Type"] = f"application/x-{_SERVICE}-request"
    pool = _pool(
        str(parts.hostname),
        parts.port or 443,
        remote.hosts[0].strip("[]"),
        os.environ.get("GIT_SSL_CAINFO"),
        os.environ.get("GIT_SSL_CAPATH"),
    )
    answer = pool.request(
        method, f"{base}/{path}", body, headers=headers, redirect=False, retries=False, preload_content=False
    )
    try:
        if answer.status != 200 or answer.headers.get("Content-Type") != f"application/x-{_SERVICE}-{kind}":
            raise _UnknownError
        return _read(answer)
    except BaseException:
        answer.close()
        raise
    finally:
        answer.release_conn()


def _read(answer: urllib3.BaseHTTPResponse) -> bytes:
    until = time.monotonic() + _SECONDS
    parts: list[bytes] = []
    while part := answer.read1(1 << 16):
        parts.append(part)
        if time.monotonic() > until:
            raise LateError
        if sum(map(len, parts)) > _LONGEST:
            raise _UnknownError
    return b"".join(parts)


class _Connection(urllib3.connection.HTTPSConnection):
    """A connection that is broken if the headers of an answer take too long, however slowly they arrive."""

    is_late = False

    def getresponse(self) -> Any:
        """Return the answer once its headers have arrived."""
        late = threading.Timer(_SECONDS, self._break)
        late.daemon = True
        late.start()
        try:
            return super().getresponse()
        except Exception as error:
            if self.is_late:
                raise LateError from error
            raise
        finally:
            late.cancel()

    def _break(self) -> None:
        self.is_late = True
        with suppress(OSError, AttributeError):
            self.sock.shutdown(2)


class _Pool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Connection


@lru_cache(maxsize=_KEPT_HOSTS)
def _pool(host: str, port: int, address: str, cafile: str | None, capath: str | None) -> _Pool:
    """Return the connections to a checked address of a host, whose certificate must be for its name."""
    context = _context(cafile, capath)
    return _Pool(
        address,
        port,
        timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=_SECONDS),
        maxsize=_KEPT_CONNECTIONS,
        ssl_context=context,
        server_hostname=host,
        assert_hostname=host,
    )


@lru_cache(maxsize=1)
def _context(cafile: str | None, capath: str | None) -> ssl.SSLContext:
    """Return the certificate authorities that git trusts. Reading them takes long."""
    return ssl.create_default_context(cafile=cafile, capath=capath)
