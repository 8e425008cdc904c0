"""The issues that were created from phases, with their states, for pages and the API."""

from dataclasses import dataclass
from datetime import datetime

from compliance.integrations.issue_notes import phase_issues
from compliance.models import Issue, Phase, PhaseIssue

MOST = 20


@dataclass(frozen=True, slots=True)
class CreatedIssue:
    """An issue that was requested from a phase. `key` is empty until it exists.

    `state` is the tracker's if it has reported one, and otherwise pending, failed or created; `reason` is why
    it failed. `is_in_plan` is true if the active plan references it.
    """

    key: str
    url: str
    state: str
    reason: str
    requested_by: str
    requested_at: datetime
    is_in_plan: bool
    may_be_replaced: bool


def created(phase: Phase) -> list[CreatedIssue]:
    """Return the newest issues that were requested from a phase, the newest first."""
    rows = phase.created_issues.select_related("requested_by", "connection", "phase__issue__repository")
    return [_told(row) for row in rows[:MOST]]


def _told(row: PhaseIssue) -> CreatedIssue:
    state, reason = "created", ""
    if row.key:
        state = phase_issues.state_of(row) or state
    elif item := phase_issues.item_of(row):
        is_pending = item.state in ("waiting", "sending", "sent")
        state, reason = ("pending" if is_pending else "failed"), item.outcome
    else:
        state, reason = "failed", "The request was deleted from the outbox before it was carried out."
    in_plan = Issue.objects.filter(
        repository=row.phase.issue.repository_id, in_plan=True, key__iexact=row.key
    )
    return CreatedIssue(
        key=row.key,
        url=phase_issues.url_of(row),
        state=state,
        reason=reason,
        requested_by=row.requested_by.get_username() if row.requested_by else "",
        requested_at=row.requested_at,
        is_in_plan=bool(row.key) and in_plan.exists(),
        may_be_replaced=not phase_issues.obstacle(row),
    )
