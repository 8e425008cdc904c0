"""The phases: what each has fixed and left, and how it stands against its dates."""

from datetime import date

from django.utils import timezone

from compliance.charts.scene import Data, Scene
from compliance.models import Phase

NAME = "phases"
TITLE = "By phase"


def draw(scene: Scene) -> Data:
    """One row a phase, in the plan's order; one query and the count of what is fixed."""
    phases = Phase.objects.filter(issue__repository=scene.repository, issue__in_plan=True)
    fixed = scene.fixed["phases"]
    rows = []
    for phase in phases.select_related("issue", "closed_by"):
        left, files = scene.left("phase", phase.key)
        done = fixed.get(phase.key, 0)
        rows.append(
            {
                "key": phase.key,
                "title": phase.title,
                "issue": phase.issue.key,
                "start": phase.start,
                "due": phase.due,
                "left": left,
                "files": files,
                "fixed": done,
                "total": left + done,
                "state": _state(phase, left, done, timezone.now().date()),
                "closed_at": phase.closed_at,
                "closed_by": phase.closed_by.sha if phase.closed_by else None,
            }
        )
    return {
        "kind": "rows",
        "title": TITLE,
        "columns": ["Phase", "Fixed", "Left", "Due", "State"],
        "rows": rows,
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
