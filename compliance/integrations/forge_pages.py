"""Addresses of files, lines and commits at a repository's forge, for people."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, cast
from urllib.parse import quote, urlsplit

from compliance.integrations.apis import APIS
from compliance.models import Attachment, Repository

_DEFAULT = "github"
"""The provider whose form is used if a repository has a web address and its forge is unknown."""

_KNOWN = "_forge_pages"


@dataclass(frozen=True, slots=True)
class ForgePages:
    """The pages of one repository at its forge. `root` is the address of the repository there."""

    label: str
    root: str
    provider: Any

    def file(self, commit: str, path: str, line: int | None = None) -> str:
        """Return the address of a file as it is in a commit, or of a line of it, counted from 1."""
        address = f"{self.root}/{self.provider.line_path(commit, quote(path), line or 1)}"
        return address if line else address.partition("#")[0]

    def commit(self, sha: str) -> str:
        """Return the address of a commit."""
        return f"{self.root}/{self.provider.WEB.commit}/{sha}"


class _Place(NamedTuple):
    """Where a repository is on a server. `origin` is the address of the server's pages."""

    host: str
    origin: str
    project: str


def pages_of(repository: Repository) -> ForgePages | None:
    """Return a repository's pages at its forge, or None if the forge isn't known.

    The forge is that of the repository's own address if that belongs to a public service, else the attached
    connection's, else the one that the name of the server suggests. It is looked up once for each instance of
    the repository, in at most one query.
    """
    addresses = repository.web_url, repository.url
    known: tuple[tuple[str, str], ForgePages | None] | None = repository.__dict__.get(_KNOWN)
    if known is None or known[0] != addresses:
        known = repository.__dict__[_KNOWN] = addresses, _find(repository)
    return known[1]


def _find(repository: Repository) -> ForgePages | None:
    is_given = repository.web_url.startswith(("http://", "https://"))
    web = repository.web_url.rstrip("/") if is_given else ""
    place = _place(web or repository.url)
    guessed = _guess(place.host) if place else None
    if place is None or guessed is None or place.host != guessed.WEB.service:
        rows = repository.attachments.filter(kind=Attachment.Kind.FORGE).select_related("connection")
        attached = rows.first()
        found: Any = APIS.get(attached.connection.provider) if attached else None
        if attached and found and attached.project:
            root = web or f"{_server(found, attached.connection.api_url)}/{_path(found, attached.project)}"
            return ForgePages(found.LABEL, root, found)
    if web:
        provider = guessed or APIS[_DEFAULT]
        return ForgePages(guessed.LABEL if guessed else "repository", web, provider)
    if place and guessed:
        return ForgePages(guessed.LABEL, f"{place.origin}/{_path(guessed, place.project)}", guessed)
    return None


def _guess(host: str) -> Any:
    """Return the forge whose name the host's contains, or None. The longest name wins."""
    names = [
        (word, api)
        for api in cast("Iterable[Any]", APIS.values())
        if api.KIND == "forge"
        for word in api.WEB.hosts
        if word in host
    ]
    return max(names, key=lambda name: len(name[0]), default=("", None))[1]


def _place(address: str) -> _Place | None:
    """Return where an address leads, or None for a folder or an address that is no URL."""
    if "://" not in address:
        server, colon, path = address.partition(":")
        if not colon or "/" in server:
            return None
        address = f"ssh://{server}/{path}"
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return None
    is_web = parts.scheme in ("http", "https")
    if not host or not (is_web or parts.scheme in ("ssh", "git")):
        return None
    shown = f"[{host}]" if ":" in host else host
    origin = f"{parts.scheme if is_web else 'https'}://{shown}{f':{port}' if is_web and port else ''}"
    project = parts.path.strip("/").removesuffix(".git").removeprefix("scm/")
    return _Place(host, origin, project)


def _server(provider: Any, api_url: str) -> str:
    """Return the address of the pages of the server that has this API."""
    address: str = api_url.rstrip("/").removesuffix(provider.WEB.api_path)
    place = _place(address)
    return f"https://{provider.WEB.service}" if place and place.host == provider.WEB.api_host else address


def _path(provider: Any, project: str) -> str:
    """Return the path of a repository's page."""
    group, _, name = project.rpartition("/")
    return str(provider.WEB.repository.format(group=quote(group), name=quote(name))).lstrip("/")
