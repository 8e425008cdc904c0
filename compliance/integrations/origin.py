"""The repository that a payload is about, and forges' times that are ahead of the clock."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.utils import timezone

from compliance.models import Repository

_AHEAD = timedelta(days=1)


def not_ahead(at: datetime) -> datetime:
    """Return a time of the forge, at most a day after now: a later one would hide all news until that day."""
    return min(at, timezone.now() + _AHEAD)


def names(repository: Repository) -> set[str]:
    """Return the paths by which forges know a repository, in lower case; none for a local folder."""
    addresses = (repository.url, repository.web_url)
    return {path for address in addresses if (path := _path(address).casefold())}


def is_about(repository: Repository, full_name: str) -> bool:
    """Return whether a payload that names `owner/name` can be about this repository.

    A hook of an organisation, or one that moved along with a transferred repository, also reports others. A
    repository without a name, such as a folder, takes every report.
    """
    known = names(repository)
    wanted = full_name.casefold()
    return not known or not wanted or any(path == wanted or path.endswith(f"/{wanted}") for path in known)


def _path(address: str) -> str:
    """Return the path of a forge's address, without slashes at its ends and `.git`."""
    if "://" in address:
        path = urlsplit(address).path
    elif address.startswith("/"):
        return ""
    else:
        path = address.partition(":")[2]
    return path.strip("/").removesuffix(".git")
