"""Replays a repository's history and evidence to determine when each phase closed and reopened.

This is required if the past changes: after a backfill, with another plan or branch, or with backdated
evidence. The phase events on the trend are rewritten; notes are left unchanged.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from django.db import transaction

from compliance.events import phases_changed
from compliance.evidence.criteria import Facts, criteria_of
from compliance.evidence.failures import follow_evidence
from compliance.evidence.intake import attach_to_commits
from compliance.evidence.phase_events import emit_transitions
from compliance.evidence.phases import (
    Kind,
    changed_keys,
    facts_at_head,
    planned_phases,
    reevaluate,
    transition,
)
from compliance.evidence.suites import recount
from compliance.lib.locks import lock_records
from compliance.models import (
    Approval,
    Commit,
    Marker,
    Measurement,
    Phase,
    PlanVersion,
    Repository,
    Snapshot,
    SuiteResult,
    dated_at,
)
from compliance.progress import baseline
from compliance.progress.waiver_changes import WaiverChange, waiver_changes
from compliance.progress.waiver_figures import waived_by_phase

Proof = SuiteResult | Measurement | Approval
_Result = TypeVar("_Result", SuiteResult, Measurement)


@dataclass(frozen=True, slots=True)
class HistoryPoint:
    """A commit with its figures. `at` never decreases along the history.

    `left` contains the numbers of violations and files by phase, and `covered` what waivers covered of all
    figures, as in a snapshot.
    """

    commit: Commit
    at: datetime
    clean: int
    files: int
    left: dict[str, list[int]]
    covered: Mapping[str, int]

    @property
    def position(self) -> int:
        """Return the commit's position in the history, counted from 1."""
        return self.commit.position or 0

    @property
    def clean_with_waivers(self) -> int:
        """Return how many files would be clean without the waived violations."""
        return self.clean - self.covered.get("clean", 0)

    @property
    def waived(self) -> dict[str, int]:
        """Return the numbers of waived violations by phase."""
        return waived_by_phase(self.covered)

    def changed_by(self, changes: Iterable[WaiverChange], *, back: bool = False) -> "HistoryPoint":
        """Return this commit after waivers have started and ended or, with `back`, before they did."""
        covered = Counter(self.covered)
        for change in changes:
            (covered.subtract if back else covered.update)(change.amounts)
        return replace(self, covered={name: number for name, number in covered.items() if number})


@dataclass(frozen=True, slots=True)
class EvidenceEvent:
    """A piece of evidence that starts to count or, if `given` is false, stops counting."""

    at: datetime
    proof: Proof
    given: bool = True

    def precedes(self, point: HistoryPoint) -> bool:
        """Return true if this took effect before a commit: at an earlier time, and attached to an earlier
        commit.
        """
        own = self.proof.commit.position if self.proof.commit else None
        return self.at <= point.at and (own or 0) < point.position


def on_history_evaluated(sender: Repository, **_: object) -> None:
    """Re-evaluate all phases after the past changed. Receives `history_evaluated`."""
    if sender.plan:
        recount(sender, sender.plan)
    rebuild_timeline(sender)


def reevaluate_since(repository: Repository, at: datetime | None = None) -> None:
    """Re-evaluate the phases after evidence arrived.

    Only the newest commit is considered, unless the evidence is backdated to `at`, in which case the whole
    history is replayed.
    """
    if at is None:
        reevaluate(repository)
        return
    before = _closed_phases(repository)
    rebuild_timeline(repository)
    changed = before ^ _closed_phases(repository)
    marks = Marker.objects.filter(phase__in=changed, kind__in=(Kind.CLOSED, Kind.REOPENED))
    newest = (
        marks.select_related("phase__issue", "commit").order_by("phase_id", "-at", "-pk").distinct("phase_id")
    )
    emit_transitions(repository, newest)
    if changed:
        phases_changed.send(repository)


