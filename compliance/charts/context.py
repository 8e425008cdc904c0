"""The input for a chart: a repository, its newest figures and the query parameters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import OuterRef, Prefetch, Subquery

from compliance.models import Issue, Marker, Phase, Repository, Snapshot, Step
from compliance.progress.forecast.records import RepositoryForecast, forecasts
from compliance.progress.repairs import Fixed, fixed_and_removed

Data = dict[str, Any]


@dataclass(frozen=True)
class ChartContext:
    """The input for a chart.

    `snapshot` contains the newest commit's figures, or is None if nothing has been recorded. `query` contains
    the parameters of the URL. `whole` leaves out nothing: neither commits nor lines. Without `notes` and
    `subjects`, events lack the notes that people wrote and the subjects of commits.
    """

    repository: Repository
    snapshot: Snapshot | None
    query: Mapping[str, str] = field(default_factory=dict)
    whole: bool = False
    notes: bool = True
    subjects: bool = True

    def left(self, dimension: str, key: str) -> tuple[int, int]:
        """Return the numbers of violations and of files with violations in one slice at the newest commit."""
        slices = self.snapshot.by.get(dimension, {}) if self.snapshot else {}
        violations, files = slices.get(key, (0, 0))
        return violations, files

    @property
    def fixed(self) -> Fixed:
        """Return, for `phase` and `issue`, the number of violations in each that were fixed since the
        baseline.
        """
        return self._fixed[0]

    @property
    def fixed_gone(self) -> Fixed:
        """Return how many of `fixed` were in files that were removed."""
        return self._fixed[1]

    @cached_property
    def _fixed(self) -> tuple[Fixed, Fixed]:
        return fixed_and_removed(self.snapshot.plan_id if self.snapshot else 0)

    @cached_property
    def phases(self) -> list[Phase]:
        """Return the phases of the active plan in plan order, each with its issue, its closing commit and
        `reopened_at`, the time when it was last reopened, in one query.
        """
        rows = Phase.objects.filter(issue__repository=self.repository, issue__in_plan=True, in_plan=True)
        reopened = Marker.objects.filter(phase=OuterRef("pk"), kind=Marker.Kind.REOPENED).order_by("-at")
        rows = rows.annotate(reopened_at=Subquery(reopened.values("at")[:1]))
        return list(rows.select_related("issue", "closed_by"))

    @cached_property
    def issues(self) -> list[Issue]:
        """Return the issues of the active plan in plan order, each with its steps, in two queries."""
        steps = Prefetch("steps", Step.objects.select_related("done_by").order_by("order"))
        rows = Issue.objects.filter(repository=self.repository, in_plan=True)
        return list(rows.prefetch_related(steps))

    @cached_property
    def prospect(self) -> RepositoryForecast | None:
        """Return the repository's forecast, or None if nothing has been recorded yet, in one query."""
        return forecasts([self.repository]).get(self.repository.pk)


def chart_context(
    repository: Repository, query: Mapping[str, str] | None = None, *, whole: bool = False
) -> ChartContext:
    """Return the context for a repository at its newest recorded commit, in one query."""
    snapshot = None
    if repository.plan_id and repository.head_id:
        snapshot = Snapshot.objects.filter(plan=repository.plan_id, commit=repository.head_id).first()
    return ChartContext(repository, snapshot, query or {}, whole)
