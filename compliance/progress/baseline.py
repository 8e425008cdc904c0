"""The baseline of a plan version: the commit that progress and regressions are measured from.

It is the last commit before the earliest phase of the plan starts (midnight UTC); until a commit of that day
or later is recorded, that is the newest one. Where no phase has a start, or no recorded commit is so old, it
is the first commit with the most violations, waived ones included, of those up to the tip at which the
version was activated: commits that make things worse later are no candidates. It is stored once history is
complete, and no later commit moves it.
"""

from datetime import UTC, date, datetime, time

from django.contrib.auth.models import User
from django.db.models import F, IntegerField, Min, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce

from compliance.models import Baseline, Commit, Phase, PlanVersion, Repository, Snapshot, dated_at


def position_of(repository: Repository, version: PlanVersion) -> int:
    """Return the baseline's position; while none is stored, the candidate's, and 0 without any commit."""
    commit = stored(version) or _candidate(repository, version)
    return commit.height if commit else 0


def stored(version: PlanVersion) -> Commit | None:
    """Return the stored baseline's commit; None while none is stored."""
    return Commit.objects.filter(position__isnull=False, baselines__plan=version).first()


def earliest_start(repository: Repository) -> date | None:
    """Return the earliest day on which a phase of the active plan starts; None where none has a start."""
    phases = Phase.objects.filter(issue__repository=repository, issue__in_plan=True, in_plan=True)
    found: date | None = phases.aggregate(start=Min("start"))["start"]
    return found


def hand_down(version: PlanVersion, former: PlanVersion | None, tip: int) -> None:
    """Add the row of a version that becomes active at `tip`, with the baseline of a former version if given.

    A version that was active before keeps its own.
    """
    known = Baseline.objects.filter(plan=former).first() if former else None
    handed = {"tip": known.tip, "commit": known.commit, "person": known.person} if known else {"tip": tip}
    Baseline.objects.get_or_create(plan=version, defaults=handed)


def choose(repository: Repository, version: PlanVersion) -> bool:
    """Store the baseline of a version whose history is complete; return whether that happened just now."""
    if stored(version) or not _is_final(repository):
        return False
    candidate = _candidate(repository, version)
    if candidate is None:
        return False
    Baseline.objects.update_or_create(
        plan=version,
        defaults={"commit": candidate},
        create_defaults={"commit": candidate, "tip": _top(repository)},
    )
    return True


def move(version: PlanVersion, commit: Commit, person: User) -> None:
    """Let a manager choose another baseline; the caller derives anew what depends on it."""
    chosen = {"commit": commit, "person": person}
    Baseline.objects.update_or_create(
        plan=version, defaults=chosen, create_defaults={**chosen, "tip": _top(version.repository)}
    )


def roll_back(repository: Repository, length: int) -> None:
    """Forget the baselines that a force push removed from the branch, which has `length` commits now."""
    rows = Baseline.objects.filter(plan__repository=repository)
    rows.filter(tip__gt=length).update(tip=length)
    rows.filter(commit__isnull=False, commit__position=None).update(commit=None, person=None)


def _is_final(repository: Repository) -> bool:
    """Return whether no phase has a start, or a commit of that day or later is recorded."""
    start = earliest_start(repository)
    return (
        start is None
        or _line(repository).alias(dated=dated_at()).filter(dated__gte=_midnight(start)).exists()
    )


def _candidate(repository: Repository, version: PlanVersion) -> Commit | None:
    """Return the commit that the definition names, of those recorded by now."""
    start = earliest_start(repository)
    if start is not None:
        before = _line(repository).alias(dated=dated_at()).filter(dated__lt=_midnight(start))
        if found := before.order_by("-position").first():
            return found
    return _worst(repository, version)


def _worst(repository: Repository, version: PlanVersion) -> Commit | None:
    """Return the first commit with the most violations, of those up to the tip of the activation.

    Until the version's history is as deep as that of the version whose trend is shown, the latter's count.
    """
    shown = repository.line_plan_id or version.pk
    whole = shown == version.pk or _lowest(version.pk) <= _lowest(shown)
    figures = Snapshot.objects.filter(plan=version if whole else shown, commit__position__isnull=False)
    tip = Baseline.objects.filter(plan=version).values_list("tip", flat=True).first()
    figures = figures if tip is None else figures.filter(commit__position__lte=tip)
    waived = Cast(KeyTextTransform("violations", "waived"), IntegerField())
    gross = figures.annotate(gross=F("violations") + Coalesce(waived, 0))
    worst = gross.order_by("-gross", "commit__position").select_related("commit").first()
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
