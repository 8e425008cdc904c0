"""Determines which repository a payload is about, and corrects times from forges that are ahead of the
clock.
"""

import re
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.utils import timezone

from compliance.models import Attachment, Repository

_AHEAD = timedelta(days=1)

_BROWSED = re.compile(r"\bprojects/([^/]+)/repos/([^/]+)$")
"""The path under which Bitbucket Data Center shows a repository that it calls KEY/repository."""


def not_ahead(at: datetime) -> datetime:
    """Return a time from the forge, limited to one day from now. A later time would block all updates until
    then.
    """
    return min(at, timezone.now() + _AHEAD)


def names(repository: Repository) -> set[str]:
    """Return the lower-case paths under which a repository may be known on a forge: those in its addresses,
    and the one with which a connection is attached, because the repository may be cloned from a mirror. A
    local folder without a connection has none.
    """
    attached = repository.attachments.filter(kind=Attachment.Kind.FORGE).values_list("project", flat=True)
    return _cloned_from(repository) | {path.casefold() for path in attached if path}


def _cloned_from(repository: Repository) -> set[str]:
    """Return the paths in a repository's own addresses, in lower case."""
    return {path.casefold() for url in (repository.url, repository.web_url) if (path := _path(url))}


def is_about(repository: Repository, full_name: str) -> bool:
    """Return true if a payload that names `owner/name` can be about this repository.

    A webhook of an organisation, or one that was moved along with a transferred repository, also sends events
    for other repositories. If this repository has no name on a forge, for example because it is a local
    folder, every payload is accepted.
    """
    wanted = full_name.casefold()
    if not wanted or _is_one_of(wanted, _cloned_from(repository)):
        return True
    known = names(repository)
    return not known or _is_one_of(wanted, known)


def _is_one_of(wanted: str, known: set[str]) -> bool:
    return any(path == wanted or path.endswith(f"/{wanted}") for path in known)


def _path(address: str) -> str:
    """Return the path in a forge's URL, without leading and trailing slashes and without `.git`."""
    if "://" in address:
        path = urlsplit(address).path
    elif address.startswith("/"):
        return ""
    else:
        path = address.partition(":")[2]
    found = path.strip("/").removesuffix(".git")
    return _BROWSED.sub(r"\1/\2", found)
