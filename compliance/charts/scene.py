"""What a chart draws from: one repository, its newest figures, and what the reader asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.core.cache import cache
from django.db.models import Count, F, Func, Q

from compliance.models import Repository, Snapshot, Violation

Data = dict[str, Any]


@dataclass(frozen=True)
class Scene:
    """`snapshot` is the newest commit's, None while there is none; `query` has the page's URL parameters."""

    repository: Repository
    snapshot: Snapshot | None
    query: Mapping[str, str] = field(default_factory=dict)

    def left(self, dimension: str, key: str) -> tuple[int, int]:
        """Violations and files with violations that the newest commit has in one slice."""
        slices = self.snapshot.by.get(dimension, {}) if self.snapshot else {}
        violations, files = slices.get(key, (0, 0))
        return violations, files

    @cached_property
    def fixed(self) -> dict[str, dict[str, int]]:
        """`phases` and `issues` -> key -> violations that some commit read so far resolved.

        Counted once per newest snapshot and kept, as it reads every violation's row: one query, or three.
        """
        if self.snapshot is None:
            return {"phases": {}, "issues": {}}
        plan = self.snapshot.plan_id
        newest = Snapshot.objects.filter(plan=plan).order_by("-pk").values_list("pk", flat=True)[:1].get()
        name = f"fixed:{plan}:{newest}"
        known: dict[str, dict[str, int]] | None = cache.get(name)
        if known is None:
            known = {dimension: _fixed(plan, dimension) for dimension in ("phases", "issues")}
            cache.set(name, known, 3600)
        return known


def _fixed(plan: int, dimension: str) -> dict[str, int]:
    rows = (
        Violation.objects.filter(plan=plan, suppressed=False)
        .annotate(key=Func(F(dimension), function="jsonb_array_elements_text"))
        .values("key")
        .annotate(fixed=Count("pk", filter=Q(last__isnull=False)))
    )
    return {row["key"]: row["fixed"] for row in rows}


def scene(repository: Repository, query: Mapping[str, str] | None = None) -> Scene:
    """The scene of a repository at its newest recorded commit; one query."""
    snapshot = None
    if repository.plan_id and repository.head_id:
        snapshot = Snapshot.objects.filter(plan=repository.plan_id, commit=repository.head_id).first()
    return Scene(repository, snapshot, query or {})
