"""Phase chart: the violations fixed and left in each phase, and its state relative to the due date."""

from datetime import date
from typing import Any

from django.utils import timezone

from compliance.charts.context import ChartContext, Data
from compliance.lib.dates import span
from compliance.models import Phase
from compliance.progress.forecast import Forecast, percentage, ranges_by_level, reason, too_slow
from compliance.progress.phase_status import days_late, state
from compliance.progress.preliminary import preliminary

NAME = "phases"
TITLE = "By phase"
ORDER = 30


def draw(context: ChartContext) -> Data:
    """Return one row for each phase in plan order, in two queries plus the one for the forecast.

    `state` is one of: done, nothing left, late, not started, not known yet (while history is read), on time,
    at risk, under way. `days_late` is how long after its due date a phase was closed, and `reopened_at` when
    it was last reopened. `so_far` is true while history is read. `pace` (recent) and `needed` (to meet the
    due date) are violations per week; `earliest`, `latest` and `median` are dates, and `chance` is the
    probability of meeting the due date.
    """
    prospect = context.prospect
    as_of = (prospect.as_of if prospect else timezone.localtime()).date()
    return {
        "kind": "rows",
        "title": TITLE,
        "columns": ["Phase", "Fixed", "Left", "Due", "State"],
        "rows": [_row(context, phase, as_of) for phase in context.phases],
        "today": as_of,
        "as_of": as_of if prospect and prospect.dormant else None,
        "latest_commit": prospect.latest_commit if prospect else None,
    }


def _row(context: ChartContext, phase: Phase, today: date) -> dict[str, Any]:
    left, files = context.left("phase", phase.key)
    done = context.fixed["phase"].get(phase.key, 0)
    outlook = context.prospect.phases.get(phase.key) if context.prospect else None
    earliest, latest = (outlook.earliest, outlook.latest) if outlook else (None, None)
    return {
        "key": phase.key,
        "title": phase.title,
        "issue": phase.issue.key,
        "issue_title": phase.issue.tracker_title or phase.issue.title,
        "start": phase.start,
        "due": phase.due,
        "left": left,
        "files": files,
        "fixed": done,
        "fixed_gone": context.fixed_gone["phase"].get(phase.key, 0),
        "total": left + done,
        "state": state(phase, left, done, outlook, today, is_final=context.repository.history_done),
        "pace": outlook.pace if outlook else None,
        "needed": outlook.needed(phase.due) if outlook and phase.due else None,
        "earliest": earliest,
        "latest": latest,
        "days_late": days_late(phase),
        "so_far": not context.repository.history_done,
        "preliminary": preliminary(context.repository),
        "span": span(earliest, latest) if earliest and latest else "",
        **_more(outlook, phase.due),
        "closed_at": phase.closed_at,
        "closed_by": phase.closed_by.sha if phase.closed_by else None,
        "reopened_at": getattr(phase, "reopened_at", None),
    }


def _more(outlook: Forecast | None, due: date | None) -> dict[str, Any]:
    """Return what the forecast says beyond its range of 80%. The text omits a due date that has passed."""
    chance = outlook.chance(due) if outlook and due else None
    ahead = bool(outlook and due and due >= outlook.as_of.date())
    return {
        "median": outlook.median if outlook else None,
        "ranges": ranges_by_level(outlook),
        "chance": None if chance is None else round(chance, 3),
        "chance_text": percentage(chance) if chance is not None and ahead else "",
        "reason": reason(outlook) if outlook else "",
        "too_slow": too_slow(outlook),
    }
