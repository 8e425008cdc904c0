"""The phases: what each has fixed and left, and how it stands against its dates."""

from datetime import date, timedelta

from django.utils import timezone

from compliance.charts.scene import Data, Scene
from compliance.models import Phase

NAME = "phases"
TITLE = "By phase"
DORMANT = timedelta(days=90)
"""A repository without a commit for so long is judged as of its newest commit, and the page says so."""


def draw(scene: Scene) -> Data:
    """One row a phase, in the plan's order; two queries."""
    phases = Phase.objects.filter(issue__repository=scene.repository, issue__in_plan=True, in_plan=True)
    fixed = scene.fixed["phase"]
    rows = []
    now, head = timezone.now(), scene.repository.head
    dormant = head is not None and now - head.committed_at > DORMANT
    as_of = (head.committed_at if head and dormant else now).date()
    for phase in phases.select_related("issue", "closed_by"):
        left, files = scene.left("phase", phase.key)
        done = fixed.get(phase.key, 0)
        rows.append(
            {
                "key": phase.key,
                "title": phase.title,
                "issue": phase.issue.key,
                "issue_title": phase.issue.tracker_title or phase.issue.title,
                "start": phase.start,
                "due": phase.due,
                "left": left,
                "files": files,
                "fixed": done,
                "total": left + done,
                "state": _state(phase, left, done, as_of),
                "closed_at": phase.closed_at,
                "closed_by": phase.closed_by.sha if phase.closed_by else None,
            }
        )
    return {
        "kind": "rows",
        "title": TITLE,
        "columns": ["Phase", "Fixed", "Left", "Due", "State"],
        "rows": rows,
        "as_of": as_of if dormant else None,
    }


def _state(phase: Phase, left: int, fixed: int, today: date) -> str:
    if phase.closed_at:
        return "closed"
    if left == 0:
        return "nothing left"
    if phase.due and phase.due < today:
        return "overdue"
    if fixed == 0 or (phase.start and phase.start > today):
        return "not started"
    return "under way"
