"""Phases, each with its progress and evidence."""

from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router, Schema

from compliance.api.authentication import repository_of
from compliance.api.pagination import Page
from compliance.charts.context import chart_context
from compliance.queries.phases import told

router = Router(tags=["phases"])


class CriterionOut(Schema):
    """A criterion with its evidence and its result: holds, fails, no proof yet or stale.

    `incomplete` is true if the newest report contains too few tests, so that there is no new verdict.
    `in_the_way` names the tests with an unexpected result. `key` is the name under which a measurement must
    be sent.
    """

    kind: str
    asks: str
    state: str
    told: str
    commit: str | None
    at: datetime | None
    by: str
    in_the_way: list[str]
    key: str
    incomplete: bool


class RangeOut(Schema):
    """A range of dates that contains the actual one with a probability of `level` percent."""

    level: int
    earliest: date
    latest: date


class PhaseOut(Schema):
    """A phase. `state` is “done”, “nothing left”, “nothing in this phase”, “late”, “not started”, “not known
    yet” (while history is read), “on time”, “at risk” or “under way”. `days_late` is how long after its due
    date the phase was closed, and `reopened_at` when it was last reopened. `so_far` is true while history is
    being read, and `preliminary` then says what can still change.

    Counts are numbers of violations and of files with violations. Violations are fixed since the baseline,
    `fixed_gone` of them because their files were removed.
    `pace` is the net rate of the last 39 weeks
    and `needed` the rate required to meet the due date, both in violations per week. The last violation is
    expected between `earliest` and `latest` with a probability of 80%; `ranges` has other levels, and
    `median` is the day that is as likely too early as too late. `chance` is the probability of meeting the
    due date. Without dates, `reason` says why.
    """

    key: str
    title: str
    issue: str
    state: str
    fixed: int
    fixed_gone: int
    left: int
    files: int
    start: date | None
    due: date | None
    pace: float | None
    needed: float | None
    earliest: date | None
    latest: date | None
    median: date | None
    ranges: list[RangeOut]
    chance: float | None
    reason: str
    days_late: int
    so_far: bool
    preliminary: str
    closed_at: datetime | None
    closed_by: str | None
    reopened_at: datetime | None
    criteria: list[CriterionOut]


@router.get("/{slug}/phases", response=Page[PhaseOut], summary="List phases")
def index(request: HttpRequest, slug: str) -> Page[PhaseOut]:
    """List all phases of the active plan in plan order, each with its criteria."""
    return Page(items=[_phase(row) for row in told(chart_context(repository_of(request, slug)))["rows"]])


@router.get("/{slug}/phases/{str:key}", response=PhaseOut, summary="Show a phase")
def show(request: HttpRequest, slug: str, key: str) -> PhaseOut:
    """Show one phase, and its criteria with their evidence."""
    for row in told(chart_context(repository_of(request, slug)))["rows"]:
        if row["key"] == key:
            return _phase(row)
    raise Http404(f"The active plan has no phase “{key}”.")


def of_issue(rows: list[dict[str, Any]]) -> list[PhaseOut]:
    """Return the phases that `queries.phases.told` returned in their API format."""
    return [_phase(row) for row in rows]


def _phase(row: dict[str, Any]) -> PhaseOut:
    same: dict[str, Any] = {
        name: row[name] for name in PhaseOut.model_fields if name not in ("criteria", "pace", "needed")
    }
    paces: dict[str, Any] = {
        name: None if row[name] is None else round(row[name], 2) for name in ("pace", "needed")
    }
    criteria = [
        CriterionOut(
            kind=result.kind,
            asks=result.requirement,
            state=result.state,
            told=result.explanation,
            commit=result.commit.sha if result.commit else None,
            at=result.at,
            by=result.by,
            in_the_way=list(result.names),
            key=result.key,
            incomplete=result.incomplete,
        )
        for result in row["results"]
    ]
    return PhaseOut(**same, **paces, criteria=criteria)
