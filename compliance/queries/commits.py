"""Commits with their figures, and what each changed."""

from django.db.models import Count, Q, QuerySet

from compliance.models import Change, Commit, Repository, Snapshot


def judged(repository: Repository, shown: Commit) -> Snapshot | None:
    """A commit under the plan in force; not judged by it yet, under the one whose line is drawn."""
    rows = Snapshot.objects.filter(plan__in=(repository.plan_id, repository.drawn_plan_id), commit=shown)
    found = {row.plan_id: row for row in rows.select_related("commit")}
    return found.get(repository.plan_id or 0) or found.get(repository.drawn_plan_id or 0)


def line(repository: Repository) -> QuerySet[Snapshot]:
    """The figures of the line under the plan in force, newest first, each with its commit.

    The repository is named although the plan says it: only so is the line read in the order of an index.
    """
    rows = Snapshot.objects.filter(
        plan=repository.plan_id, commit__repository=repository, commit__position__isnull=False
    )
    return rows.select_related("commit").order_by("-commit__position")


def changes(plan: int | None, shown: Commit) -> QuerySet[Change]:
    """What a commit did under one version of the plan."""
    return Change.objects.filter(plan=plan, commit=shown).order_by("kind", "path", "line")


def numbers(plan: int | None, shown: Commit) -> dict[str, tuple[int, int]]:
    """Kind -> how many changes are in categories that count, and how many in others; one query."""
    rows = Change.objects.filter(plan=plan, commit=shown).order_by().values("kind")
    inside = rows.annotate(
        inside=Count("pk", filter=Q(counted=True)), outside=Count("pk", filter=Q(counted=False))
    )
    return {row["kind"]: (row["inside"], row["outside"]) for row in inside}
