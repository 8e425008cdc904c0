"""The violation list with its filters, states and sort orders."""

from typing import Annotated, Any

from django.db.models import F, QuerySet
from pydantic import Field

from compliance.lib.field_types import NO_NUL, Sought
from compliance.models import Repository, Risk, Violation
from compliance.progress.repairs import baseline_position
from compliance.queries.filters import Control, ListFilter, OneOf, PathPart, alike, files_at, worst_first

STATES = {"": "standing", "suppressed": "suppressed", "waived": "waived", "resolved": "put right"}
_WORST_FIRST = worst_first("risk")
SORTS: dict[str, tuple[Any, ...]] = {
    "risk": (_WORST_FIRST, "file__path", "line", "pk"),
    "-risk": (_WORST_FIRST.desc(), "file__path", "line", "pk"),
    "path": ("file__path", "line", "pk"),
    "-path": ("-file__path", "line", "pk"),
    "rule": ("rule", "role", "file__path", "line", "pk"),
    "-rule": ("-rule", "role", "file__path", "line", "pk"),
    "category": ("category", "file__path", "line", "pk"),
    "-category": ("-category", "file__path", "line", "pk"),
    "-since": (F("first").desc(nulls_last=True), "file__path", "line", "pk"),
    "since": (F("first").asc(nulls_first=True), "file__path", "line", "pk"),
}


class ViolationFilter(ListFilter):
    """Filters for the violation list. `path` is a substring of the path or, if it contains `*`, `?` or `[`, a
    glob.

    `state` is empty for open violations, which include waived ones, `waived` or `standing` for those of them
    that are or aren't waived, `suppressed`, or `resolved` for those that a commit fixed (suppressing a
    violation doesn't fix it). An unknown value of any filter matches nothing.
    """

    state: Annotated[str, OneOf(("suppressed", "waived", "resolved", "standing"))] = Field(
        default="", description="empty: open violations, including waived ones"
    )
    path: PathPart = ""
    risk: Annotated[str, OneOf(tuple(Risk.values)), Control("Risk", "risks")] = ""
    category: Annotated[list[Sought], Control("Category", "categories")] = Field(default=[], max_length=50)
    rule: Annotated[str, Control("Rule", "rules")] = Field(default="", max_length=200, pattern=NO_NUL)
    role: Annotated[str, Control("Role", "roles")] = Field(default="", max_length=40, pattern=NO_NUL)
    phase: Annotated[str, Control("Phase", "phases")] = Field(default="", max_length=200, pattern=NO_NUL)
    issue: Annotated[str, Control("Issue", "issues")] = Field(default="", max_length=200, pattern=NO_NUL)

    commit: Annotated[str, Control("Introduced by", placeholder="SHA of a commit")] = Field(
        default="", pattern=r"^(?:[0-9a-fA-F]{7,64})?$", description="the commit that introduced it"
    )

    after: Annotated[str, OneOf(("baseline",))] = Field(
        default="", description="only violations that were fixed since the baseline"
    )

    @property
    def narrowed(self) -> bool:
        """Return true if any filter except the state is set."""
        return self.matches_nothing or self != ViolationFilter(state=self.state)

    def violations(self, repository: Repository) -> QuerySet[Violation]:
        """Return the repository's violations that match the filters."""
        return self.with_state(self.whatever_state(repository))

    def with_state(self, rows: QuerySet[Violation]) -> QuerySet[Violation]:
        """Return only the given violations that match the state filter."""
        if self.state == "resolved":
            return rows.filter(last__isnull=False, suppressed=False, silenced=False)
        if self.state == "waived":
            return rows.filter(last__isnull=True, suppressed=False, waiver__isnull=False)
        if self.state == "suppressed":
            return rows.filter(last__isnull=True, suppressed=True)
        rows = rows.filter(last__isnull=True, suppressed=False)
        return rows.filter(waiver=None) if self.state == "standing" else rows

    def whatever_state(self, repository: Repository) -> QuerySet[Violation]:
        """Return the repository's violations that match every filter except the state."""
        if self.matches_nothing:
            return Violation.objects.none()
        wanted = alike(risk=self.risk, rule=self.rule, role=self.role, phase=self.phase, issue=self.issue)
        rows = Violation.objects.filter(plan=repository.plan_id, **wanted)
        if self.after:
            rows = rows.filter(last__gte=baseline_position(repository))
        if self.commit:
            rows = rows.filter(introduced__sha__startswith=self.commit.lower())
        if self.path:
            rows = rows.filter(file__in=files_at(repository, self.path))
        return rows.filter(category__in=self.category) if self.category else rows


def state_of(row: Violation) -> str:
    """Return the state of a violation, one of the values in `STATES`."""
    if row.last is not None and not row.silenced:
        return "put right"
    if row.suppressed or row.silenced:
        return "suppressed"
    return "waived" if row.waiver_id else "standing"
