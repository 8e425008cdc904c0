"""The forecast of the whole for the overview: its sentence, and the pace kept beside the pace needed."""

from typing import Any

from compliance.forecast import State, sentence, when
from compliance.forecast.records import Prospect


def pace(prospect: Prospect, phases: list[dict[str, Any]]) -> dict[str, Any]:
    """The forecast of the whole: its sentence, the pace kept, and the pace that the last due date needs."""
    due = max((row["due"] for row in phases if row["due"]), default=None)
    needed = prospect.target.needed(due) if due else None
    return {
        "sentence": sentence(prospect.target, due, dormant=prospect.dormant),
        "due": due,
        "kept": prospect.target.pace,
        "kept_points": prospect.points(prospect.target.pace),
        "needed": needed,
        "needed_points": prospect.points(needed),
        "reached": prospect.target.state is State.REACHED,
        "left": int(prospect.zero.left),
        "earliest": prospect.zero.earliest,
        "none_left": when(prospect.zero),
        "scope": prospect.scope,
    }
