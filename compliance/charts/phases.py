"""The phases: what each has fixed and left, and how it stands against its dates."""

from django.utils import timezone

from compliance.charts.scene import Data, Scene
from compliance.forecast import span
from compliance.standing import state

NAME = "phases"
TITLE = "By phase"


def draw(scene: Scene) -> Data:
    """One row a phase, in the plan's order; two queries and that of the forecast.

    `state` is one of: done, nothing left, late, not started, on time, at risk, under way. `pace` and `needed`
    are violations a week, kept lately and needed to hold the due date; `earliest` and `latest` are days.
    """
    fixed = scene.fixed["phase"]
    prospect = scene.prospect
    as_of = (prospect.as_of if prospect else timezone.now()).date()
    rows = []
    for phase in scene.phases:
        left, files = scene.left("phase", phase.key)
        done = fixed.get(phase.key, 0)
        outlook = prospect.phases.get(phase.key) if prospect else None
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
                "state": state(phase, left, done, outlook, as_of),
                "pace": outlook.pace if outlook else None,
                "needed": outlook.needed(phase.due) if outlook and phase.due else None,
                "earliest": outlook.earliest if outlook else None,
                "latest": outlook.latest if outlook else None,
                "span": span(outlook.earliest, outlook.latest)
                if outlook and outlook.earliest and outlook.latest
                else "",
                "closed_at": phase.closed_at,
                "closed_by": phase.closed_by.sha if phase.closed_by else None,
            }
        )
    return {
        "kind": "rows",
        "title": TITLE,
        "columns": ["Phase", "Fixed", "Left", "Due", "State"],
        "rows": rows,
        "as_of": as_of if prospect and prospect.dormant else None,
    }
