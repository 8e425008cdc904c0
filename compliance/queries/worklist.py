"""The worklist: a repository's unclaimed files with violations, by phase, ranked for a person."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple, overload

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import QuerySet

from compliance.lib.batches import batches
from compliance.models import Change, Claim, Phase, Repository, Risk
from compliance.people.identities import Identity
from compliance.queries.patches import patch_fixes
from compliance.queries.work_filter import WorkFilter
from compliance.queries.work_rows import WorkRow, open_phases, work_rows
from compliance.scans.owners import owners

LATELY = 10
"""Number of finished claims to show."""

RECENT = 500
"""A file counts as recently changed if one of this many newest commits changed it."""

AT_ONCE = 2000
"""Number of suggestions whose details are read at once, if all are."""

MOST_GROUPS = 12
"""Number of folders, and of owners, to choose from."""

# A file's worst risk includes that of waived violations, so the risk of a file that has some is looked up.
_RANKED = """
SELECT file.id, file.path, file.violations - file.waived, patch.fixed
FROM compliance_file AS file
LEFT JOIN compliance_patch AS patch ON patch.file_id = file.id AND patch.commit_id = %(head)s
    AND patch.plan_id = %(plan)s AND patch.text <> ''
WHERE file.repository_id = %(repository)s AND file.violations > file.waived AND NOT EXISTS (
    SELECT FROM compliance_claim WHERE file_id = file.id AND state = 'active'
)
ORDER BY CASE
    WHEN file.waived = 0 THEN array_position(%(risks)s::text[], file.worst_risk::text)
    ELSE (
        SELECT min(array_position(%(risks)s::text[], risk::text)) FROM compliance_violation
        WHERE plan_id = %(plan)s AND file_id = file.id AND last IS NULL AND NOT suppressed
            AND waiver_id IS NULL
    )
END, file.violations - file.waived, file.path COLLATE "C"
"""

# Few combinations of phases exist, so their order is found outside of Postgres, once for each of them.
_PHASED = """
SELECT DISTINCT file_id, phases::text FROM compliance_violation
WHERE plan_id = %(plan)s AND last IS NULL AND NOT suppressed AND waiver_id IS NULL
"""


class _Candidate(NamedTuple):
    """What is known of each unclaimed file before the details of those on a page are read. `group` is the
    number of its phase, from 1, or that of the phases plus 1.
    """

    file: int
    path: str
    group: int
    left: int
    fixes: int | None
    owners: tuple[str, ...]
    own: bool
    touched: bool

    @property
    def by_hand(self) -> int:
        """Return the number of violations left that the patch doesn't fix."""
        return max(0, self.left - (self.fixes or 0))


class _Reader(NamedTuple):
    """What decides how files are listed for a person: the open phases, and the person's own files."""

    phases: Sequence[Phase]
    owners_of: Callable[[str], tuple[str, ...]]
    is_own: Callable[[tuple[str, ...]], bool]
    touched: Collection[str]

    def candidate(self, file: int, path: str, group: int, left: int, fixes: int | None) -> _Candidate:
        owners_of_file = self.owners_of(path)
        own, touched = self.is_own(owners_of_file), path in self.touched
        return _Candidate(file, path, group, left, fixes, owners_of_file, own, touched)


class Suggestions(Sequence[WorkRow]):
    """Unclaimed files, best first. Details are read only for the members that are taken out or iterated."""

    def __init__(
        self,
        repository: Repository,
        reader: _Reader,
        phases: Sequence[Phase],
        candidates: Sequence[_Candidate],
    ) -> None:
        self._repository = repository
        self._reader = reader
        self._phases = phases
        self._candidates = candidates

    @property
    def phases(self) -> Sequence[Phase]:
        """Return the phases by which the files are grouped, in their order."""
        return self._phases

    def __len__(self) -> int:
        return len(self._candidates)

    @overload
    def __getitem__(self, index: int) -> WorkRow: ...

    @overload
    def __getitem__(self, index: slice) -> list[WorkRow]: ...

    def __getitem__(self, index: int | slice) -> WorkRow | list[WorkRow]:
        if isinstance(index, slice):
            return list(self._read(self._candidates[index]))
        return next(self._read([self._candidates[index]]))

    def __iter__(self) -> Iterator[WorkRow]:
        for some in batches(self._candidates, AT_ONCE):
            yield from self._read(some)

    def place_of(self, file: int) -> int | None:
        """Return the index of a file, or None if it isn't in the list."""
        return next((place for place, one in enumerate(self._candidates) if one.file == file), None)

    def matching(self, filters: WorkFilter) -> "Suggestions":
        """Return the suggestions that match the filters other than the phase, in the order of `sort`."""
        if filters.matches_nothing:
            return self._of([])
        found = self._candidates
        if filters.narrowed:
            found = [c for c in found if filters.matches(c.path, c.owners, c.fixes, c.by_hand)]
        return self._of(_sorted(found, filters.sort))

    def _of(self, candidates: Sequence[_Candidate]) -> "Suggestions":
        return Suggestions(self._repository, self._reader, self._phases, candidates)

    def claimed(self, claims: Sequence[Claim]) -> list[WorkRow]:
        """Return the rows of claimed files by phase, in each in the order of the claims, in two queries."""
        if not claims:
            return []
        phases = self._reader.phases
        places = [self._reader.candidate(claim.file_id, claim.file.path, 0, 0, None) for claim in claims]
        rows = work_rows(self._repository, phases, places, {claim.file_id: claim for claim in claims})
        order = {phase.pk: place for place, phase in enumerate(phases)}
        return sorted(rows, key=lambda row: order[row.phase.pk] if row.phase else len(order))

    def by_folder(self) -> list[tuple[str, int]]:
        """Return folders with their number of unclaimed files, most first."""
        folders = Counter(one.path.rpartition("/")[0] for one in self._candidates)
        del folders[""]
        return folders.most_common(MOST_GROUPS)

    def by_owner(self) -> list[tuple[str, int]]:
        """Return owners with their number of unclaimed files, most first."""
        return Counter(owner for one in self._candidates for owner in one.owners).most_common(MOST_GROUPS)

    def by_phase(self) -> dict[str, int]:
        """Return the number of files of each group by the key of its phase, which is empty for the rest."""
        keys = [*(phase.key for phase in self._phases), ""]
        numbers = Counter(map(attrgetter("group"), self._candidates))
        return {keys[group - 1]: files for group, files in numbers.items()}

    def _read(self, candidates: Sequence[_Candidate]) -> Iterator[WorkRow]:
        return work_rows(self._repository, self._phases, candidates, {})


