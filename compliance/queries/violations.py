"""What the list of violations may be narrowed by; every filter stands in the address."""

from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet
from django.http import QueryDict

from compliance.models import Repository, Violation
from compliance.queries.filters import alike, under, word, words, worst_first

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


@dataclass(frozen=True, slots=True)
class ViolationFilter:
    """The filters of one address, as the reader gave them.

    `state` is empty for what stands now and counts, `suppressed`, `waived`, or `resolved` for what some
    commit put right, not what a comment took out of the figures; an unknown value of any filter takes
    nothing.
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
        """The filters that an address names."""
        names = ("state", "path", "risk", "rule", "role", "phase", "issue")
        return cls(category=words(query, "category"), **{name: word(query, name) for name in names})

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
            return rows.filter(last__isnull=False, suppressed=False, silenced=False)
        if self.state == "waived":
            return rows.filter(last__isnull=True, suppressed=False, waiver__isnull=False)
        if self.state == "suppressed":
            return rows.filter(last__isnull=True, suppressed=True)
        return rows.filter(last__isnull=True, suppressed=False, waiver=None)

    def whatever_state(self, repository: Repository) -> QuerySet[Violation]:
        """The repository's violations that pass everything but the filter by state."""
        wanted = alike(risk=self.risk, rule=self.rule, role=self.role, phase=self.phase, issue=self.issue)
        rows = Violation.objects.filter(plan=repository.plan_id, **under(self.path, "file__path"), **wanted)
        return rows.filter(category__in=self.category) if self.category else rows


def state_of(row: Violation) -> str:
    """Where a violation stands, in one word of `STATES`."""
    if row.last is not None and not row.silenced:
        return "put right"
    if row.suppressed or row.silenced:
        return "suppressed"
    return "waived" if row.waiver_id else "standing"
