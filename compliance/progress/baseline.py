"""The baseline of a plan version: the commit from which progress and regressions are measured.

It is the last commit before the start date (midnight UTC) of the plan's earliest phase. Until a commit from
that date or later is recorded, the newest commit is used.

If no phase has a start date, or no recorded commit is that old, the baseline is the commit with the most
violations or the earliest of them if several have equally many. Only commits up to
the tip at which the version was activated are considered, so commits that make things worse later can't
become the baseline.

If only a part of history is read, only its commits are considered, and the oldest of them stands for a
baseline before it: the state with which the part that was read begins.

The baseline is stored once history is complete, or as much of it as is to be read, and later commits don't
change it. If history is read further back, it is chosen again once that is done, unless a manager set it. The
baseline of an earlier version is then unknown until that version is active again and has evaluated the same
commits.

If a force push removes the baseline from the branch, another one is chosen among the commits that are left.
Once the removed commit is back, for example because the force push was taken back, it is the baseline again,
unless a manager has set another one meanwhile.
"""

from datetime import UTC, date, datetime, time
from typing import Any

from django.contrib.auth.models import User
from django.db.models import F, Min, Q, QuerySet

from compliance.models import Baseline, Commit, Phase, PlanVersion, Repository, Snapshot, dated_at


def position_of(repository: Repository, version: PlanVersion) -> int:
    """Return the position of the stored baseline or, if none is stored yet, of the candidate. Return 0 if
    there are no commits.
    """
    commit = stored(version) or _candidate(repository, version)
    return commit.height if commit else 0


def stored(version: PlanVersion) -> Commit | None:
    """Return the commit of the stored baseline, or None if none is stored yet."""
    return Commit.objects.filter(position__isnull=False, baselines__plan=version).first()


def earliest_start(repository: Repository) -> date | None:
    """Return the earliest start date of the active plan's phases, or None if no phase has one."""
    phases = Phase.objects.filter(issue__repository=repository, in_plan=True)
    found: date | None = phases.aggregate(start=Min("start"))["start"]
    return found


def hand_down(version: PlanVersion, former: PlanVersion | None, tip: int) -> None:
    """Add the row for a version that becomes active at `tip`. If a former version is given, copy its
    baseline.

    A version that has been active before keeps its own baseline.
    """
    known = Baseline.objects.filter(plan=former).first() if former else None
    copied = ("tip", "commit", "person", "floor", "activated", "removed", "removed_person")
    handed = {name: getattr(known, name) for name in copied} if known else _tip_at(version.repository, tip)
    Baseline.objects.get_or_create(plan=version, defaults=handed)


def choose(repository: Repository, version: PlanVersion) -> bool:
    """Store the baseline of a version whose history is complete, or restore the one that a force push had
    removed. Return true unless it was already stored or can't be determined yet.
    """
    restored = _restore(version)
    if _is_chosen(repository, version) or not _is_final(repository):
        return restored
    candidate = _candidate(repository, version)
    if candidate is None:
        return restored
    chosen = {"commit": candidate, "floor": repository.history_floor}
    Baseline.objects.update_or_create(
        plan=version, defaults=chosen, create_defaults={**chosen, **_tip_at(repository, _top(repository))}
    )
    others = Baseline.objects.filter(plan__repository=repository, person=None).exclude(plan=version)
    others.filter(floor__gt=repository.history_floor, commit__isnull=False).update(commit=None)
    return True


def _is_chosen(repository: Repository, version: PlanVersion) -> bool:
    """Return true if the stored baseline was set by a manager, or chosen among all commits that are read."""
    rows = Baseline.objects.filter(plan=version, commit__position__isnull=False)
    return rows.filter(Q(person__isnull=False) | Q(floor__lte=repository.history_floor)).exists()


def move(version: PlanVersion, commit: Commit, person: User) -> None:
    """Set the baseline that a manager has chosen. The caller must recompute everything that depends on it."""
    chosen = {"commit": commit, "person": person, "removed": None, "removed_person": None}
    top = _tip_at(version.repository, _top(version.repository))
    Baseline.objects.update_or_create(plan=version, defaults=chosen, create_defaults={**chosen, **top})


def roll_back(repository: Repository, length: int) -> None:
    """Clear the baselines whose commits a force push has removed from the branch, which now has `length`
    commits. They are remembered in case they come back.
    """
    rows = Baseline.objects.filter(plan__repository=repository)
    rows.filter(tip__gt=length).update(tip=length)
    gone = rows.filter(commit__isnull=False, commit__position=None)
    gone.filter(removed=None).update(removed=F("commit"), removed_person=F("person"))
    gone.update(commit=None, person=None)


def _restore(version: PlanVersion) -> bool:
    """Take back what a force push did to the baseline, as far as its commits are on the branch again. Return
    true if the baseline changed.
    """
    row = Baseline.objects.filter(plan=version).select_related("activated", "removed").first()
    if row is None:
        return False
    before, tip = (row.commit_id, row.person_id), row.tip
    top = row.activated.position if row.activated else None
    if top is not None and row.tip < top:
        row.tip = top
        if row.person_id is None:  # it may have been chosen among fewer commits
            row.commit = None
    if row.removed and row.removed.position is not None:
        row.commit, row.person = row.removed, row.removed_person
        row.removed = row.removed_person = None
    is_changed = (row.commit_id, row.person_id) != before
    if is_changed or row.tip != tip:
        row.save()
    return is_changed


def _tip_at(repository: Repository, position: int) -> dict[str, Any]:
    """Return the columns for the newest commit at activation."""
    return {"tip": position, "activated": _line(repository).filter(position=position).first()}


def _is_final(repository: Repository) -> bool:
    """Return true if no phase has a start date, or a commit from the earliest start date or later is
    recorded.
    """
    start = earliest_start(repository)
    return (
        start is None
        or _line(repository).alias(dated=dated_at()).filter(dated__gte=_midnight(start)).exists()
    )


def _candidate(repository: Repository, version: PlanVersion) -> Commit | None:
    """Return the commit that would be the baseline, judging by the commits recorded so far."""
    start = earliest_start(repository)
    if start is not None:
        before = _line(repository).alias(dated=dated_at()).filter(dated__lt=_midnight(start))
        if found := before.order_by("-position").first():
            return found
        if repository.history_floor > 1:
            return _line(repository).order_by("position").first()
    return _worst(repository, version)


def _worst(repository: Repository, version: PlanVersion) -> Commit | None:
    """Return the commit with the most violations up to the tip at which the version was activated, or the
    earliest of several.

    Until the version's history reaches as far back as that of the version whose trend is shown, the latter's
    figures are used.
    """
    shown = repository.line_plan_id or version.pk
    whole = shown == version.pk or _lowest(version.pk) <= _lowest(shown)
    figures = Snapshot.objects.filter(plan=version if whole else shown, commit__position__isnull=False)
    tip = Baseline.objects.filter(plan=version).values_list("tip", flat=True).first()
    figures = figures if tip is None else figures.filter(commit__position__lte=tip)
    worst = figures.order_by("-violations", "commit__position").select_related("commit").first()
    return worst.commit if worst else None


def _line(repository: Repository) -> QuerySet[Commit]:
    return Commit.objects.filter(repository=repository, position__isnull=False)


def _top(repository: Repository) -> int:
    top = _line(repository).order_by("-position").first()
    return top.height if top else 0


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _lowest(version: int) -> int:
    figures = Snapshot.objects.filter(plan=version, commit__position__isnull=False)
    found = figures.order_by("commit__position").values_list("commit__position", flat=True).first()
    return found or 0
