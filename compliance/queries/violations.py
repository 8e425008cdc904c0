"""The violation list with its filters, states and sort orders."""

from dataclasses import dataclass
from typing import Annotated, Any

from django.db.models import Count, F, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce
from pydantic import Field

from compliance.lib.field_types import NO_NUL, Sought
from compliance.models import File, Repository, Risk, Violation, risk_rank
from compliance.progress.repairs import baseline_position
from compliance.queries.filters import Control, ListFilter, OneOf, PathPart, alike, files_at
from compliance.queries.keyset import Order

STATES = {"": "standing", "suppressed": "suppressed", "waived": "waived", "resolved": "put right"}
_ORDERS: dict[str, tuple[str, ...]] = {
    "risk": ("rank", "place", "line", "pk"),  # the index open_violations_by_risk
    "-risk": ("-rank", "place", "line", "pk"),
    "path": ("place", "line", "pk"),
    "-path": ("-place", "line", "pk"),
    "rule": ("rule", "role", "place", "line", "pk"),
    "-rule": ("-rule", "role", "place", "line", "pk"),
    "category": ("category", "place", "line", "pk"),
    "-category": ("-category", "place", "line", "pk"),
    "-since": ("-start", "place", "line", "pk"),
    "since": ("start", "place", "line", "pk"),
}


FEW = 10_000
"""Number of rows up to which a filtered list is sorted as a whole. Its rows may be the last ones of an index
that has all rows in the same order, and Postgres cannot know that.
"""


def order_of(sort: str, state: str, *, is_short: bool = False) -> Order[Violation]:
    """Return the order of the list for values of `sort` and `state`. Rows from before the recorded history
    are the oldest. If the list `is_short`, the index that has all violations in this order is left out.
    """
    expressions: dict[str, Any] = {
        "rank": risk_rank("risk") + Value(0) if is_short else risk_rank("risk"),
        "place": F("file__path") if state == "resolved" else F("path_key"),
        "start": Coalesce("first", 0),
    }
    columns = _ORDERS.get(sort, _ORDERS["risk"])
    used = {name: expressions[name] for name in expressions if {name, f"-{name}"} & set(columns)}
    return Order.by(*columns, **used)


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

    waiver: Annotated[str, Control("Waiver", placeholder="number of a waiver")] = Field(
        default="", pattern=r"^(?:[0-9]{1,18})?$", description="the number of the waiver that covers it"
    )

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
        if self.waiver:
            rows = rows.filter(waiver=int(self.waiver))
        if self.commit:
            rows = rows.filter(introduced__sha__startswith=self.commit.lower())
        if self.path:
            rows = rows.filter(file__in=files_at(repository, self.path))
        return rows.filter(category__in=self.category) if self.category else rows


@dataclass(frozen=True, slots=True)
class ViolationCounts:
    """Numbers of violations: those in the list, and the current ones of each state that the page offers.
    `files` is the number of files in which the listed ones are.
    """

    listed: int
    files: int
    by_state: dict[str, int]


def violation_counts(repository: Repository, filters: ViolationFilter) -> ViolationCounts:
    """Count the violations that match the filters. Without filters, the numbers of the files are added up,
    because counting 100,000 violations takes ten times as long.

    The number of fixed violations grows with the history, so they are counted only in their own list.
    """
    everything = filters.whatever_state(repository)
    listed = filters.with_state(everything).order_by()
    current = everything.filter(last__isnull=True).order_by()
    if filters.narrowed:
        found = current.filter(suppressed=False).aggregate(
            open=Count("pk"),
            waived=Count("pk", filter=Q(waiver__isnull=False)),
            files=Count("file", distinct=True),
        )
    else:
        files = File.objects.filter(repository=repository, violations__gt=0)
        found = files.aggregate(files=Count("pk"), open=Coalesce(Sum("violations"), 0))
        found["waived"] = current.filter(suppressed=False, waiver__isnull=False).count()
    found["suppressed"] = current.filter(suppressed=True).count()  # few, with an index of their own
    by_state = {"": found["open"], "waived": found["waived"], "suppressed": found["suppressed"]}
    known = {**by_state, "standing": found["open"] - found["waived"]}
    if filters.state:
        files_of = listed.aggregate(number=Count("file", distinct=True))["number"]
    else:
        files_of = found["files"]
    number = known[filters.state] if filters.state in known else listed.count()
    return ViolationCounts(number, files_of, by_state)


def state_of(row: Violation) -> str:
    """Return the state of a violation, one of the values in `STATES`."""
    return state_in_words(row.last, row.waiver_id, silenced=row.silenced, suppressed=row.suppressed)


def state_in_words(last: int | None, waiver: int | None, *, silenced: bool, suppressed: bool) -> str:
    """Return the state of a violation with these values in its columns, one of the values in `STATES`."""
    if last is not None and not silenced:
        return "put right"
    if suppressed or silenced:
        return "suppressed"
    return "waived" if waiver else "standing"
