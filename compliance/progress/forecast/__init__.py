"""Forecasts of completion: ranges of dates on which a goal will be reached, based on the net pace.

The package consists of pure computations, except for `records`, which reads the database and must be imported
by name. The method is in `completion`; docs/forecast.md describes it and its accuracy.
"""

from compliance.progress.forecast.completion import TimeSeries
from compliance.progress.forecast.outlook import (
    DueStatus,
    Forecast,
    State,
    band,
    estimate,
    project,
    ranges_by_level,
)
from compliance.progress.forecast.wording import (
    against,
    explanation,
    percentage,
    reason,
    sentence,
    too_slow,
    when,
)

__all__ = [
    "DueStatus",
    "Forecast",
    "State",
    "TimeSeries",
    "against",
    "band",
    "estimate",
    "explanation",
    "percentage",
    "project",
    "ranges_by_level",
    "reason",
    "sentence",
    "too_slow",
    "when",
]
