"""The phases judged along the whole recorded line: when each closed and opened, as if all had been watched.

Done where the past changed: history was read further back, the plan or the line is another, or evidence came
with a date of its own. The marks of phases are then written anew; what people noted stays.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from compliance.evidence.criteria import Facts, criteria_of
from compliance.evidence.intake import link
from compliance.evidence.phases import Kind, in_plan, settle, turn
from compliance.evidence.suites import recount
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
)
from compliance.progress.file_status import baseline

Proof = SuiteResult | Measurement | Approval


@dataclass(frozen=True, slots=True)
class Stop:
    """One commit of the line and its figures; `at` never runs backwards along the line."""

    commit: Commit
    at: datetime
    clean: int
    files: int
    left: dict[str, list[int]]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A piece of evidence that begins or ceases to count."""

    at: datetime
    proof: Proof
    given: bool = True

    def precedes(self, stop: Stop) -> bool:
        """Whether it came before a commit: in time, and after its own commit, whatever the clocks say."""
        own = self.proof.commit.position if self.proof.commit else None
        return self.at <= stop.at and (own or 0) < (stop.commit.position or 0)


def note_line(sender: Repository, **_: object) -> None:
    """Judge all phases anew after the past changed; listens to `history_evaluated`."""
    if sender.plan:
        recount(sender, sender.plan)
    rejudge(sender)


def judge_anew(repository: Repository, at: datetime | None = None) -> None:
    """Judge the phases after evidence came: now, or along the line where it has a date `at` of its own."""
    if at is None:
        settle(repository)
    else:
        rejudge(repository)


def rejudge(repository: Repository) -> None:
    """Judge every phase along the line under the plan in force, and write its state and marks anew."""
    version = repository.plan
    if version is None:
        return
    with transaction.atomic():
        Repository.objects.select_for_update(no_key=True).only("pk").get(pk=repository.pk)
        link(repository)
        phases = in_plan(repository)
        for phase in phases:
            phase.closed_at = phase.closed_by = None
            phase.touched = 0
        marks = list(_walk(repository, version, phases))
        Marker.objects.filter(repository=repository, kind__in=(Kind.CLOSED, Kind.REOPENED)).delete()
        Marker.objects.bulk_create(marks)
        Phase.objects.bulk_update(phases, ["closed_at", "closed_by", "touched"])


def _walk(repository: Repository, version: PlanVersion, phases: list[Phase]) -> Iterator[Marker]:
    arrivals = _arrivals(repository)
    facts: Facts | None = None
    before: dict[str, list[int]] = {}
    start = baseline(repository, version)
    for stop in _stops(repository, version):
        begun = facts is not None and (facts.head.position or 0) >= start
        if facts is not None:
            while arrivals and arrivals[-1].precedes(stop):
                arrival = arrivals.pop()
                if _take(facts, arrival) and begun:
                    yield from _turn(phases, facts, arrival.at)
        facts = _facts(version, stop, facts)
        # The first commit that is read begins the line; what it holds was changed by none that is known.
        touched = {key for key in stop.left.keys() | before.keys() if stop.left.get(key) != before.get(key)}
        for phase in phases:
            if phase.key in touched and before:
                phase.touched = stop.commit.position or 0
        before = stop.left
        if (stop.commit.position or 0) >= start:
            waiting = not begun
            yield from _turn((p for p in phases if waiting or _moved(p, touched)), facts, stop.at)
    while facts is not None and arrivals:
        arrival = arrivals.pop()
        if _take(facts, arrival):
            yield from _turn(phases, facts, arrival.at)


def _moved(phase: Phase, touched: set[str]) -> bool:
    """Whether a commit can have changed the verdict on a phase: by what is left, or by the percentage."""
    return phase.key in touched or any(c["kind"] == "compliance" for c in criteria_of(phase))


def _turn(phases: Iterable[Phase], facts: Facts, at: datetime) -> Iterator[Marker]:
    for phase in phases:
        mark = turn(phase, facts, at)
        if mark:
            yield mark


def _stops(repository: Repository, version: PlanVersion) -> Iterator[Stop]:
    rows = Snapshot.objects.filter(
        plan=version, commit__repository=repository, commit__position__isnull=False
    ).order_by("commit__position")
    columns = ("commit_id", "commit__position", "commit__committed_at", "clean", "files", "by__phase")
    latest: datetime | None = None
    for pk, position, at, clean, files, left in rows.values_list(*columns).iterator(chunk_size=2000):
        latest = at if latest is None else max(latest, at)
        yield Stop(Commit(pk=pk, position=position, committed_at=at), latest, clean, files, left or {})


def _facts(version: PlanVersion, stop: Stop, former: Facts | None) -> Facts:
    return Facts(
        head=stop.commit,
        clean=stop.clean,
        files=stop.files,
        left={key: count for key, (count, _) in stop.left.items()},
        patterns=version.suites,
        suites=former.suites if former else {},
        measurements=former.measurements if former else {},
        approvals=former.approvals if former else {},
    )


def _arrivals(repository: Repository) -> list[Arrival]:
    """All evidence on the line, newest first: it counts from when it came, but not before its commit."""
    line = {"repository": repository, "commit__position__isnull": False}
    results = SuiteResult.objects.filter(**line).select_related("commit")
    measured = Measurement.objects.filter(**line).select_related("commit", "token")
    proofs: list[SuiteResult | Measurement] = [*results, *measured]
    arrivals = [Arrival(_not_before(row.commit, row.received_at), row) for row in proofs]
    given = Approval.objects.filter(phase__issue__repository=repository)
    for approval in given.select_related("commit", "person"):
        arrivals.append(Arrival(approval.created_at, approval))
        if approval.withdrawn_at:
            arrivals.append(Arrival(approval.withdrawn_at, approval, given=False))
    return sorted(arrivals, key=lambda arrival: (arrival.at, arrival.proof.pk or 0), reverse=True)


def _not_before(commit: Commit | None, at: datetime) -> datetime:
    return max(at, commit.committed_at) if commit else at


def _take(facts: Facts, arrival: Arrival) -> bool:
    """Let evidence count, or no longer; False where something of a later commit counts already."""
    proof = arrival.proof
    if isinstance(proof, Approval):
        key = (proof.phase_id, proof.role.lower())
        if arrival.given:
            facts.approvals[key] = proof
        elif facts.approvals.get(key) == proof:
            del facts.approvals[key]
        return True
    if isinstance(proof, SuiteResult):
        known: SuiteResult | Measurement | None = facts.suites.get(proof.digest)
        if _older(proof, known):
            return False
        facts.suites[proof.digest] = proof
        return True
    if _older(proof, facts.measurements.get(proof.name)):
        return False
    facts.measurements[proof.name] = proof
    return True


def _older(proof: SuiteResult | Measurement, known: SuiteResult | Measurement | None) -> bool:
    if known is None or known.commit is None or proof.commit is None:
        return False
    return (proof.commit.position or 0) < (known.commit.position or 0)