def _closed_phases(repository: Repository) -> set[int]:
    return {phase.pk for phase in planned_phases(repository) if phase.closed_at}


def rebuild_timeline(repository: Repository) -> None:
    """Replay every phase under the active plan and rewrite its state and events, in one transaction."""
    version = repository.plan
    if version is None:
        return
    with transaction.atomic():
        lock_records(repository.pk)
        attach_to_commits(repository)
        phases = planned_phases(repository)
        for phase in phases:
            phase.closed_at = phase.closed_by = None
            phase.touched = 0
        events = list(_Replay(repository, version, phases).events())
        Marker.objects.filter(repository=repository, kind__in=(Kind.CLOSED, Kind.REOPENED)).delete()
        Marker.objects.bulk_create(events)
        Phase.objects.bulk_update(phases, ["closed_at", "closed_by", "touched"])
        snapshot = Snapshot.objects.filter(plan=version, commit=repository.head_id).first()
        if facts := facts_at_head(repository, snapshot):
            follow_evidence(repository, phases, facts, is_known=True)


class _Replay:
    """A single pass over history, evidence and waivers, oldest first, which closes and reopens phases in
    memory.
    """

    def __init__(self, repository: Repository, version: PlanVersion, phases: list[Phase]) -> None:
        self._version = version
        self._phases = phases
        self._points = _points(repository, version)
        self._pending = _evidence(repository)
        self._start = baseline.position_of(repository, version)
        self._before: HistoryPoint | None = None
        self._waivers = waiver_changes(repository, version)

    def events(self) -> Iterator[Marker]:
        """Yield the events of phases that close or reopen, in chronological order."""
        facts: Facts | None = None
        for last in self._points:
            if facts is not None:
                yield from self._apply_later(facts, last)
            started = facts is not None and self._has_started(facts.head)
            point = last.changed_by(self._waivers.get(last.position, ()), back=True)
            facts = _facts(self._version, point, facts)
            touched = self._touch(point)
            if self._has_started(point.commit):
                affected = [p for p in self._phases if not started or _may_change(p, touched)]
                yield from _transitions(affected, facts, point.at)
        if facts is not None:
            yield from self._apply_later(facts, None)

    def _has_started(self, commit: Commit) -> bool:
        return (commit.position or 0) >= self._start

    def _apply_later(self, facts: Facts, until: HistoryPoint | None) -> Iterator[Marker]:
        """Apply what happened while a commit was the newest one, in order of time: evidence that precedes the
        next commit, or all that remains if there is none, and waivers that started or ended.
        """
        later: list[EvidenceEvent | WaiverChange] = [*self._waivers.get(facts.head.position or 0, ())]
        while self._pending and (until is None or self._pending[-1].precedes(until)):
            later.append(self._pending.pop())
        for event in sorted(later, key=lambda one: one.at):
            if isinstance(event, WaiverChange):
                is_new = self._apply_waiver(event, facts)
            else:
                is_new = _apply(event.proof, facts, given=event.given)
            if is_new and (until is None or self._has_started(facts.head)):
                yield from _transitions(self._phases, facts, event.at)

    def _apply_waiver(self, change: WaiverChange, facts: Facts) -> bool:
        """Start or stop counting what a waiver covers."""
        if self._before is None:
            return False
        self._before = self._before.changed_by([change])
        facts.waived, facts.clean_with_waivers = self._before.waived, self._before.clean_with_waivers
        return True

    def _touch(self, point: HistoryPoint) -> set[str]:
        """Record on each phase the newest commit that changed its violations, and return the keys of the
        phases with other violations or waivers.

        A waiver isn't a change to the code. The first commit starts the history and doesn't count as a
        change.
        """
        before, self._before = self._before, point
        if before is None:
            return {*point.left, *point.waived}
        found = changed_keys(before.left, point.left)
        for phase in self._phases:
            if phase.key in found:
                phase.touched = point.position
        keys = before.waived.keys() | point.waived.keys()
        return found | {key for key in keys if before.waived.get(key) != point.waived.get(key)}


