"""What the list of violations may be narrowed by; every filter stands in the address."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, IntegerField, QuerySet, Value, When
from django.http import QueryDict

from compliance.charts.risks import RISKS
from compliance.globs import as_regex
from compliance.models import Repository, Violation

_LONGEST = 300
STATES = {"": "standing", "suppressed": "suppressed", "waived": "waived", "resolved": "put right"}
WORST_FIRST = Case(
    *(When(risk=risk, then=Value(rank)) for rank, risk in enumerate(RISKS)),
    default=Value(len(RISKS)),
    output_field=IntegerField(),
)
SORTS: dict[str, tuple[Any, ...]] = {
    "risk": (WORST_FIRST, "file__path", "line", "pk"),
    "-risk": (WORST_FIRST.desc(), "file__path", "line", "pk"),
    "path": ("file__path", "line", "pk"),
    "-path": ("-file__path", "line", "pk"),
    "rule": ("rule", "role", "file__path", "line", "pk"),
    "-rule": ("-rule", "role", "file__path", "line", "pk"),
    "category": ("category", "file__path", "line", "pk"),
    "-category": ("-category", "file__path", "line", "pk"),
    "-since": (F("first").desc(nulls_last=True), "file__path", "line", "pk"),
    "since": (F("first").asc(nulls_first=True), "file__path", "line", "pk"),
}


@dataclass(frozen=True, slots=True)
class ViolationFilter:
    """The filters of one address, as the reader gave them.

    `state` is empty for what stands now and counts, `suppressed`, `waived`, or `resolved` for what some
    commit put right; an unknown value of any filter takes nothing.
    """

    state: str = ""
    category: tuple[str, ...] = ()
    path: str = ""
    risk: str = ""
    rule: str = ""
    role: str = ""
    phase: str = ""
    issue: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> "ViolationFilter":
        """The filters that an address names; NUL cannot stand in Postgres' text, so it is taken out."""
        words = {
            name: query.get(name, "").replace("\0", "").strip()[:_LONGEST]
            for name in ("state", "path", "risk", "rule", "role", "phase", "issue")
        }
        category = tuple(value.replace("\0", "") for value in query.getlist("category") if value)
        return cls(category=category, **words)

    @property
    def narrowed(self) -> bool:
        """Whether anything but the state is filtered."""
        return self != ViolationFilter(state=self.state)

    def violations(self, repository: Repository) -> QuerySet[Violation]:
        """The repository's violations that pass."""
        rows = self.whatever_state(repository)
        if self.state not in STATES:
            return rows.none()
        if self.state == "resolved":
            return rows.filter(last__isnull=False, suppressed=False)
        if self.state == "waived":
            return rows.filter(last__isnull=True, suppressed=False, waiver__isnull=False)
        if self.state == "suppressed":
            return rows.filter(last__isnull=True, suppressed=True)
        return rows.filter(last__isnull=True, suppressed=False, waiver=None)

    def whatever_state(self, repository: Repository) -> QuerySet[Violation]:
        """The repository's violations that pass everything but the filter by state."""
        rows = Violation.objects.filter(plan=repository.plan_id)
        if self.category:
            rows = rows.filter(category__in=self.category)
        if "*" in self.path or "?" in self.path:
            rows = rows.filter(file__path__regex=as_regex(self.path))
        elif self.path:
            rows = rows.filter(file__path__icontains=self.path)
        exact = {name: getattr(self, name) for name in ("risk", "rule", "role") if getattr(self, name)}
        if self.phase:
            exact["phases__contains"] = [self.phase]
        if self.issue:
            exact["issues__contains"] = [self.issue]
        return rows.filter(**exact)


def state_of(row: Violation) -> str:
    """Where a violation stands, in one word of `STATES`."""
    if row.last is not None:
        return "put right"
    if row.suppressed:
        return "suppressed"
    return "waived" if row.waiver_id else "standing"
