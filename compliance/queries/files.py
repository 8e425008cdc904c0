"""The file list with its filters, and the history of one file's count."""

from typing import Annotated, Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Left
from pydantic import Field

from compliance.lib.field_types import NO_NUL, READABLE_SINCE, READABLE_UNTIL, Sought
from compliance.models import (
    INDEXED_PATH,
    Claim,
    Commit,
    File,
    FileState,
    Repository,
    Risk,
    Violation,
    risk_rank,
)
from compliance.queries.filters import Control, ListFilter, OneOf, PathPart, alike, files_at
from compliance.queries.keyset import Order
from compliance.queries.patches import patched

_NEVER, _LATER = Value(READABLE_SINCE), Value(READABLE_UNTIL)
_FEWER = {"fewer": 0 - F("violations"), "place": Left("path", INDEXED_PATH)}
_RANK = {**_FEWER, "rank": risk_rank("worst_risk")}
SORTS: dict[str, Order[File]] = {
    "-violations": Order.by("fewer", "place", "pk", **_FEWER),  # the index files_by_violations
    "violations": Order.by("violations", "path"),
    "path": Order.by("path"),
    "-path": Order.by("-path"),
    "risk": Order.by("rank", "fewer", "path", **_RANK),
    "-risk": Order.by("-rank", "fewer", "path", **_RANK),
    "status": Order.by("status", "path"),
    "-status": Order.by("-status", "path"),
    "-changed": Order.by("-moment", "path", moment=Coalesce("changed_at", _NEVER)),
    "changed": Order.by("moment", "path", moment=Coalesce("changed_at", _LATER)),
}
"""The orders of the list by the value of `sort`. Files that never changed come last in both orders by
date.
"""

NOBODY, SOMEBODY = "nobody", "somebody"
_YES_OR_NO = {
    "violating": {"yes": {"violations__gt": 0}, "no": {"violations": 0}},
    "suppressed": {"yes": {"suppressed__gt": 0}, "no": {"suppressed": 0}},
    "waived": {"yes": {"waived__gt": 0}, "no": {"waived": 0}},
}


class FileFilter(ListFilter):
    """Filters for the file list. `path` is a substring of the path or, if it contains `*`, `?` or `[`, a
    glob.

    `risk`, `rule`, `phase` and `issue` match files with an open violation, that is, one that is not
    suppressed; if several are given, the same violation must match all of them. `who` is the name of the
    person who claimed the file, `somebody`, or `nobody` for unclaimed files with violations that aren't
    waived. Deleted files are listed only if `status` is “gone”. An unknown value matches no file.
    """

    status: list[Annotated[str, OneOf(tuple(File.Status.values))]] = Field(
        default=[], max_length=9, description="deleted files are listed only for the value “gone”"
    )
    path: PathPart = ""
    category: Annotated[list[Sought], Control("Category", "categories")] = Field(default=[], max_length=50)
    violating: Annotated[str, OneOf(("yes", "no", "unknown")), Control("Violations", "violating")] = Field(
        default="",
        description="“unknown” includes files that could not be parsed completely",
    )
    suppressed: Annotated[str, OneOf(("yes", "no"))] = ""
    waived: Annotated[str, OneOf(("yes", "no"))] = ""
    risk: Annotated[str, OneOf(tuple(Risk.values)), Control("Risk", "risks")] = ""
    rule: Annotated[str, Control("Rule", "rules")] = Field(default="", max_length=200, pattern=NO_NUL)
    phase: Annotated[str, Control("Phase", "phases")] = Field(default="", max_length=200, pattern=NO_NUL)
    issue: Annotated[str, Control("Issue", "issues")] = Field(default="", max_length=200, pattern=NO_NUL)
    who: Annotated[str, Control("Claimed by", "people")] = Field(default="", max_length=150, pattern=NO_NUL)
    patch: Annotated[str, OneOf(("yes", "no")), Control("Patch", "patches")] = Field(
        default="",
        description="“yes” lists files with a patch, “no” the others that have violations to fix",
    )

    def files(self, repository: Repository) -> QuerySet[File]:
        """Return the repository's files that match the filters."""
        return self.with_status(self.whatever_status(repository))

    def shows(self, status: str) -> bool:
        """Return true if files with this status match the status filter."""
        return status in self.status if self.status else status != File.Status.GONE

    def with_status(self, rows: QuerySet[File]) -> QuerySet[File]:
        """Return only the given files that match the status filter."""
        return rows.filter(status__in=self.status) if self.status else rows.exclude(status=File.Status.GONE)

    def whatever_status(self, repository: Repository) -> QuerySet[File]:
        """Return the repository's files that match every filter except the status."""
        if self.matches_nothing:
            return File.objects.none()
        rows = files_at(repository, self.path)
        if self.category:
            rows = rows.filter(category__in=self.category)
        if self.who:
            active = Claim.objects.filter(file=OuterRef("pk"), state=Claim.State.ACTIVE)
            if self.who == NOBODY:
                rows = rows.filter(~Exists(active), violations__gt=F("waived"))
            elif self.who == SOMEBODY:
                rows = rows.filter(Exists(active))
            else:
                rows = rows.filter(Exists(active.filter(person__username=self.who)))
        for name, conditions in _YES_OR_NO.items():
            rows = rows.filter(**conditions.get(getattr(self, name), {}))
        if self.patch == "yes":
            rows = rows.filter(patched(repository))
        elif self.patch == "no":
            rows = rows.filter(~patched(repository), violations__gt=F("waived"))
        if self.violating == "unknown":
            now = FileState.objects.filter(plan=repository.plan_id, file=OuterRef("pk"), last__isnull=True)
            rows = rows.filter(Q(violations__gt=0) | Exists(now.filter(tainted=True, skipped="")))
        wanted = alike(risk=self.risk, rule=self.rule, phase=self.phase, issue=self.issue)
        if not wanted:
            return rows
        violations = Violation.objects.filter(plan=repository.plan_id, file=OuterRef("pk"), last__isnull=True)
        return rows.filter(Exists(violations.filter(suppressed=False, **wanted)))


def counts(repository: Repository, shown: File) -> list[dict[str, Any]]:
    """Return the file's count after each change, newest first, with the commit, in one query."""
    commits = Commit.objects.filter(repository=repository, position=OuterRef("first"))
    states = shown.states.filter(plan=repository.plan_id).annotate(
        **{
            name: Subquery(commits.values(name)[:1])
            for name in ("sha", "subject", "author_name", "committed_at")
        }
    )
    columns = ("violations", "suppressed", "first", "sha", "subject", "author_name", "committed_at")
    return list(states.order_by(F("first").desc(nulls_last=True)).values(*columns)[:50])