def _apply(proof: Proof, facts: Facts, *, given: bool) -> bool:
    """Start or stop counting a piece of evidence. Return false if newer evidence takes precedence."""
    if isinstance(proof, Approval):
        _apply_approval(proof, facts, given=given)
        return True
    if isinstance(proof, SuiteResult):
        return _apply_newest(proof, facts.suites, proof.digest)
    return _apply_newest(proof, facts.measurements, proof.name)


def _apply_approval(approval: Approval, facts: Facts, *, given: bool) -> None:
    key = (approval.phase_id, approval.role.lower())
    if given:
        facts.approvals[key] = approval
    elif facts.approvals.get(key) == approval:
        del facts.approvals[key]


def _apply_newest(proof: _Result, known: dict[str, _Result], key: str) -> bool:
    if _is_older(proof, known.get(key)):
        return False
    known[key] = proof
    return True


def _is_older(proof: SuiteResult | Measurement, known: SuiteResult | Measurement | None) -> bool:
    if known is None or known.commit is None or proof.commit is None:
        return False
    return (proof.commit.position or 0) < (known.commit.position or 0)


def _may_change(phase: Phase, touched: set[str]) -> bool:
    """Return true if a commit can change the phase's state by changing its violations or the compliance
    percentage.
    """
    return phase.key in touched or any(c["kind"] == "compliance" for c in criteria_of(phase))


def _transitions(phases: Iterable[Phase], facts: Facts, at: datetime) -> Iterator[Marker]:
    for phase in phases:
        event = transition(phase, facts, at)
        if event:
            yield event


def _points(repository: Repository, version: PlanVersion) -> Iterator[HistoryPoint]:
    rows = Snapshot.objects.filter(
        plan=version, commit__repository=repository, commit__position__isnull=False
    ).order_by("commit__position")
    columns = ("commit_id", "commit__position", dated_at("commit__"), "clean", "files", "by__phase", "waived")
    latest: datetime | None = None
    for pk, position, at, clean, files, left, waived in rows.values_list(*columns).iterator(chunk_size=2000):
        latest = at if latest is None else max(latest, at)
        yield HistoryPoint(
            commit=Commit(pk=pk, position=position, committed_at=at),
            at=latest,
            clean=clean,
            files=files,
            left=left or {},
            covered=waived,
        )


def _facts(version: PlanVersion, point: HistoryPoint, former: Facts | None) -> Facts:
    return Facts(
        head=point.commit,
        clean=point.clean,
        clean_with_waivers=point.clean_with_waivers,
        files=point.files,
        left={key: count for key, (count, _) in point.left.items()},
        waived=point.waived,
        patterns=version.suites,
        suites=former.suites if former else {},
        measurements=former.measurements if former else {},
        approvals=former.approvals if former else {},
    )


def _evidence(repository: Repository) -> list[EvidenceEvent]:
    """Return all evidence, newest first. A piece of evidence counts from its arrival, but never before its
    commit.
    """
    recorded = {"repository": repository, "commit__position__isnull": False}
    results = SuiteResult.objects.filter(**recorded).select_related("commit")
    measured = Measurement.objects.filter(**recorded).select_related("commit", "token")
    proofs: list[SuiteResult | Measurement] = [*results, *measured]
    events = [EvidenceEvent(_not_before(row.commit, row.received_at), row) for row in proofs]
    given = Approval.objects.filter(phase__issue__repository=repository)
    for approval in given.select_related("commit", "person"):
        events.append(EvidenceEvent(approval.created_at, approval))
        if approval.withdrawn_at:
            events.append(EvidenceEvent(approval.withdrawn_at, approval, given=False))
    return sorted(events, key=lambda event: (event.at, event.proof.pk or 0), reverse=True)


def _not_before(commit: Commit | None, at: datetime) -> datetime:
    return max(at, commit.dated_at) if commit else at
