"""Forecasts of completion: the range of dates on which a goal will be reached, based on the recent pace.

The package consists of pure computations, except for `records`, which reads the database and must be imported
by name. The method and its accuracy are described in docs/forecast.md.
"""

from compliance.progress.forecast.outlook import DueStatus, Forecast, State, TimeSeries, band, estimate
from compliance.progress.forecast.wording import against, sentence, when

__all__ = [
    "DueStatus",
    "Forecast",
    "State",
    "TimeSeries",
    "against",
    "band",
    "estimate",
    "sentence",
    "when",
]
