"""The roadmap of a repository's phases, for the overview and the page of all phases."""

from typing import Any

from compliance.charts.roadmap import MOST, draw_roadmap
from compliance.charts.roadmap_texts import LEGEND


def roadmap_context(drawn: dict[str, Any], most: int | None = MOST) -> dict[str, Any]:
    """Return the roadmap of the phase chart's data, and the legend of what is drawn on it."""
    found = draw_roadmap(drawn["rows"], drawn["today"], most)
    looks = found.looks if found else ()
    return {"roadmap": found, "roadmap_legend": [item for item in LEGEND.items() if item[0] in looks]}
