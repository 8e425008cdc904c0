"""Phases with the results of their criteria."""

from typing import Any, NoReturn

from django.http import Http404

from compliance import evidence
from compliance.charts.context import ChartContext
from compliance.charts.phases import draw as draw_phases
from compliance.models import Phase, Repository


def told(scene: ChartContext, issue: str = "") -> dict[str, Any]:
    """Return the phases, optionally those of one issue, in the chart's format, each with the results of its
    criteria.
    """
    drawn = draw_phases(scene)
    phases = {phase.key: phase for phase in scene.phases}
    found = evidence.criterion_results(scene.repository, scene.phases, scene.snapshot)
    rows = [
        {**row, "results": found[phase.pk], "holding": sum(v.state == "holds" for v in found[phase.pk])}
        for row in drawn["rows"]
        if (phase := phases.get(row["key"])) and issue in ("", row["issue"])
    ]
    return {**drawn, "rows": rows}


def find(repository: Repository, key: str) -> Phase:
    """Return a phase of the active plan by its key. Raises Http404 if there is none."""
    rows = Phase.objects.filter(issue__repository=repository, issue__in_plan=True, in_plan=True, key=key)
    return rows.first() or missing(key)


def missing(key: str) -> NoReturn:
    """Raise Http404 because no phase has this key."""
    raise Http404(f"The active plan has no phase “{key}”.")
