"""The people who must act on a regression: those who can be expected to see it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from compliance.models import Claim, Commit, Repository, dated_at

ACTIVE_WEEKS = 26
"""An author without a commit on the branch within this number of weeks is not expected to act any more."""


def with_responsible(repository: Repository, broken: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return these regressions, each with `responsible`, the names of the people who must act, in two queries
    if violations are open. The rows need `owners`, the owners of the open files.

    They are the people who have claimed files with its open violations, else the owners of these files, else
    its author if they have committed within `ACTIVE_WEEKS`, else nobody.
    """
    standing = [row for row in broken if row["standing"]]
    claimants = _claimants(repository, standing) if standing else {}
    active = _active(repository, standing) if standing else set()
    found = []
    for row in broken:
        claimed = list(dict.fromkeys(claimants[path] for path in row["open_files"] if path in claimants))
        author = [row["author"]] if {row["author"], row["author_email"]} & active else []
        found.append({**row, "responsible": claimed or row["owners"] or author})
    return found


def _claimants(repository: Repository, broken: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Return the name of the person who has claimed each of the open files, by path."""
    paths = {path for row in broken for path in row["open_files"]}
    claims = Claim.objects.filter(
        file__repository=repository, file__path__in=paths, state=Claim.State.ACTIVE
    ).select_related("person", "file")
    return {claim.file.path: str(claim.person) for claim in claims}


def _active(repository: Repository, broken: Sequence[dict[str, Any]]) -> set[str]:
    """Return the names and e-mail addresses of these authors under which there are new commits. People who
    change their address usually keep their name.
    """
    since = timezone.now() - timedelta(weeks=ACTIVE_WEEKS)
    names, emails = {row["author"] for row in broken}, {row["author_email"] for row in broken} - {""}
    rows = Commit.objects.filter(
        Q(author_name__in=names) | Q(author_email__in=emails),
        repository=repository,
        position__isnull=False,
    )
    rows = rows.alias(dated=dated_at()).filter(dated__gte=since).order_by()
    pairs = rows.values_list("author_name", "author_email").distinct()
    return {part for pair in pairs for part in pair if part}
