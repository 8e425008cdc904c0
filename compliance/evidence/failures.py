"""Reports test reports and measurements that don't meet a criterion, once until the criterion holds again."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from compliance.events import alerts
from compliance.events.alerts import Condition, Key
from compliance.evidence.criteria import FAILS, NO_PROOF, CriterionResult, Facts, criteria_of, evaluate
from compliance.models import Alert, Phase, Repository

TOPIC = "evidence.failed"

_KINDS = {"tests", "measurement"}
_MOST_TESTS = 5


@dataclass
class _Judged:
    """The result of a criterion, and the phases that have it."""

    result: CriterionResult
    phases: list[Phase] = field(default_factory=list)


def has_evidence(phases: Iterable[Phase]) -> bool:
    """Return true if a phase has a criterion about test reports or measurements."""
    return any(criterion["kind"] in _KINDS for phase in phases for criterion in criteria_of(phase))


def follow_evidence(
    repository: Repository, phases: Iterable[Phase], facts: Facts, *, is_known: bool = False
) -> None:
    """Compare the newest evidence with the criteria of all phases.

    If `is_known`, the past was evaluated again, so what fails isn't reported. Neither is evidence that
    arrived before the active version of the plan, because then the plan made it fail.
    """
    since = repository.plan.created_at if repository.plan else None
    conditions: list[Condition] = []
    undecided: set[Key] = set()
    for subject, judged in _judged(phases, facts).items():
        result = judged.result
        if result.state == FAILS:
            is_old = since is not None and result.at is not None and result.at < since
            conditions.append(_condition(repository, subject, judged, is_known=is_known or is_old))
        elif result.state == NO_PROOF:
            undecided.add((repository.pk, alerts.short_subject(subject)))
    alerts.follow(TOPIC, conditions, Alert.objects.filter(repository=repository), undecided=undecided)


def _judged(phases: Iterable[Phase], facts: Facts) -> dict[str, _Judged]:
    """Return the results of the criteria. Phases often have the same one, which is reported only once."""
    found: dict[str, _Judged] = {}
    for phase in phases:
        for result in _of_evidence(phase, facts):
            # A stale result has held; whether it still does can only be found out with new evidence.
            subject = f"{result.kind} {result.requirement}"
            found.setdefault(subject, _Judged(result)).phases.append(phase)
    return found


def _of_evidence(phase: Phase, facts: Facts) -> Iterator[CriterionResult]:
    return (result for result in evaluate(phase, facts) if result.kind in _KINDS)


def _condition(repository: Repository, subject: str, judged: _Judged, *, is_known: bool) -> Condition:
    result = judged.result
    detail: dict[str, Any] = {
        "kind": result.kind,
        "requirement": result.requirement,
        "explanation": result.explanation,
        "by": result.by,
        "sha": result.commit.sha if result.commit else "",
        "tests": list(result.names[:_MOST_TESTS]),
        "titles": [phase.title for phase in judged.phases],
    }
    cause = f"{detail['sha'][:12]} {result.at.isoformat() if result.at else ''}".strip()
    keys = [phase.key for phase in judged.phases]
    return Condition(subject, repository, is_known=is_known, cause=cause, detail=detail, phases=keys)
