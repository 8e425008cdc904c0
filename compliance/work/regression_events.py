"""Emits an event for each commit that introduces violations
(compliance/notifications/topics/regressions.py).
"""

from collections.abc import Collection
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet

from compliance.events import emit
from compliance.lib.batches import batches, unindexed
from compliance.models import Change, Claim, Commit, File, Repository, Risk, Snapshot, risk_rank

MOST_PATHS = 100
"""Maximum number of paths in an event. Its numbers count all files."""

MOST_REMOVED = 1000
"""Maximum number of commits, the newest ones, that are compared because a force push has removed them."""


def on_commit_recorded(sender: Repository, *, commit: Commit, email: str, **_: object) -> None:
    """Emit an event if a commit introduced violations in counted categories. Receives `commit_recorded`.

    Violations that a rewritten commit brings back aren't new. If it broke files that had been clean, the
    event concerns its author and whoever fixed them last.
    """
    if not Snapshot.objects.filter(plan=sender.plan_id, commit=commit, new__gt=0).exists():
        return
    new = _introduced(sender, commit)
    if not new.exists():
        return
    broken = list(new.filter(regression=True).order_by("path").values_list("path", flat=True).distinct())
    emit(
        "regression",
        commit.sha,
        repository=sender,
        happened_at=commit.dated_at,
        phases=_phases(new),
        risk=_highest_risk(new),
        people=_last_fixers(sender, broken),
        email=email if broken else "",
        detail={**_numbers(new), **_paths(new, broken), **describe_commit(commit)},
    )


def _introduced(repository: Repository, commit: Commit) -> QuerySet[Change]:
    """Return the violations that a commit introduced in counted categories, without those that a former form
    of it introduced before.
    """
    new = Change.objects.filter(commit=commit, plan=repository.plan_id, kind=Change.Kind.NEW, counted=True)
    former = list(commit.removed_forms().order_by("-pk").values_list("pk", flat=True)[:MOST_REMOVED])
    if not former:
        return new
    same = Change.objects.filter(
        commit__in=former,
        kind=Change.Kind.NEW,
        counted=True,
        path=OuterRef("path"),
        fingerprint=OuterRef("fingerprint"),
    )
    return new.filter(~Exists(same))


def describe_commit(commit: Commit) -> dict[str, str]:
    """Return what an event's detail says about a commit."""
    return {"sha": commit.sha, "subject": commit.subject, "author": commit.author_name}


def _numbers(new: QuerySet[Change]) -> dict[str, int]:
    return new.aggregate(
        violations=Count("pk"),
        files=Count("path", distinct=True),
        clean_files=Count("path", distinct=True, filter=Q(regression=True)),
    )


def _paths(new: QuerySet[Change], broken: list[str]) -> dict[str, Any]:
    """Return some of the files, those that had been clean first."""
    others = new.exclude(path__in=broken[:MOST_PATHS]).order_by("path").values_list("path", flat=True)
    paths = [*broken[:MOST_PATHS], *others.distinct()[:MOST_PATHS]]
    return {"paths": paths[:MOST_PATHS], "clean_paths": broken[:MOST_PATHS]}


def _highest_risk(new: QuerySet[Change]) -> str:
    rank = new.aggregate(rank=Min(risk_rank("risk")))["rank"]
    return Risk.values[rank] if rank is not None and rank < len(Risk.values) else ""


def _phases(new: QuerySet[Change]) -> list[str]:
    lists = new.exclude(violation=None).order_by().values_list("violation__phases", flat=True).distinct()
    return sorted({key for keys in lists[:MOST_PATHS] for key in keys})


def _last_fixers(repository: Repository, broken: Collection[str]) -> set[int]:
    """Return the accounts that completed the last claim on each of the files."""
    found: set[int] = set()
    for paths in batches(broken):
        files = File.objects.alias(of=unindexed("repository_id")).filter(of=repository.pk, path__in=paths)
        completed = Claim.objects.filter(file__in=list(files), state=Claim.State.COMPLETED)
        newest = completed.order_by("file_id", F("ended_at").desc()).distinct("file_id")
        found.update(person for _, person in newest.values_list("file_id", "person"))
    return found
