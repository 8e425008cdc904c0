"""When are we done: a range of dates for a goal, from the pace that the recorded line kept lately.

Needs no database but in `records`; what it says, how it is computed and how good it is: docs/forecast.md.
"""

from compliance.forecast.outlook import Line, Outlook, Standing, State, band, foresee

__all__ = ["Line", "Outlook", "Standing", "State", "band", "foresee"]
