"""Forecast of completion: a range of dates for a goal, from the recent pace of the trend.

Pure computation; only `records` reads the database and must be imported by name. The method and its accuracy
are described in docs/forecast.md.
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