def _sorted(candidates: Sequence[_Candidate], sort: str) -> Sequence[_Candidate]:
    """Return the candidates by phase and, within each phase, in the order of `sort`. Equal ones stay in the
    recommended order.
    """
    name, backwards = sort.removeprefix("-"), sort.startswith("-")
    keys: dict[str, Callable[[_Candidate], Any]] = {
        "violations": lambda one: one.left,
        "patch": lambda one: -(one.fixes or 0),
        "owner": lambda one: one.owners or ("\U0010ffff",),
        "size": lambda one: one.by_hand,
        "path": lambda one: one.path,
    }
    if name == "due":
        return sorted(candidates, key=lambda one: -one.group) if backwards else candidates
    if name not in keys:
        return candidates
    return sorted(sorted(candidates, key=keys[name], reverse=backwards), key=lambda one: one.group)


class Mine(NamedTuple):
    """A person's claims: active ones sorted by expiry, those offered to the person, and finished ones."""

    active: QuerySet[Claim]
    offered: QuerySet[Claim]
    done: QuerySet[Claim]


def suggestions(repository: Repository, identity: Identity, phase: str = "") -> Suggestions:
    """Return every unclaimed file, or those with a violation in one open phase, best first for a person, in
    five queries.

    The files of the open phase that is due first come first, and those that are in no open phase last. In
    each phase, the person's own code comes first, then the highest risk, then the fewest violations. Waived
    violations don't count, because nobody has to fix them.
    """
    everything = open_phases(repository)
    phases = [one for one in everything if phase in ("", one.key)]
    groups, rest = _groups(repository, phases), len(phases) + 1
    # even a thousand files have only a few distinct owners
    is_own = lru_cache(maxsize=None)(identity.owns)
    reader = _Reader(everything, owners(repository).of, is_own, _touched_lately(repository, identity))
    # two lists for each phase: the person's own files, which come first, and the others
    ranked: list[list[_Candidate]] = [[] for _ in range(2 * rest)]
    candidate = reader.candidate
    for pk, path, left, fixes in _ranked(repository):
        if (group := groups.get(pk, rest)) < rest or not phase:
            one = candidate(pk, path, group, left, fixes)
            ranked[2 * group - 1 - (one.own or one.touched)].append(one)
    return Suggestions(repository, reader, phases, list(chain.from_iterable(ranked)))


def _ranked(repository: Repository) -> Iterator[tuple[int, str, int, int | None]]:
    """Yield the id, the path, the violations left and those that the patch fixes of each unclaimed file,
    highest risk first, then fewest violations.
    """
    values = {
        "repository": repository.pk,
        "plan": repository.plan_id,
        "head": repository.head_id,
        "risks": Risk.values,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RANKED, values)
        yield from cursor.fetchall()


def _groups(repository: Repository, phases: Sequence[Phase]) -> dict[int, int]:
    """Return the number, from 1, of the first phase that includes an unwaived violation of each file, by the
    file's id.
    """
    numbers = {phase.key: number for number, phase in enumerate(phases, 1)}
    rest = len(phases) + 1
    first: dict[str, int] = {}
    found: dict[int, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(_PHASED, {"plan": repository.plan_id})
        for file, of in cursor.fetchall():
            number = first.get(of)
            if number is None:
                number = min((numbers.get(key, rest) for key in json.loads(of)), default=rest)
                first[of] = number
            if number < found.get(file, rest):
                found[file] = number
    return found


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
