"""The phases with what proves them."""

from typing import Any

from compliance import evidence
from compliance.charts import phases as chart
from compliance.charts.scene import Scene


def told(scene: Scene, issue: str = "") -> dict[str, Any]:
    """The phases (of one issue) as the chart tells them, each with its verdicts."""
    drawn = chart.draw(scene)
    phases = {phase.key: phase for phase in scene.phases}
    found = evidence.verdicts(scene.repository, scene.phases, scene.snapshot)
    rows = [
        {**row, "verdicts": found[phase.pk], "holding": sum(v.state == "holds" for v in found[phase.pk])}
        for row in drawn["rows"]
        if (phase := phases.get(row["key"])) and issue in ("", row["issue"])
    ]
    return {**drawn, "rows": rows}
