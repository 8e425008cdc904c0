"""The options of the trend and of the charts beside it, as the page and the CSV files check them."""

from collections.abc import Mapping

from compliance.charts.dimensions import DIMENSIONS
from compliance.charts.series import RANGES
from compliance.charts.trend import MEASURES
from compliance.lib.field_types import day_in, one_line
from compliance.lib.parsing import number_in
from compliance.queries.filters import OneOf

OPTIONS = {
    "measure": OneOf(tuple(MEASURES)),
    "by": OneOf(DIMENSIONS),
    "range": OneOf(tuple(RANGES)),
}
DATES = ("from", "to")


def option_problems(query: Mapping[str, str]) -> dict[str, str]:
    """Return, for each option with an invalid value, what is wrong with it, without a period."""
    problems = {name: one.problem(query.get(name, "")) for name, one in OPTIONS.items()}
    for name in DATES:
        text = query.get(name, "")
        problems[name] = "is not a valid date (YYYY-MM-DD)" if text and day_in(text) is None else ""
    if query.get("ghost") and not number_in(query["ghost"]):
        problems["ghost"] = "is not the number of a plan version"
    return {name: f"“{one_line(query[name], 60)}” {why}" for name, why in problems.items() if why}
