"""Commits with their figures and their changes."""

from datetime import datetime
from typing import Annotated

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from compliance.lib.dates import written
from compliance.models import Change, Commit, Repository, Snapshot
from compliance.queries.filters import ListFilter, OneOf


class CommitFilter(ListFilter):
    """Filter for the commits: with `effect=yes`, only those that changed violations."""

    effect: Annotated[str, OneOf(("yes",))] = ""

    def snapshots(self, repository: Repository) -> QuerySet[Snapshot]:
        """Return the figures for the commits that match the filter, newest first."""
        if self.matches_nothing:
            return Snapshot.objects.none()
        rows = line(repository)
        if not self.effect:
            return rows
        return rows.filter(Q(new__gt=0) | Q(fixed__gt=0) | Q(newly_suppressed__gt=0) | Q(restored__gt=0))


def judged(repository: Repository, shown: Commit) -> Snapshot | None:
    """Return a commit's figures under the active plan or, until those have been computed, under the plan
    version that the charts show.
    """
    rows = Snapshot.objects.filter(plan__in=(repository.plan_id, repository.drawn_plan_id), commit=shown)
    found = {row.plan_id: row for row in rows.select_related("commit")}
    return found.get(repository.plan_id or 0) or found.get(repository.drawn_plan_id or 0)


def line(repository: Repository) -> QuerySet[Snapshot]:
    """Return the figures for all commits under the active plan, newest first, each with its commit.

    The query names the repository, although the plan already implies it, so that an index provides the order.
    """
    rows = Snapshot.objects.filter(
        plan=repository.plan_id, commit__repository=repository, commit__position__isnull=False
    )
    return rows.select_related("commit").order_by("-commit__position")


def changes(plan: int | None, shown: Commit) -> QuerySet[Change]:
    """Return a commit's changes under one plan version."""
    return Change.objects.filter(plan=plan, commit=shown).order_by("kind", "path", "line")


def numbers(plan: int | None, shown: Commit) -> dict[str, tuple[int, int]]:
    """Return, for each kind, the number of changes in counted categories and in all others, in one query."""
    rows = Change.objects.filter(plan=plan, commit=shown).order_by().values("kind")
    inside = rows.annotate(
        inside=Count("pk", filter=Q(counted=True)), outside=Count("pk", filter=Q(counted=False))
    )
    return {row["kind"]: (row["inside"], row["outside"]) for row in inside}


def with_parent_dates(rows: QuerySet[Snapshot]) -> QuerySet[Snapshot]:
    """Add `parent_date` to each row: git's date of the commit before it on the branch."""
    parents = Commit.objects.filter(
        repository=OuterRef("commit__repository"), position=OuterRef("commit__position") - 1
    )
    return rows.annotate(parent_date=Subquery(parents.values("committed_at")[:1]))


def parent_date(commit: Commit) -> datetime | None:
    """Return git's date of the commit before this one on the branch, or None if there is none."""
    parents = Commit.objects.filter(repository=commit.repository_id, position=(commit.position or 0) - 1)
    return parents.values_list("committed_at", flat=True).first()


def date_note(commit: Commit, parent: datetime | None) -> str:
    """Describe what is wrong with a commit's date, given its parent's date, or return an empty string."""
    if commit.placed_at:
        return f"Implausible date; charts use {written(commit.placed_at)}"
    return "Dated before its parent" if parent and commit.committed_at < parent else ""
