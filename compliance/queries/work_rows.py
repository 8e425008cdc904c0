"""The rows of the table of work: a file with its phase, owners, patch, size and claim, and the columns."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, Protocol

from django.db.models import F
from django.db.models.functions import TruncDate

from compliance.lib.wording import noun_for
from compliance.models import Claim, File, Phase, Repository, Risk, Violation, dated_at
from compliance.queries.patches import with_patches
from compliance.queries.work_filter import size_of


@dataclass(frozen=True, slots=True)
class WorkRow:
    """A file to work on. `own` is true for the reader's code and `touched` if the reader changed it recently.

    `phase` is the open phase under which it is listed, and `phases` are the titles of all open phases that
    include one of its violations. `risk` is the highest risk of the violations that are left to fix, or empty
    if there are none.
    """

    file: File
    owners: tuple[str, ...]
    own: bool
    touched: bool
    phases: tuple[str, ...]
    risk: str
    phase: Phase | None = None
    claim: Claim | None = None

    @property
    def pk(self) -> int:
        """Return the id of the file, by which pages begin."""
        return self.file.pk

    @property
    def due(self) -> date | None:
        """Return the due date of the phase."""
        return self.phase.due if self.phase else None

    @property
    def patch_fixes(self) -> int | None:
        """Return how many violations the patch fixes, or None if there is no patch for the newest commit."""
        fixes: int | None = getattr(self.file, "patch_fixes", None)
        return fixes

    @property
    def by_hand(self) -> int:
        """Return the number of violations left that the patch doesn't fix."""
        return max(0, self.file.left_to_fix - (self.patch_fixes or 0))

    @property
    def size(self) -> str:
        """Return the size of the work that is left: none, small, medium or large."""
        return size_of(self.by_hand)

    @property
    def others(self) -> list[str]:
        """Return the titles of the other open phases."""
        return [title for title in self.phases if self.phase is None or title != self.phase.title]

    @property
    def reasons(self) -> list[str]:
        """Return the reasons to choose this file, as text."""
        count = f"{self.file.violations} {noun_for(self.file.violations, 'violation')}"
        said = [f"in {title}" for title in self.phases] + [f"{self.risk or 'no'} risk", count]
        said += [f"{self.file.waived} of them waived"] if self.file.waived else []
        said += ["you own it"] if self.own else []
        said += ["you changed it recently"] if self.touched else []
        return said


class Place(Protocol):
    """What is known of a file before its details are read."""

    @property
    def file(self) -> int:
        """Return the id of the file."""

    @property
    def owners(self) -> tuple[str, ...]:
        """Return the owners as written in CODEOWNERS."""

    @property
    def own(self) -> bool:
        """Return true if the reader owns the file."""

    @property
    def touched(self) -> bool:
        """Return true if the reader changed the file recently."""


class WorkColumn(NamedTuple):
    """A column of the table of work, for the CSV file and the API."""

    name: str
    value: Callable[[WorkRow], Any]


COLUMNS = (
    WorkColumn("path", lambda row: row.file.path),
    WorkColumn("violations", lambda row: row.file.violations),
    WorkColumn("worst_risk", lambda row: row.risk),
    WorkColumn("owners", lambda row: row.owners),
    WorkColumn("reasons", lambda row: row.reasons),
    WorkColumn("phase", lambda row: row.phase.key if row.phase else ""),
    WorkColumn("due", lambda row: row.due),
    WorkColumn("waived", lambda row: row.file.waived),
    WorkColumn("patch_fixes", lambda row: row.patch_fixes),
    WorkColumn("size", lambda row: row.size),
    WorkColumn("claimed_by", lambda row: row.claim.person.get_username() if row.claim else ""),
    WorkColumn("claimed_until", lambda row: row.claim.until if row.claim else None),
)
"""The columns of the table, the same for the CSV file and the API. Others may be added at the end."""


def open_phases(repository: Repository) -> list[Phase]:
    """Return the phases that have begun and are not closed, by due date, those without one last, in one
    query.
    """
    phases = Phase.objects.filter(issue__repository=repository, issue__in_plan=True, in_plan=True)
    begun = phases.filter(closed_at=None).exclude(start__gt=TruncDate(dated_at("issue__repository__head__")))
    return list(begun.order_by(F("due").asc(nulls_last=True), "issue__order", "order", "pk"))


def left_in_files(
    repository: Repository, phases: Sequence[Phase], files: Sequence[int]
) -> tuple[dict[int, list[Phase]], dict[int, str]]:
    """Return, for each of these files, those of the phases that include an unwaived violation in the file, in
    their order, and the highest risk of these violations, in one query.
    """
    rows = Violation.objects.filter(
        plan=repository.plan_id, file__in=files, last__isnull=True, suppressed=False, waiver=None
    ).values_list("file_id", "phases", "risk")
    keys: dict[int, set[str]] = {}
    risks: dict[int, str] = {}
    order = Risk.values.index
    for file, of, risk in rows:
        risks[file] = min(risk, risks.get(file, risk), key=order)
        keys.setdefault(file, set()).update(of)
    return {file: [phase for phase in phases if phase.key in found] for file, found in keys.items()}, risks


def work_rows(
    repository: Repository, phases: Sequence[Phase], places: Sequence[Place], claims: Mapping[int, Claim]
) -> Iterator[WorkRow]:
    """Yield the rows of the places whose files exist, in two queries. `claims` are those of files by their
    ids.
    """
    keys = [place.file for place in places]
    files = with_patches(repository, File.objects.filter(pk__in=keys)).in_bulk()
    found, risks = left_in_files(repository, phases, keys)
    for place in places:
        if file := files.get(place.file):  # a scan may have deleted it
            of = found.get(file.pk, [])
            yield WorkRow(
                file,
                place.owners,
                place.own,
                place.touched,
                tuple(phase.title for phase in of),
                risks.get(file.pk, ""),
                of[0] if of else None,
                claims.get(file.pk),
            )
