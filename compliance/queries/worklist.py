"""The worklist: a repository's unclaimed files with violations, ranked, with the reasons for each rank."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, NamedTuple, overload

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import TruncDate
from pydantic import StringConstraints

from compliance.lib.batches import batches
from compliance.lib.field_types import NO_NUL
from compliance.lib.wording import noun_for
from compliance.models import Change, Claim, File, Phase, Repository, Risk, Violation, dated_at
from compliance.people.identities import Identity
from compliance.queries.filters import ListFilter
from compliance.queries.patches import patch_fixes, with_patches
from compliance.scans.owners import owners

LATELY = 10
"""Number of finished claims to show."""

RECENT = 500
"""A file counts as recently changed if one of this many newest commits changed it."""

AT_ONCE = 500
"""Number of suggestions whose details are read at once, if all are."""

MOST_GROUPS = 12
"""Number of folders, and of owners, to choose from."""

# A file's worst risk includes that of waived violations, so the risk of a file that has some is looked up.
_RANKED = """
SELECT file.id, file.path FROM compliance_file AS file
LEFT JOIN (
    SELECT DISTINCT file_id FROM compliance_violation
    WHERE plan_id = %(plan)s AND last IS NULL AND NOT suppressed AND waiver_id IS NULL
        AND phases ?| %(phases)s::text[]
) AS phased ON phased.file_id = file.id
WHERE file.repository_id = %(repository)s AND file.violations > file.waived AND NOT EXISTS (
    SELECT FROM compliance_claim WHERE file_id = file.id AND state = 'active'
)
ORDER BY phased.file_id IS NULL, CASE
    WHEN file.waived = 0 THEN array_position(%(risks)s::text[], file.worst_risk::text)
    ELSE (
        SELECT min(array_position(%(risks)s::text[], risk::text)) FROM compliance_violation
        WHERE plan_id = %(plan)s AND file_id = file.id AND last IS NULL AND NOT suppressed
            AND waiver_id IS NULL
    )
END, file.violations - file.waived, file.path COLLATE "C"
"""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A suggested unclaimed file, and the reasons for its rank. The order is that of `suggestions`."""

    file: File
    owners: tuple[str, ...]
    own: bool
    touched: bool
    phases: tuple[str, ...]
    risk: str
    """The highest risk of the violations that are left to fix, or empty if there are none."""

    @property
    def reasons(self) -> list[str]:
        """Return the reasons to choose this file, as text."""
        count = f"{self.file.violations} {noun_for(self.file.violations, 'violation')}"
        said = [f"in {title}" for title in self.phases] + [f"{self.risk or 'no'} risk", count]
        said += [f"{self.file.waived} of them waived"] if self.file.waived else []
        said += ["you own it"] if self.own else []
        said += ["you changed it recently"] if self.touched else []
        return said


class WorkFilter(ListFilter):
    """Filters for suggestions: the folder, and the owner as written in CODEOWNERS."""

    folder: Annotated[str, StringConstraints(max_length=4096, pattern=NO_NUL)] = ""
    owner: Annotated[str, StringConstraints(max_length=300, pattern=NO_NUL)] = ""

    def matches(self, path: str, owners: tuple[str, ...]) -> bool:
        """Return true if a file with these owners matches the filters."""
        under = f"{self.folder.strip('/')}/" if self.folder.strip("/") else ""
        return path.startswith(under) and (not self.owner or self.owner in owners)


class _Candidate(NamedTuple):
    """What is known of each unclaimed file before the details of those on a page are read."""

    file: int
    path: str
    owners: tuple[str, ...]
    own: bool
    touched: bool


class Suggestions(Sequence[Suggestion]):
    """Unclaimed files, best first. Details are read only for the members that are taken out or iterated."""

    def __init__(
        self, repository: Repository, titles: Mapping[str, str], candidates: Sequence[_Candidate]
    ) -> None:
        self._repository = repository
        self._titles = titles
        self._candidates = candidates

    def __len__(self) -> int:
        return len(self._candidates)

    @overload
    def __getitem__(self, index: int) -> Suggestion: ...

    @overload
    def __getitem__(self, index: slice) -> list[Suggestion]: ...

    def __getitem__(self, index: int | slice) -> Suggestion | list[Suggestion]:
        if isinstance(index, slice):
            return list(self._read(self._candidates[index]))
        return next(self._read([self._candidates[index]]))

    def __iter__(self) -> Iterator[Suggestion]:
        for some in batches(self._candidates, AT_ONCE):
            yield from self._read(some)

    def matching(self, filters: WorkFilter) -> "Suggestions":
        """Return the suggestions that match the filters."""
        if not filters.narrowed:
            return self
        matching = [one for one in self._candidates if filters.matches(one.path, one.owners)]
        return Suggestions(self._repository, self._titles, matching)

    def by_folder(self) -> list[tuple[str, int]]:
        """Return folders with their number of unclaimed files, most first."""
        folders = Counter(one.path.rpartition("/")[0] for one in self._candidates)
        del folders[""]
        return folders.most_common(MOST_GROUPS)

    def by_owner(self) -> list[tuple[str, int]]:
        """Return owners with their number of unclaimed files, most first."""
        return Counter(owner for one in self._candidates for owner in one.owners).most_common(MOST_GROUPS)

    def _read(self, candidates: Sequence[_Candidate]) -> Iterator[Suggestion]:
        """Yield suggestions with their details, in two queries."""
        keys = [one.file for one in candidates]
        files = with_patches(self._repository, File.objects.filter(pk__in=keys)).in_bulk()
        phases, risks = _left(self._repository, self._titles, keys)
        for one in candidates:
            if file := files.get(one.file):  # a scan may have deleted it
                of, risk = tuple(phases.get(one.file, ())), risks.get(one.file, "")
                yield Suggestion(file, one.owners, one.own, one.touched, of, risk)


