"""A repository's status as sentences, derived only from recorded snapshots."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from compliance.lib.dates import written
from compliance.lib.figures import percent
from compliance.lib.sql_arrays import columns
from compliance.lib.wording import count_of
from compliance.models import Repository, Snapshot

WEEK = timedelta(days=7)

# Reads the history index backwards from its newest end, so that only one week of commits is read. OFFSET 0
# keeps the planner from reading every snapshot of a plan instead, which looks cheap in a short history.
_PAST = """
SELECT {columns}
FROM unnest(%s::bigint[], %s::bigint[], %s::int[], %s::timestamptz[])
    AS wanted(plan, repository, position, at)
CROSS JOIN LATERAL (
    SELECT judged.id
    FROM (
        SELECT id FROM compliance_commit
        WHERE repository_id = wanted.repository AND position < wanted.position
            AND coalesce(placed_at, committed_at) <= wanted.at
        ORDER BY position DESC OFFSET 0
    ) AS c
    CROSS JOIN LATERAL (
        SELECT id FROM compliance_snapshot WHERE plan_id = wanted.plan AND commit_id = c.id OFFSET 0
    ) AS judged
    LIMIT 1
) AS found
JOIN compliance_snapshot AS s ON s.id = found.id
"""

_NEWEST = """
SELECT {columns} FROM unnest(%s::bigint[], %s::bigint[]) AS wanted(plan, head)
JOIN compliance_snapshot AS s ON s.plan_id = wanted.plan AND s.commit_id = wanted.head
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """The columns of a snapshot that a summary is made of. Reading them for 1,000 repositories takes a fifth
    of the time of reading snapshots.
    """

    plan_id: int
    clean: int
    files: int
    violations: int
    files_with_violations: int
    suppressed: int
    waived: Mapping[str, int]

    @property
    def waived_violations(self) -> int:
        """Return how many of the counted violations are waived."""
        return self.waived.get("violations", 0)

    @property
    def unclean_unparsed(self) -> int:
        """Return the number of files that aren't clean although they have no violations."""
        return max(0, self.files - self.clean - self.files_with_violations)

    @property
    def clean_with_waivers(self) -> int:
        """Return the number of files that would be clean if the waived violations were fixed."""
        return self.clean - self.waived.get("clean", 0)


_COLUMNS = ", ".join(f"s.{each.name}" for each in fields(Figures))


