"""When are we done: a range of dates for a goal, from the pace that the recorded line kept lately.

Pure computation; what reads the database is `records`, to be imported by its name. What a forecast says, how
it is computed and how good it is: docs/forecast.md.
"""

from compliance.progress.forecast.outlook import DueStatus, Forecast, Line, State, band, estimate
from compliance.progress.forecast.wording import against, sentence, when

__all__ = [
    "DueStatus",
    "Forecast",
    "Line",
    "State",
    "against",
    "band",
    "estimate",
    "sentence",
    "when",
]
