"""Creates and changes connections, and attaches them to repositories, for pages and the API alike.

What has to be asked of a forge or tracker is asked by a job (`connection_jobs`).
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import pghistory
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from compliance import jobs
from compliance.integrations import connection_jobs, known_issues, pull_lists
from compliance.integrations.apis import APIS
from compliance.lib.field_types import is_storable, one_line
from compliance.models import Attachment, Connection, PullRequest, Repository, lock_slugs, taken_slugs
from compliance.models.repository import new_secret

LONGEST_SECRET = 20_000
"""Maximum number of characters of a token or private key."""

SHORTEST_WEBHOOK_SECRET, LONGEST_WEBHOOK_SECRET = 16, 255
MOST_PREFIXES = 100

_LIMITS = {"name": 200, "api_url": 1000, "account": 254, "app_id": 40}
_SECRETS = ("token", "private_key")
_PREFIX = re.compile(r"[A-Z][A-Z0-9_]{0,49}")
_PROJECT = re.compile(r"~?[\w.-]+(?:/[\w.-]+)+", re.ASCII)
_TWO_PARTS = {"github", "gitea", "bitbucket", "bitbucket-dc"}
"""The forges whose repositories have a path of two parts; GitLab's groups can be nested."""


class ConnectionValueError(Exception):
    """Raised if a connection can't be stored as requested. `field` is the name of the field that is wrong,
    or empty.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def create(provider: str, slug: str, given: Mapping[str, Any]) -> Connection:
    """Store a new connection. If no slug is given, it is derived from the name. Raises
    `ConnectionValueError`.
    """
    if provider not in APIS:
        known = ", ".join(sorted(APIS))
        raise ConnectionValueError("provider", f"{provider[:40]!r} is no provider. Choose one of {known}.")
    found = Connection(provider=provider, api_url=APIS[provider].API_URL)
    _set(found, given)
    with transaction.atomic():
        lock_slugs()
        found.slug = _slug(slug or slugify(found.name)[:40] or provider, is_given=bool(slug))
        found.save()
    return found


def change(found: Connection, given: Mapping[str, Any]) -> bool:
    """Store changed values; an empty or missing token or private key keeps the stored one. Return true if
    the connection should be tested again. Raises `ConnectionValueError`.
    """
    before = (found.api_url, found.account, found.app_id)
    is_new = any(given.get(name) for name in _SECRETS)
    if _origin(given.get("api_url") or found.api_url) != _origin(found.api_url) and not is_new:
        # Otherwise, the stored credentials could be read by sending them to another server.
        raise ConnectionValueError("api_url", "Enter the credentials again, because the server has changed.")
    _set(found, given)
    _check_prefixes_of_others(found)
    with transaction.atomic():
        found.save()
        if is_new:
            pghistory.create_event(found, label="credentials")
    return is_new or before != (found.api_url, found.account, found.app_id)


def rotate(found: Connection, chosen: str = "") -> None:
    """Give a connection a new webhook secret: the one that the tracker has chosen, or a generated one. The
    previous one is accepted until the next change. Raises `ConnectionValueError`.
    """
    secret = chosen.strip() or new_secret()
    if secret == found.webhook_secret:
        return
    if not SHORTEST_WEBHOOK_SECRET <= len(secret) <= LONGEST_WEBHOOK_SECRET or not secret.isprintable():
        raise ConnectionValueError(
            "secret",
            f"The secret must have {SHORTEST_WEBHOOK_SECRET} to {LONGEST_WEBHOOK_SECRET} characters without "
            "line breaks. Copy it in full from the tracker.",
        )
    with transaction.atomic():
        found.former_webhook_secret, found.webhook_secret = found.webhook_secret, secret
        found.save(update_fields=["webhook_secret", "former_webhook_secret"])
        pghistory.create_event(found, label="secret")


def attach(repository: Repository, found: Connection, project: str = "") -> Attachment:
    """Let a repository use a connection. `project` is its path at a forge, by default that in its URL.

    Raises `ConnectionValueError` if it has another forge, or a tracker with the same prefix, or if the
    connection is being removed.
    """
    if connection_jobs.is_being_removed(found):
        raise ConnectionValueError("connection", f"{found.name} is being removed.")
    kind = Attachment.Kind(APIS[found.provider].KIND)
    row = Attachment(repository=repository, connection=found, kind=kind)
    if kind == Attachment.Kind.FORGE:
        row.project = _project(found.provider, project.strip() or guess_project(repository))
    else:
        _check_prefixes(found, (one.connection for one in _trackers(repository).exclude(connection=found)))
    try:
        with transaction.atomic():
            row.save()
            known_issues.lock(repository)
            known_issues.catch_up(repository)
            if kind == Attachment.Kind.FORGE:
                pull_lists.request(repository)
                _publish_verdicts(repository, found)
    except IntegrityError as error:
        if "one_forge_per_repository" in str(error):
            raise ConnectionValueError(
                "connection", "The repository has a forge already. Detach that one first."
            ) from None
        is_twice = "connections_attach_once" in str(error)
        words = f"{found.name} {'is attached already' if is_twice else 'has been removed'}."
        raise ConnectionValueError("connection", words) from None
    return row


def _publish_verdicts(repository: Repository, found: Connection) -> None:
    """Have open heads judged again, because the forge that may require their statuses has none of them."""
    if PullRequest.objects.filter(repository=repository, state="open").exists():
        jobs.enqueue("recheck", repository, cause=one_line(f"{found.name} attached", 200))


def guess_project(repository: Repository) -> str:
    """Return the path of a repository at its forge, as its URL has it, or an empty string for a folder."""
    for address in (repository.url, repository.web_url):
        if "://" in address:
            path = urlsplit(address).path
        elif address.startswith("/") or ":" not in address:
            continue
        else:
            path = address.partition(":")[2]
        found = path.strip("/").removesuffix(".git").removeprefix("scm/")
        if found:
            return found
    return ""


def _set(found: Connection, given: Mapping[str, Any]) -> None:
    for name, limit in _LIMITS.items():
        if name in given:
            setattr(found, name, _text(name, given[name], limit))
    if not found.name:
        raise ConnectionValueError("name", "Give the connection a name.")
    if "api_url" in given:
        found.api_url = _url(found.api_url or APIS[found.provider].API_URL)
    for name in _SECRETS:
        if value := _text(name, given.get(name) or "", LONGEST_SECRET):
            setattr(found, name, value)
    if "prefixes" in given:
        found.prefixes = _prefixes(given["prefixes"])
    _check_credentials(found, given)
    is_tracker = APIS[found.provider].KIND == "tracker"
    if is_tracker and not found.prefixes:
        raise ConnectionValueError("prefixes", "Give the prefix of the tracker's issue keys, such as SHOP.")
    if not is_tracker and found.prefixes:
        raise ConnectionValueError("prefixes", "Only trackers have prefixes; a forge's issues are #1, #2, ….")


def _check_credentials(found: Connection, given: Mapping[str, Any]) -> None:
    """Keep either the token or those of an App, whichever was given last."""
    if given.get("app_id") or given.get("private_key"):
        if found.provider != "github":
            raise ConnectionValueError("app_id", "Only GitHub has Apps. Give a token.")
        if given.get("token"):
            raise ConnectionValueError("token", "Give either a token or a GitHub App, not both.")
        found.token = ""
    elif given.get("token"):
        found.app_id = found.private_key = ""
    if found.app_id and not found.app_id.isdigit():
        raise ConnectionValueError("app_id", "The id of a GitHub App is a number.")
    if bool(found.app_id) != bool(found.private_key):
        raise ConnectionValueError("private_key", "A GitHub App needs both its id and a private key.")
    if not (found.token or found.app_id):
        raise ConnectionValueError("token", "Give the credentials.")
    if found.account and not APIS[found.provider].ACCOUNT:
        raise ConnectionValueError("account", "This provider wants no account beside the token.")


def _text(name: str, value: Any, limit: int) -> str:
    text = str(value).strip()
    if len(text) > limit:
        raise ConnectionValueError(name, f"At most {limit:,} characters are allowed.")
    is_multiline = name == "private_key"
    if not is_storable(text) or not (is_multiline or text.isprintable()):
        raise ConnectionValueError(name, "Remove the control characters.")
    return text


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        is_valid = parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_valid = False
    if not is_valid or " " in text:
        raise ConnectionValueError("api_url", "Write the address as https://host/path.")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConnectionValueError("api_url", "Leave out user names, “?” and “#”.")
    return text.rstrip("/")


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


def _slug(wish: str, *, is_given: bool) -> str:
    """Return the wish or, if it is only derived from the name, the first free slug that begins with it."""
    try:
        validate_slug(wish)
    except ValidationError:
        raise ConnectionValueError("slug", "Use letters, digits, “-” and “_” only.") from None
    if len(wish) > 50:
        raise ConnectionValueError("slug", "At most 50 characters are allowed.")
    taken = taken_slugs(wish)
    if is_given and wish in taken:
        raise ConnectionValueError("slug", f"A repository or connection has the slug {wish} already.")
    numbered = (wish if number == 1 else f"{wish}-{number}" for number in range(1, len(taken) + 2))
    return next(slug for slug in numbered if slug not in taken)


def _prefixes(given: Iterable[str]) -> list[str]:
    found = list(dict.fromkeys(prefix for one in given if (prefix := one.strip().rstrip("-").upper())))
    if wrong := [prefix for prefix in found if not _PREFIX.fullmatch(prefix)]:
        raise ConnectionValueError("prefixes", f"{wrong[0][:60]!r} is no prefix of issue keys, such as SHOP.")
    if len(found) > MOST_PREFIXES:
        raise ConnectionValueError("prefixes", f"At most {MOST_PREFIXES} prefixes are allowed.")
    return found


def _project(provider: str, project: str) -> str:
    path = project.strip("/")
    parts = path.split("/")
    if len(path) > 400 or not _PROJECT.fullmatch(path) or {".", ".."} & set(parts):
        raise ConnectionValueError("project", "Give the repository's path at the forge, such as team/shop.")
    if provider in _TWO_PARTS and len(parts) != 2:
        raise ConnectionValueError("project", "The path must have two parts, such as team/shop.")
    return path


def _trackers(repository: Repository) -> Any:
    rows = Attachment.objects.filter(repository=repository, kind=Attachment.Kind.TRACKER)
    return rows.select_related("connection")


def _check_prefixes(found: Connection, others: Iterable[Connection]) -> None:
    """Raise `ConnectionValueError` if two trackers of a repository would own the same prefix."""
    for other in others:
        if shared := set(found.prefixes).intersection(other.prefixes):
            words = f"{other.name}, another tracker of the repository, has the prefix {min(shared)} too."
            raise ConnectionValueError("prefixes", words)


def _check_prefixes_of_others(found: Connection) -> None:
    for row in found.attachments.select_related("repository"):
        _check_prefixes(
            found, (one.connection for one in _trackers(row.repository).exclude(connection=found))
        )
