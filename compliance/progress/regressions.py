"""Regressions: commits after the baseline that introduced violations in counted categories or reopened a
phase, whatever the files' past, with the number of those violations that remain.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce
from django.utils import timezone

from compliance.models import (
    Baseline,
    Change,
    Claim,
    Commit,
    Marker,
    PlanVersion,
    Repository,
    Snapshot,
    Violation,
    dated_at,
)
from compliance.progress.repairs import baseline_position

ACTIVE_WEEKS = 26
"""An author without a commit on the branch within this number of weeks isn't expected to act any more."""

MOST_FILES = 20
"""Maximum number of files with open violations that are named for one regression."""


def regressions(
    repository: Repository,
    *,
    since: datetime | None = None,
    at: Collection[int] | None = None,
    most: int | None = 5,
    with_people: bool = False,
) -> list[dict[str, Any]]:
    """Return the newest regressions on the tracked branch, at most `most`, committed after `since`. `at`
    gives their positions instead. `with_people` adds `claimants`, the names of those who have claimed files
    with open violations, `author_is_active`, and `precedes_plan`, which is true for a commit that was on the
    branch when the plan was activated.

    Each is a dictionary as `breakages` returns it, with `standing` and `suppressed`, the numbers of its
    violations that are open and suppressed now, and `open_files`, the paths of the open ones. Suppressed
    violations don't count as fixed.
    """
    commits = broken_commits(repository)
    if since:
        commits = commits.alias(dated=dated_at()).filter(dated__gt=since)
    if at is not None:
        commits = commits.filter(position__in=at)
    # If a suppression was added, or added and removed, the same violation is described by another row.
    heirs = Violation.objects.filter(
        plan=OuterRef("plan"), thread=OuterRef("violation__thread"), last__isnull=True
    )
    stands = Q(violation__isnull=False, violation__last__isnull=True)
    stands |= Q(Exists(heirs.filter(suppressed=False)))
    new = _introduced(repository.plan)
    people: dict[str, Any] = {}
    if with_people:
        name = "violation__file__claims__person__username"
        claimed = new.filter(stands, violation__file__claims__state=Claim.State.ACTIVE)
        people["claimants"] = ArraySubquery(claimed.order_by(name).values(name).distinct()[:MOST_FILES])
        people["precedes_plan"] = Exists(
            Baseline.objects.filter(plan=repository.plan, tip__gte=OuterRef("position"))
        )
        people["author_is_active"] = Exists(_new_commits_of_the_author(repository))
    return breakages(
        repository,
        repository.plan,
        commits,
        most,
        **people,
        standing=_number(new.filter(stands), Count("pk")),
        suppressed=_number(new.filter(Exists(heirs.filter(suppressed=True))), Count("pk")),
        open_files=ArraySubquery(new.filter(stands).order_by("path").values("path").distinct()[:MOST_FILES]),
    )


def _new_commits_of_the_author(repository: Repository) -> QuerySet[Commit]:
    """Return the new commits under the name or the address of the outer query's author. People who change
    their address usually keep their name.
    """
    same = Q(author_name=OuterRef("author_name")) | Q(author_email=OuterRef("author_email"))
    rows = Commit.objects.filter(same, repository=repository, position__isnull=False)
    return rows.alias(dated=dated_at()).filter(dated__gte=timezone.now() - timedelta(weeks=ACTIVE_WEEKS))


def broken_commits(repository: Repository, version: PlanVersion | None = None) -> QuerySet[Commit]:
    """Return the regressions on the tracked branch under a plan version, by default the active one, as a
    query that can be paged.
    """
    version = version or repository.plan
    if version is None:
        return Commit.objects.none()
    worse = Snapshot.objects.filter(plan=version, commit=OuterRef("pk"), new__gt=0)
    reopened = Marker.objects.filter(repository=repository, kind=Marker.Kind.REOPENED, commit=OuterRef("pk"))
    # While history is being read, everything so far but the initial content of the repository is listed.
    after = baseline_position(repository, version, begin=1)
    return Commit.objects.filter(Exists(worse) | Exists(reopened), repository=repository, position__gt=after)


def breakages(
    repository: Repository,
    version: PlanVersion | None,
    commits: QuerySet[Commit] | None = None,
    most: int | None = None,
    **more: Any,
) -> list[dict[str, Any]]:
    """Return the regressions under one plan version, newest first, in one query.

    `commits` restricts them, and `more` adds columns.

    Each is a dictionary with the commit's pk, sha, subject, author, at and position, the numbers `places`
    (violations), `files`, and `clean_files` among them that had been clean, `reopened`, the texts of the
    marks for phases that it reopened, and `in_all`, the number of all such commits.
    """
    rows = broken_commits(repository, version) if commits is None else commits
    new = _introduced(version)
    reopened = Marker.objects.filter(repository=repository, kind=Marker.Kind.REOPENED, commit=OuterRef("pk"))
    found = rows.order_by("-position").values(
        *("pk", "sha", "subject", "position"),
        author=F("author_name"),
        at=dated_at(),
        places=_number(new, Count("pk")),
        files=_number(new, Count("path", distinct=True)),
        clean_files=_number(new.filter(regression=True), Count("path", distinct=True)),
        reopened=ArraySubquery(reopened.order_by("at", "pk").values("text")),
        in_all=Window(Count("pk")),
        **more,
    )
    return list(found[:most] if most else found)


def _number(rows: QuerySet[Change], number: Count) -> Coalesce:
    return Coalesce(Subquery(rows.values("commit").annotate(number=number).values("number")), 0)


def _introduced(version: PlanVersion | None) -> QuerySet[Change]:
    """Return the violations in counted categories that the commit of the outer query introduced."""
    rows = Change.objects.filter(plan=version, commit=OuterRef("pk"), kind=Change.Kind.NEW, counted=True)
    return rows.order_by()