class Mine(NamedTuple):
    """A person's claims: active ones sorted by expiry, those offered to the person, and finished ones."""

    active: QuerySet[Claim]
    offered: QuerySet[Claim]
    done: QuerySet[Claim]


def suggestions(repository: Repository, identity: Identity) -> Suggestions:
    """Return every unclaimed file, best first for a person, in three queries.

    The person's own code comes first, then open phases, then the highest risk, then the fewest violations.
    Waived violations don't count, because nobody has to fix them.
    """
    titles = _open_phases(repository)
    owners_of = owners(repository).of
    touched = _touched_lately(repository, identity)
    # even a thousand files have only a few distinct owners
    is_own = lru_cache(maxsize=None)(identity.owns)
    candidates = [
        _Candidate(pk, path, of := owners_of(path), is_own(of), path in touched)
        for pk, path in _ranked(repository, titles)
    ]
    return Suggestions(repository, titles, sorted(candidates, key=lambda one: not (one.own or one.touched)))


def _ranked(repository: Repository, phases: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield the id and the path of each unclaimed file, best first for anybody."""
    values = {
        "repository": repository.pk,
        "plan": repository.plan_id,
        "risks": Risk.values,
        "phases": list(phases),
    }
    with connection.cursor() as cursor:
        cursor.execute(_RANKED, values)
        yield from cursor.fetchall()


def claims_of(repository: Repository, person: User) -> Mine:
    """Return a person's claims in one repository."""
    rows = Claim.objects.filter(file__repository=repository)
    rows = rows.select_related("file", "person", "offered_to", "renewed_by", "completed_by")
    rows = rows.annotate(patch_fixes=patch_fixes(repository, "file"))
    active = rows.filter(state=Claim.State.ACTIVE).order_by("until", "pk")
    return Mine(
        active=active.filter(person=person),
        offered=active.filter(offered_to=person),
        done=rows.filter(state=Claim.State.COMPLETED, person=person).order_by("-ended_at", "-pk"),
    )


def _touched_lately(repository: Repository, identity: Identity) -> set[str]:
    wrote = identity.wrote("commit__author_email")
    if wrote is None or repository.head is None:
        return set()
    since = (repository.head.position or 0) - RECENT
    rows = Change.objects.filter(
        plan=repository.plan_id,
        commit__repository=repository,
        commit__position__gt=since,
        ran_out=False,
    ).filter(wrote)
    return set(rows.values_list("path", flat=True))


def _open_phases(repository: Repository) -> dict[str, str]:
    """Return the titles of the phases that have begun and are not closed, by key."""
    phases = Phase.objects.filter(issue__repository=repository, issue__in_plan=True, closed_at=None)
    begun = phases.exclude(start__gt=TruncDate(dated_at("issue__repository__head__")))
    return dict(begun.values_list("key", "title"))


def _left(
    repository: Repository, titles: Mapping[str, str], files: Sequence[int]
) -> tuple[dict[int, list[str]], dict[int, str]]:
    """Return, for each of these files, the titles of the open phases that include an unwaived violation in
    the file, and the highest risk of these violations.
    """
    rows = Violation.objects.filter(
        plan=repository.plan_id, file__in=files, last__isnull=True, suppressed=False, waiver=None
    ).values_list("file_id", "phases", "risk")
    found: dict[int, list[str]] = {}
    risks: dict[int, str] = {}
    order = Risk.values.index
    for file, keys, risk in rows:
        risks[file] = min(risk, risks.get(file, risk), key=order)
        for title in (titles[key] for key in keys if key in titles):
            if title not in found.setdefault(file, []):
                found[file].append(title)
    return found, risks
