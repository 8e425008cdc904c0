"""Finds repositories that are tracked already, and addresses that need not be added any more."""

from datetime import datetime
from urllib.parse import urlsplit

from compliance.models import Repository, RepositorySetup
from compliance.scans.setup_errors import SetupError

State = RepositorySetup.State


def tracked_as(url: str) -> list[Repository]:
    """Return the repositories that are tracked with an address, in any notation of it.

    Servers take a path with `.git` for the one without, but two folders so named are two repositories.
    """
    bare = url.rstrip("/")
    if url.startswith("/"):
        return list(Repository.objects.filter(url__in=(url, bare, f"{bare}/")).order_by("pk"))
    bare = bare.removesuffix(".git")
    return list(Repository.objects.filter(url__in=(url, bare, f"{bare}.git", f"{bare}/")).order_by("pk"))


def refuse_known(url: str, branch: str) -> None:
    """Raise `SetupError` if a branch is tracked already."""
    for known in tracked_as(url):
        if known.branch == branch:
            raise SetupError(
                "address",
                f"The branch {branch} of this repository is already tracked as “{known.name}”.",
                known,
            )


def place_of(url: str) -> str:
    """Return the host and the path of an address, which don't depend on how it is read: over https or ssh,
    and with which user and port.
    """
    if url.startswith("/"):
        return url.rstrip("/")
    if "://" in url:
        parts = urlsplit(url)
        host, path = parts.hostname or "", parts.path
    else:
        host, _, path = url.rpartition("@")[2].partition(":")
    return f"{host.casefold()}/{path.strip('/').removesuffix('.git')}"


def pending(most: int) -> list[RepositorySetup]:
    """Return the newest addresses that have not been added. One that could not be read is left out if the
    same repository was added later, maybe with another notation of its address.
    """
    added: dict[str, datetime] = {}
    for url, at in Repository.objects.values_list("url", "created_at"):
        place = place_of(url)
        added[place] = max(at, added.get(place, at))
    rows = RepositorySetup.objects.exclude(state=State.ADDED).select_related("connection")
    left = (row for row in rows if row.state != State.FAILED or not _is_before(row, added))
    return [row for row, _ in zip(left, range(most), strict=False)]


def _is_before(row: RepositorySetup, added: dict[str, datetime]) -> bool:
    at = added.get(place_of(row.url))
    return at is not None and row.created_at < at
