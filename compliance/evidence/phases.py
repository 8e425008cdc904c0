"""Phases close when all their criteria hold and open again when one stops holding; each time leaves a mark.

Judged after each commit and each piece of evidence, in a fixed number of queries.
"""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from compliance.evidence.criteria import FAILS, HOLDS, NO_PROOF, Facts, Verdict, judge
from compliance.evidence.intake import link
from compliance.models import Approval, Commit, Marker, Measurement, Phase, Repository, Snapshot, SuiteResult

Kind = Marker.Kind


def verdicts(
    repository: Repository, phases: Iterable[Phase], snapshot: Snapshot | None
) -> dict[int, list[Verdict]]:
    """The verdicts on each phase's criteria at the newest commit, by the phase's id; three queries.

    `snapshot` has that commit's figures under the plan in force; without any there are no verdicts.
    """
    facts = facts_at_head(repository, snapshot)
    return {phase.pk: list(judge(phase, facts)) if facts else [] for phase in phases}


def facts_at_head(repository: Repository, snapshot: Snapshot | None) -> Facts | None:
    """What is known at the newest recorded commit, whose figures are given; None without any."""
    head, plan = repository.head, repository.plan
    if head is None or plan is None or snapshot is None:
        return None
    line = {"repository": repository, "commit__position__isnull": False}
    results = SuiteResult.objects.filter(**line).select_related("commit")
    measured = Measurement.objects.filter(**line).select_related("commit", "token")
    approved = approvals(repository)
    newest = measured.order_by("name", "-commit__position", "-received_at", "-pk").distinct("name")
    return Facts(
        head=head,
        clean=snapshot.clean,
        files=snapshot.files,
        left={key: count for key, (count, _) in snapshot.by.get("phase", {}).items()},
        patterns=plan.suites,
        suites={r.digest: r for r in results.order_by("digest", "-commit__position").distinct("digest")},
        measurements={measurement.name: measurement for measurement in newest},
        approvals={(a.phase_id, a.role.lower()): a for a in approved},
    )


def approvals(repository: Repository) -> list[Approval]:
    """The approvals in force, oldest first."""
    rows = Approval.objects.filter(phase__issue__repository=repository, withdrawn_at__isnull=True)
    return list(rows.select_related("commit", "person").order_by("created_at", "pk"))


def in_plan(repository: Repository) -> list[Phase]:
    """The phases of the plan in force, in its order."""
    rows = Phase.objects.filter(issue__repository=repository, issue__in_plan=True, in_plan=True)
    return list(rows.select_related("issue"))


def settle(repository: Repository, at: datetime | None = None, *, touched: Iterable[str] = ()) -> None:
    """Close and open phases by what is known now; `touched` are those that the newest commit changed.

    `at` is when that became known, by default now.
    """
    phases = in_plan(repository)
    snapshot = Snapshot.objects.filter(plan=repository.plan_id, commit=repository.head_id).first()
    facts = facts_at_head(repository, snapshot) if phases else None
    if facts is None:
        return
    changed = []
    for phase in phases:
        if phase.key in touched:
            phase.touched = facts.head.position or 0
        mark = turn(phase, facts, at or timezone.now())
        if mark or phase.key in touched:
            changed.append((phase, mark))
    if changed:
        Phase.objects.bulk_update([phase for phase, _ in changed], ["closed_at", "closed_by", "touched"])
        Marker.objects.bulk_create(mark for _, mark in changed if mark)


def note_commit(sender: Repository, commit: Commit, **_: object) -> None:
    """Judge the phases after a commit was recorded at the end of the line; listens to `commit_recorded`."""
    repository = sender
    link(repository)
    around = Snapshot.objects.filter(
        plan=repository.plan_id,
        commit__repository=repository,
        commit__position__in=((commit.position or 0) - 1, commit.position),
    )
    by = dict(around.values_list("commit__position", "by__phase"))
    now, before = by.get(commit.position) or {}, by.get((commit.position or 0) - 1) or {}
    touched = {key for key in now.keys() | before.keys() if now.get(key) != before.get(key)}
    settle(repository, commit.committed_at, touched=touched)


def note_figures(sender: Repository, **_: object) -> None:
    """Judge the phases after the newest commit's figures changed; listens to `figures_changed`."""
    settle(sender)


def turn(phase: Phase, facts: Facts, at: datetime) -> Marker | None:
    """Close or open one phase in memory if it is time; the mark that tells of it."""
    found = judge(phase, facts)
    if phase.closed_at is None:
        if any(verdict.state != HOLDS for verdict in found):
            return None
        phase.closed_at, phase.closed_by = at, facts.head
        return _mark(Kind.CLOSED, phase, facts, at, f"{phase.title}: all criteria hold")
    why = next((verdict for verdict in found if verdict.state in (FAILS, NO_PROOF)), None)
    if why is None:
        return None
    phase.closed_at = phase.closed_by = None
    return _mark(Kind.REOPENED, phase, facts, at, f"{phase.title}: “{why.asks}” no longer holds: {why.told}")


def _mark(kind: Marker.Kind, phase: Phase, facts: Facts, at: datetime, text: str) -> Marker:
    return Marker(
        repository_id=phase.issue.repository_id, kind=kind, at=at, commit=facts.head, phase=phase, text=text
    )
