"""Closes a phase once all its criteria hold and reopens it if one no longer does, recording an event each
time.

Phases are re-evaluated after each commit and each piece of evidence, in a fixed number of queries.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.utils import timezone

from compliance.events import phases_changed
from compliance.evidence.criteria import FAILS, HOLDS, NO_PROOF, CriterionResult, Facts, evaluate
from compliance.evidence.failures import follow_evidence, has_evidence
from compliance.evidence.intake import attach_to_commits
from compliance.evidence.phase_events import emit_transitions
from compliance.models import Approval, Commit, Marker, Measurement, Phase, Repository, Snapshot, SuiteResult
from compliance.progress.waiver_figures import waived_by_phase

Kind = Marker.Kind


def criterion_results(
    repository: Repository, phases: Iterable[Phase], snapshot: Snapshot | None
) -> dict[int, list[CriterionResult]]:
    """Return the results of each phase's criteria at the newest commit, by the phase's id, in three queries.

    `snapshot` contains that commit's figures under the active plan. Without a snapshot, there are no results.
    """
    facts = facts_at_head(repository, snapshot)
    return {phase.pk: list(evaluate(phase, facts)) if facts else [] for phase in phases}


def facts_at_head(repository: Repository, snapshot: Snapshot | None) -> Facts | None:
    """Return the facts at the newest recorded commit, given its figures. Return None without figures."""
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
        clean_with_waivers=snapshot.clean_with_waivers,
        files=snapshot.files,
        left={key: count for key, (count, _) in snapshot.by.get("phase", {}).items()},
        waived=waived_by_phase(snapshot.waived),
        patterns=plan.suites,
        suites={r.digest: r for r in results.order_by("digest", "-commit__position").distinct("digest")},
        measurements={measurement.name: measurement for measurement in newest},
        approvals={(a.phase_id, a.role.lower()): a for a in approved},
    )


def approvals(repository: Repository) -> list[Approval]:
    """Return the approvals that have not been withdrawn, oldest first."""
    rows = Approval.objects.filter(phase__issue__repository=repository, withdrawn_at__isnull=True)
    return list(rows.select_related("commit", "person").order_by("created_at", "pk"))


def planned_phases(repository: Repository) -> list[Phase]:
    """Return the phases of the active plan in plan order."""
    rows = Phase.objects.filter(issue__repository=repository, in_plan=True)
    return list(rows.select_related("issue"))


def reevaluate(repository: Repository, at: datetime | None = None, *, touched: Iterable[str] = ()) -> None:
    """Close and reopen phases according to the current facts.

    `touched` are the keys of the phases whose violations the newest commit changed. `at` is when the facts
    became known, by default now.
    """
    phases = planned_phases(repository)
    snapshot = Snapshot.objects.filter(plan=repository.plan_id, commit=repository.head_id).first()
    facts = facts_at_head(repository, snapshot) if phases else None
    if facts is None:
        return
    changed = []
    for phase in phases:
        if phase.key in touched:
            phase.touched = facts.head.position or 0
        event = transition(phase, facts, at or timezone.now())
        if event or phase.key in touched:
            changed.append((phase, event))
    if changed:
        Phase.objects.bulk_update([phase for phase, _ in changed], ["closed_at", "closed_by", "touched"])
        events = [event for _, event in changed if event]
        Marker.objects.bulk_create(events)
        emit_transitions(repository, events)
        if events:
            phases_changed.send(repository)
    if has_evidence(phases):
        follow_evidence(repository, phases, facts)


def on_commit_recorded(sender: Repository, commit: Commit, **_: object) -> None:
    """Re-evaluate the phases after a commit was recorded as the newest. Receives `commit_recorded`."""
    repository = sender
    attach_to_commits(repository)
    around = Snapshot.objects.filter(
        plan=repository.plan_id,
        commit__repository=repository,
        commit__position__in=((commit.position or 0) - 1, commit.position),
    )
    by = dict(around.values_list("commit__position", "by__phase"))
    now, before = by.get(commit.position) or {}, by.get((commit.position or 0) - 1) or {}
    reevaluate(repository, commit.dated_at, touched=changed_keys(before, now))


def changed_keys(before: Mapping[str, list[int]], after: Mapping[str, list[int]]) -> set[str]:
    """Return the phases whose figures differ. One that has nothing to fix may be left out of either."""
    none = [0, 0]
    return {key for key in before.keys() | after.keys() if before.get(key, none) != after.get(key, none)}


def on_figures_changed(sender: Repository, **_: object) -> None:
    """Re-evaluate the phases after the newest commit's figures changed. Receives `figures_changed`."""
    reevaluate(sender)


def transition(phase: Phase, facts: Facts, at: datetime) -> Marker | None:
    """Close or reopen a phase in memory according to its criteria, and return the event, if there is one."""
    found = evaluate(phase, facts)
    if phase.closed_at is None:
        if any(result.state != HOLDS for result in found):
            return None
        phase.closed_at, phase.closed_by = at, facts.head
        return _event(Kind.CLOSED, phase, facts, at, f"{phase.title}: all criteria hold")
    decided = (result for result in found if not result.incomplete)
    why = next((result for result in decided if result.state in (FAILS, NO_PROOF)), None)
    if why is None:
        return None
    phase.closed_at = phase.closed_by = None
    return _event(
        Kind.REOPENED,
        phase,
        facts,
        at,
        f"{phase.title}: “{why.requirement}” no longer holds: {why.explanation}",
    )


def _event(kind: Marker.Kind, phase: Phase, facts: Facts, at: datetime, text: str) -> Marker:
    return Marker(
        repository_id=phase.issue.repository_id, kind=kind, at=at, commit=facts.head, phase=phase, text=text
    )
