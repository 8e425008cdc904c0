"""Calls to the API of a forge or tracker, and what a module in `apis` offers."""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

from django.utils import timezone

from compliance.lib.field_types import is_storable, one_line
from compliance.lib.outgoing import LONGEST_WAIT, Answer, OutgoingError, client
from compliance.models import Connection

_SHOWN = 300
"""Maximum number of characters of a server's error message that are kept."""

MOST_PAGES = 20
"""Maximum number of pages of a list that are read."""


class ApiError(Exception):
    """Raised if a call fails. The message, which people read, names the call and what the server said.

    `status` is the answer's status, or 0 if there was none. `body` is the answer's JSON object, if it is one.
    `wait` is how long the server asks to wait, and `cause` why there is no answer.
    """

    def __init__(
        self,
        message: str,
        status: int = 0,
        body: Mapping[str, Any] | None = None,
        *,
        wait: timedelta | None = None,
        cause: OutgoingError | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.body = status, body or {}
        self.wait, self.cause = wait, cause


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose the credentials are, and what they allow. `scopes` is empty if the provider doesn't say."""

    acts_as: str
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook to be installed. `known` is the provider's id of it if it was installed before."""

    url: str
    secret: str
    known: str = ""


@dataclass(frozen=True, slots=True)
class WebPages:
    """How a forge names its pages.

    `hosts` are parts of the names of servers that suggest the forge, and `service` is the public one, whose
    API may be on `api_host`. An API's address ends with `api_path`. `repository` is a repository's path.
    """

    hosts: tuple[str, ...]
    service: str = ""
    api_host: str = ""
    api_path: str = ""
    repository: str = "{group}/{name}"
    commit: str = "commit"


@dataclass(frozen=True, slots=True)
class Session:
    """Calls one API with the headers that contain the credentials. `secrets` never appear in a message."""

    label: str
    base: str
    headers: Mapping[str, str]
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """Send a request to a path below the API's address, or to a URL of the same server, and return the
        answer. Raises `ApiError` unless its status is 2xx.
        """
        url = path if "://" in path else f"{self.base}{path}"
        if _origin(url) != _origin(self.base):
            raise ApiError(f"{self.label} refers to another server, {_origin(url)}. Check the API address.")
        headers = {"Accept": "application/json", **self.headers}
        # The query may contain a secret, and the error may be shown.
        shown = f"{method} {urlsplit(url).path}"
        try:
            answer = client().request(method, url, headers=headers, json_body=body)
        except OutgoingError as error:
            raise ApiError(self._masked(f"{self.label} cannot be reached: {error}"), cause=error) from None
        if not answer.is_success:
            raise self._error(shown, answer)
        return answer

    def read(self, method: str, path: str, body: Any = None) -> Any:
        """Return the JSON value that answers a request. Raises `ApiError`."""
        return self.decoded(self.ask(method, path, body))

    def decoded(self, answer: Answer) -> Any:
        """Return the JSON value in an answer. Raises `ApiError` if it isn't JSON."""
        try:
            return answer.json()
        except ValueError:
            words = f"{self.label} answered with something that is not JSON. Check the API address."
            raise ApiError(words, answer.status) from None

    def _error(self, shown: str, answer: Answer) -> ApiError:
        try:
            body = answer.json()
        except ValueError:
            body = {}
        said = one_line(_message(body), _SHOWN)
        words = f"{self.label} answered {shown} with {_status(answer.status)}"
        words += f": {said.rstrip('.')}." if said else "."
        if answer.status == HTTPStatus.UNAUTHORIZED:
            words += " Check the credentials."
        elif answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            words += " Try again later."
        elif answer.status < HTTPStatus.BAD_REQUEST:
            words += " Check the API address."
        told = body if isinstance(body, dict) else None
        return ApiError(self._masked(words), answer.status, told, wait=wait_of(answer))

    def _masked(self, words: str) -> str:
        for secret in self.secrets:
            words = words.replace(secret, "…") if secret else words
        return words


class Api(Protocol):
    """A module in `apis`: what the product does at one provider. Every function raises `ApiError`.

    What it can publish there is optional; see `Outbound` in `outbound`.
    """

    LABEL: str
    """The provider's name as shown on pages."""
    API_URL: str
    """The usual address of the API, or an example that ends in `example.org` if every customer has their
    own.
    """
    CREDENTIALS: str
    """Which token to create, with which permissions, as sentences for the page."""
    KIND: Literal["forge", "tracker"]
    ACCOUNT: str
    """The label of the field for the account's name, or empty if the provider doesn't want one."""

    def identify(self, found: Connection) -> Identity:
        """Return whose the credentials are."""
        ...

    def install(self, found: Connection, project: str, hook: Hook) -> str:
        """Add the webhook, or update the one that has its URL. Return the provider's id of it."""
        ...

    def remove(self, found: Connection, project: str, hook_id: str) -> None:
        """Remove the webhook. It is no error if there is none any more."""
        ...


def bearer(found: Connection, label: str, base: str, scheme: str = "Bearer", **more: str) -> Session:
    """Return a session with the connection's token in the header Authorization."""
    headers = {"Authorization": f"{scheme} {found.token}", **more}
    return Session(label, base, headers, (found.token, found.webhook_secret))


def basic(found: Connection, label: str, base: str) -> Session:
    """Return a session with the connection's account and token as user name and password (RFC 7617)."""
    both = base64.b64encode(f"{found.account}:{found.token}".encode()).decode()
    headers = {"Authorization": f"Basic {both}"}
    return Session(label, base, headers, (both, found.token, found.webhook_secret))


def base_of(found: Connection, path: str = "") -> str:
    """Return the API's address without a final slash, and with this path, which it may have already."""
    address = found.api_url.rstrip("/")
    return address if not path or address.endswith(path) else f"{address}{path}"


def wait_of(answer: Answer) -> timedelta | None:
    """Return how long a server asks to wait, also if it says only when its limit of requests is lifted.

    GitHub and Gitea give that time in seconds, and Linear in milliseconds since 1970.
    """
    if (told := answer.retry_after()) is not None:
        return told
    for name, unit in (("X-RateLimit-", 1), ("X-RateLimit-Requests-", 1000)):
        until = answer.headers.get(f"{name}Reset", "")
        if answer.headers.get(f"{name}Remaining") == "0" and until.isascii() and until.isdigit():
            left = datetime.fromtimestamp(min(int(until) / unit, 1e11), UTC) - timezone.now()
            return min(max(left, timedelta()), LONGEST_WAIT)
    return None


def pages_of(session: Session, path: str, size: int, most: int = MOST_PAGES) -> Iterable[Mapping[str, Any]]:
    """Yield the objects of a list whose pages are numbered, of the forges that have GitHub's form."""
    join = "&" if "?" in path else "?"
    for page in range(1, most + 1):
        found = objects(session.read("GET", f"{path}{join}page={page}"), session.label)
        yield from found
        if len(found) < size:
            return


def objects(value: Any, label: str) -> list[Mapping[str, Any]]:
    """Return a list of JSON objects. Raises `ApiError` if the value is something else."""
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise ApiError(f"{label} answered with something that is not a list. Check the API address.")
    return value


def text_at(value: Any, name: str, label: str) -> str:
    """Return a text or number in a JSON object. Raises `ApiError` if it is missing or can't be stored."""
    found = value.get(name) if isinstance(value, dict) else None
    if isinstance(found, str) and not is_storable(found):
        raise ApiError(f"{label} answered with unreadable characters in {name!r}. Check the API address.")
    if not isinstance(found, str | int) or found == "":
        raise ApiError(f"{label} answered without {name!r}. Check the API address.")
    return str(found)


def find_hook(hooks: Iterable[tuple[str, str]], hook: Hook) -> str:
    """Return the id of the installed webhook among (id, URL): the one with the same URL, else the known one,
    whose URL the product has changed.
    """
    listed = list(hooks)
    same = [found for found, url in listed if url == hook.url]
    if hook.known in same or (not same and hook.known in {found for found, _ in listed}):
        return hook.known
    return same[0] if same else ""


def remove_hook(session: Session, path: str) -> None:
    """Delete a webhook unless it has been deleted already."""
    try:
        session.ask("DELETE", path)
    except ApiError as error:
        if error.status not in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
            raise


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _status(number: int) -> str:
    try:
        return f"{number} {HTTPStatus(number).phrase}"
    except ValueError:
        return str(number)


def _message(body: Any) -> str:
    """Return the text of an error in one of the forms that the providers use."""
    if isinstance(body, str):
        return body
    if isinstance(body, list):
        return "; ".join(filter(None, (_message(entry) for entry in body[:3])))
    if not isinstance(body, dict):
        return ""
    for name in ("message", "error", "errors", "errorMessages", "error_description"):
        if said := _message(body.get(name)):
            return said
    fields = body.get("errors")  # Jira's name of each field that is wrong
    named = fields.items() if isinstance(fields, dict) else ()
    return "; ".join(f"{name}: {said}" for name, said in named if isinstance(said, str))
