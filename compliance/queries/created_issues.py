"""The issues that were created from phases, with their states, for pages and the API."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models.functions import Lower

from compliance.integrations import delivery
from compliance.integrations.issue_notes import phase_issues
from compliance.integrations.issue_notes.subjects import of_created
from compliance.models import Issue, Phase
from compliance.progress.issue_status import LEFT, NONE_LEFT
from compliance.queries.issue_notes import NoteState, states_of

MOST = 20

_WARNINGS = {
    LEFT: "The issue is over, but the phase has violations left.",
    NONE_LEFT: "The issue is open, but the phase is closed and has no violations left.",
}


@dataclass(frozen=True, slots=True)
class CreatedIssue:
    """An issue that was requested from a phase. `key` is empty until it exists.

    `state` is the tracker's if it has reported one, and otherwise pending, failed or created; `reason` says
    why it doesn't exist yet. `is_in_plan` is true if the active plan references it. `note` is the note on it,
    and `warning` says how the tracker's state and the records disagree.
    """

    key: str
    url: str
    state: str
    reason: str
    requested_by: str
    requested_at: datetime
    is_in_plan: bool
    may_be_replaced: bool
    note: NoteState | None = None
    warning: str = ""


def created(phase: Phase) -> list[CreatedIssue]:
    """Return the newest issues that were requested from a phase, the newest first, in eight queries."""
    rows = list(phase.created_issues.select_related("requested_by", "note", "phase__issue")[:MOST])
    if not rows:
        return []
    repository = phase.issue.repository
    in_plan = Issue.objects.filter(repository=repository, in_plan=True).annotate(lower=Lower("key"))
    keys = set(in_plan.filter(lower__in={row.key.lower() for row in rows}).values_list("lower", flat=True))
    followed = [row for row in rows if row.key and row.key.lower() not in keys]
    states = states_of(repository, list(of_created(repository, followed)))
    notes = {row.pk: state for row, state in zip(followed, states, strict=True)}
    outcomes = phase_issues.outcomes(repository, rows)
    return [_described(outcome, keys, notes.get(outcome.row.pk)) for outcome in outcomes]


def _described(outcome: phase_issues.Outcome, keys: Collection[str], note: NoteState | None) -> CreatedIssue:
    row = outcome.row
    state, reason = _state(outcome)
    disagreement = row.note.disagreement if note and hasattr(row, "note") else ""
    return CreatedIssue(
        key=row.key,
        url=outcome.url,
        state=state,
        reason=reason,
        requested_by=row.requested_by.get_username() if row.requested_by else "",
        requested_at=row.requested_at,
        is_in_plan=row.key.lower() in keys,
        may_be_replaced=not outcome.obstacle,
        note=note,
        warning=_WARNINGS.get(disagreement, ""),
    )


def _state(outcome: phase_issues.Outcome) -> tuple[str, str]:
    """Return the state of a request, and why the issue doesn't exist if it doesn't."""
    item = outcome.item
    if outcome.row.key:
        return outcome.state or "created", ""
    if item is None:
        return "failed", "The request was deleted from the outbox before it was carried out."
    return ("failed" if item.state in delivery.FAILED else "pending"), item.outcome
