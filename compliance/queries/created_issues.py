"""The issues that were created from phases, with their states, for pages and the API."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models.functions import Lower

from compliance.integrations.issue_notes import phase_issues
from compliance.models import Issue, Phase

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
    """Return the newest issues that were requested from a phase, the newest first, in five queries."""
    rows = list(phase.created_issues.select_related("requested_by")[:MOST])
    if not rows:
        return []
    repository = phase.issue.repository
    in_plan = Issue.objects.filter(repository=repository, in_plan=True).annotate(lower=Lower("key"))
    keys = set(in_plan.filter(lower__in={row.key.lower() for row in rows}).values_list("lower", flat=True))
    return [_told(outcome, keys) for outcome in phase_issues.outcomes(repository, rows)]


def _told(outcome: phase_issues.Outcome, keys: Collection[str]) -> CreatedIssue:
    row, item = outcome.row, outcome.item
    state, reason = "created", ""
    if row.key:
        state = outcome.state or state
    elif item:
        is_pending = item.state in ("waiting", "sending", "sent")
        state, reason = ("pending" if is_pending else "failed"), item.outcome
    else:
        state, reason = "failed", "The request was deleted from the outbox before it was carried out."
    return CreatedIssue(
        key=row.key,
        url=outcome.url,
        state=state,
        reason=reason,
        requested_by=row.requested_by.get_username() if row.requested_by else "",
        requested_at=row.requested_at,
        is_in_plan=row.key.lower() in keys,
        may_be_replaced=not outcome.obstacle,
    )
