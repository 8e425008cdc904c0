"""Issues: their status in the code, the tracker and the plan, with steps and phases."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from compliance.api.authentication import repository_of
from compliance.api.pagination import Page
from compliance.api.phases import PhaseOut, of_issue
from compliance.charts.context import chart_context
from compliance.charts.issues import draw as draw_issues
from compliance.queries.issues import find
from compliance.queries.phases import told

router = Router(tags=["issues"])


class IssueOut(Schema):
    """An issue. `state` is its state in the tracker, `fixed` and `left` count violations
    (`fixed_gone` of the fixed ones were in files that were removed), and `tasks` lists
    the items of its task list. `warning` says how the tracker and the records disagree, and
    `preliminary` what can still change while history is read.
    """

    key: str
    title: str
    url: str
    priority: str
    state: str
    fixed: int
    fixed_gone: int
    left: int
    files: int
    tasks: int
    tasks_done: int
    steps: int
    steps_done: int
    next_step: str
    warning: str
    preliminary: str


class StepOut(Schema):
    """One of the issue's ordered steps, and the commit that completed it, if any."""

    number: int
    title: str
    risk: str
    defines: str
    clean: list[str]
    done_by: str | None
    done_at: datetime | None


class WholeIssueOut(Schema):
    """An issue with its ordered steps, and its phases with their evidence."""

    issue: IssueOut
    steps: list[StepOut]
    phases: list[PhaseOut]


@router.get("/{slug}/issues", response=Page[IssueOut], summary="List issues")
def index(request: HttpRequest, slug: str) -> Page[IssueOut]:
    """List all issues that the active plan references, in plan order."""
    rows = draw_issues(chart_context(repository_of(request, slug)))["rows"]
    return Page(items=[_issue(row) for row in rows])


@router.get("/{slug}/issues/{path:key}", response=WholeIssueOut, summary="Show an issue")
def show(request: HttpRequest, slug: str, key: str) -> WholeIssueOut:
    """Show one issue. Write # as %23 in the URL."""
    stage = chart_context(repository_of(request, slug))
    found = find(stage, key)
    row = next(row for row in draw_issues(stage)["rows"] if row["key"] == found.key)
    steps = [
        StepOut(
            number=step.order + 1,
            title=step.title,
            risk=step.risk,
            defines=step.defines,
            clean=step.clean,
            done_by=step.done_by.sha if step.done_by else None,
            done_at=step.done_by.committed_at if step.done_by else None,
        )
        for step in found.steps.all()
    ]
    return WholeIssueOut(
        issue=_issue(row), steps=steps, phases=of_issue(told(stage, issue=found.key)["rows"])
    )


def _issue(row: dict[str, Any]) -> IssueOut:
    return IssueOut(**{name: row[name] for name in IssueOut.model_fields})