def missing_files(clean: int, files: int, target: float) -> int:
    """Return how many more files must become clean before `percent` shows `target`, or 0 if it already
    does.
    """
    tenths = round(target * 10)
    return max(0, -(-tenths * files // 1000) - clean)


@dataclass(frozen=True, slots=True)
class Summary:
    """The status of a repository. `snapshot` is None if nothing has been recorded under the active plan.

    `past` is the newest snapshot that is at least a week older than `until`. `until` is now, or the time of
    the newest commit if that is more than a week ago.
    """

    target: float
    snapshot: Snapshot | Figures | None = None
    past: Snapshot | Figures | None = None
    until: datetime | None = None

    @property
    def recorded(self) -> Snapshot | None:
        """Return the snapshot with its figures by phase, rule and so on, if they have been read."""
        return self.snapshot if isinstance(self.snapshot, Snapshot) else None

    @property
    def percent(self) -> float | None:
        return percent(self.snapshot.clean, self.snapshot.files) if self.snapshot else None

    @property
    def missing(self) -> int:
        """Return the number of files that must be fixed before the target is shown as reached."""
        return missing_files(self.snapshot.clean, self.snapshot.files, self.target) if self.snapshot else 0

    @property
    def change(self) -> float | None:
        """Return the weekly change in percentage points, or None without an earlier value."""
        before = percent(self.past.clean, self.past.files) if self.past else None
        if before is None or self.percent is None:
            return None
        return round(self.percent - before, 1)

    @property
    def state(self) -> str:
        """Return unknown, no files, reached, backwards or under way."""
        if self.snapshot is None:
            return "unknown"
        if self.percent is None:
            return "no files"
        if self.percent >= self.target:
            return "reached"
        return "backwards" if (self.change or 0) < 0 and not self._only_lost_clean_files else "under way"

    @property
    def _only_lost_clean_files(self) -> bool:
        """Return true if no more files than a week ago aren't clean: a lower percentage then only says that
        clean files were removed.
        """
        if self.snapshot is None or self.past is None:
            return False
        return self.snapshot.files - self.snapshot.clean <= self.past.files - self.past.clean

    @property
    def fraction(self) -> str:
        """Return the number of clean files out of all counted files."""
        return f"{self.snapshot.clean:,} of {count_of(self.snapshot.files, 'file')}" if self.snapshot else ""

    @property
    def goal(self) -> str:
        """Describe how far away the target is."""
        if self.percent is None:
            return ""
        if self.state == "reached":
            return f"the target of {self.target:g}% is reached"
        return f"{self.missing:,} more {'file' if self.missing == 1 else 'files'} to {self.target:g}%"

    @property
    def headline(self) -> str:
        """Return one sentence with the percentage, the number of clean files, and the distance to the
        target.
        """
        if self.snapshot is None:
            return "Nothing has been recorded yet."
        if self.percent is None:
            return "n/a: the counted categories contain no files."
        return f"{self.percent:.1f}%, {self.fraction}; {self.goal}."

    @property
    def percent_with_waivers(self) -> float | None:
        """Return the percentage that would be reached if all waived violations were fixed."""
        return percent(self.snapshot.clean_with_waivers, self.snapshot.files) if self.snapshot else None

    @property
    def accepted(self) -> str:
        """Describe what is accepted: the violations waived, with the percentage that they would add, and
        those that comments suppress. Return an empty string if there are none.
        """
        waived = self.snapshot.waived_violations if self.snapshot else 0
        suppressed = self.snapshot.suppressed if self.snapshot else 0
        told = []
        if waived and self.percent_with_waivers is not None:
            told.append(f"{self.percent_with_waivers:.1f}% with waivers ({count_of(waived, 'violation')})")
        if suppressed:
            told.append(f"{count_of(suppressed, 'violation')} suppressed by comments, not counted")
        return "; ".join(told)

    @property
    def unparsed(self) -> str:
        """Say how many files aren't clean although they have no violations, or return an empty string."""
        number = self.snapshot.unclean_unparsed if self.snapshot else 0
        if not number:
            return ""
        subject = "1 file isn't" if number == 1 else f"{number:,} files aren't"
        they, contain = ("it", "contains") if number == 1 else ("they", "contain")
        return (
            f"{subject} clean without a violation: {they} can't be parsed and {contain} names from the plan."
        )

    @property
    def movement(self) -> str:
        """Describe the weekly change, or say why it is unknown."""
        if self.percent is None or self.snapshot is None:
            return ""
        if self.past is None or self.change is None:
            return "No earlier figure to compare with yet."
        gained = self.snapshot.clean - self.past.clean
        if self.change > 0:
            return f"Up {self.change:.1f} points {self._span}."
        if self.change < 0:
            fewer = f": {-gained:,} fewer clean {'file' if gained == -1 else 'files'}"
            reason = f"{fewer}, and no more files that aren't clean" if self._only_lost_clean_files else ""
            return f"Down {-self.change:.1f} points {self._span}{reason}."
        if self.snapshot.clean * self.past.files != self.past.clean * self.snapshot.files:
            return f"Changed by less than 0.1 points {self._span}."
        return f"Unchanged {self._span}."

    @property
    def _span(self) -> str:
        if self.until and timezone.now() - self.until > timedelta(minutes=1):
            return f"in the week to the latest commit, {written(self.until)}"
        return "since last week"


@dataclass(frozen=True, slots=True)
class Standing:
    """A repository's active plan and newest commit, by their ids, and the target. All but the repository and
    the target may be unknown.
    """

    repository: int
    target: float
    plan: int | None = None
    head: int | None = None
    position: int | None = None
    dated_at: datetime | None = None


def summaries(repositories: Iterable[Repository]) -> dict[int, Summary]:
    """Return the summary of each repository by its id, in two queries. `head` and `plan` must have been
    selected.
    """
    told = list(repositories)
    heads = {s.plan_id: s for s in _at_head(told)} if any(r.plan_id and r.head_id for r in told) else {}
    return _compare([_standing(r) for r in told], heads)


def brief_summaries(standings: Sequence[Standing]) -> dict[int, Summary]:
    """Return the summary of each repository by its id, in two queries, without the figures by phase, rule and
    so on: with 1,000 repositories, reading these takes most of the time. `with_slices` adds them.
    """
    newest = [(s.plan, s.head) for s in standings if s.plan and s.head]
    return _compare(standings, {each.plan_id: each for each in _read_figures(_NEWEST, newest)})


def _standing(repository: Repository) -> Standing:
    plan, head = repository.plan, repository.head
    target = float(plan.target_percent) if plan else 0.0
    if not plan or not head:
        return Standing(repository.pk, target)
    return Standing(repository.pk, target, plan.pk, head.pk, head.position, head.dated_at)


def _compare(standings: Iterable[Standing], heads: Mapping[int, Snapshot | Figures]) -> dict[int, Summary]:
    """Return summaries with the figures of a week before. `heads` contains the newest ones by plan."""
    now = timezone.now()
    until: dict[int, datetime] = {}
    wanted: list[tuple[int, int, int, datetime]] = []
    known = list(standings)
    for each in known:
        if each.plan and each.dated_at:
            at = until[each.repository] = now if now - each.dated_at <= WEEK else each.dated_at
            wanted.append((each.plan, each.repository, each.position or 0, at - WEEK))
    past = {each.plan_id: each for each in _read_figures(_PAST, wanted)}
    return {
        each.repository: Summary(
            each.target,
            heads.get(each.plan) if each.plan else None,
            past.get(each.plan) if each.plan else None,
            until.get(each.repository),
        )
        for each in known
    }


def with_slices(repositories: Sequence[Repository], known: Mapping[int, Summary]) -> dict[int, Summary]:
    """Return the summaries of these repositories with the figures by phase, rule and so on, in one query."""
    of = {repository.plan_id: repository.pk for repository in repositories}
    heads = {of[s.plan_id]: s for s in _at_head(repositories)}
    return {r.pk: replace(known[r.pk], snapshot=heads.get(r.pk)) for r in repositories}


def _read_figures(query: str, wanted: Sequence[tuple[int | datetime, ...]]) -> Iterator[Figures]:
    """Yield the rows of a query whose parameters are the columns of `wanted`."""
    if not wanted:
        return
    with connection.cursor() as cursor:
        cursor.execute(query.format(columns=_COLUMNS), columns(wanted))
        for *numbers, waived in cursor.fetchall():
            numbers.append({} if waived == "{}" else json.loads(waived))
            yield Figures(*numbers)


def _at_head(repositories: Iterable[Repository]) -> QuerySet[Snapshot]:
    """Return the snapshots at the newest commits under the active plans."""
    rows = [(r.plan_id, r.head_id) for r in repositories if r.plan_id and r.head_id]
    # A repository has one active plan and one newest commit, so no other snapshots match.
    return Snapshot.objects.filter(plan__in=[plan for plan, _ in rows], commit__in=[head for _, head in rows])
