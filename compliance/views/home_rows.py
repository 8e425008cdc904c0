"""Rows of the home page: one for each repository, and one for each plan that several repositories share."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from django.utils.http import urlencode
from pydantic import Field

from compliance.charts import sparkline
from compliance.models import Repository, Snapshot, dated_at
from compliance.progress.forecast.records import forecasts
from compliance.progress.phase_status import PhaseStatus, phase_statuses
from compliance.progress.summary import WEEK, Figures, Standing, Summary, brief_summaries, with_slices
from compliance.queries.filters import Control, ListFilter, OneOf

MOST_MEMBERS = 100
"""Number of members up to which the phases of totals are read for a page."""

Figured = Snapshot | Figures

_SUMMED = ("clean", "files", "violations", "files_with_violations", "suppressed")

STATES = ("reached", "under way", "backwards", "no files", "unknown", "trouble")


@dataclass(frozen=True)
class Row:
    """A repository or, if `members` is set, the total of all repositories with the same plan."""

    name: str
    plan: str
    summary: Summary
    key: int = 0
    """The id of the repository, or 0 for a total."""
    own_trouble: str = ""
    own_title: str = ""
    history: sparkline.History | None = None
    members: Sequence["Row"] = ()
    line: list[sparkline.Dot] = field(default_factory=list)
    forecast: str = ""
    worst: PhaseStatus | None = None
    repository: Repository | None = None
    """Read by `with_phases`, like the two above, and not for totals."""
    phases_known: bool = False
    """Set once `with_phases` has read the phases, for a total those of all members."""

    @property
    def state(self) -> str:
        """Return one of STATES. A scan problem takes precedence, because it means that the figures may be out
        of date.
        """
        return "trouble" if self.trouble else self.summary.state

    @property
    def trouble(self) -> str:
        """Return the scan problem, or an empty string if there is none."""
        if not self.members:
            return self.own_trouble
        return ", ".join(f"{row.name}: {row.title}" for row in self.members if row.trouble)

    @property
    def title(self) -> str:
        """Return the scan problem on a single line."""
        return self.own_title if self.key else self.trouble

    @property
    def subtitle(self) -> str:
        """Return the plan's name, the reason why there is none, or the repositories that a total covers."""
        if not self.key:
            return f"Total of all {len(self.members):,} repositories with this plan"
        if self.plan:
            return self.plan
        return "no active plan" if self.trouble else "first scan in progress"

    @property
    def direction(self) -> str:
        """Return the CSS class for the change in the last week."""
        change = self.summary.change or 0
        return "up" if change > 0 else "down" if change < 0 else "quiet"

    @property
    def files_query(self) -> str:
        """Return the query string for a list of the files from which the percentage is calculated."""
        plan = self.repository.plan if self.repository else None
        counted = list(plan.counted) if plan else []
        return urlencode({"category": counted, "sort": "-violations"}, doseq=True)

    @property
    def spark(self) -> sparkline.Spark | None:
        """Return the sparkline of the trend."""
        return sparkline.spark(self.line)


_LISTED = (
    *("name", "trouble", "trouble_kind", "plan__name", "pk", "line_plan_id"),
    *("plan_id", "plan__target_percent", "head_id", "head__position", dated_at("head__")),
)
_READ = (
    *("name", "slug", "url", "history_done", "trouble", "trouble_kind"),
    *("plan_id", "line_plan_id", "head_id", "plan__name", "plan__target_percent", "plan__counted"),
    *("plan__number", "plan__created_at"),
    *("plan__repository_id", "head__sha", "head__position", "head__committed_at", "head__placed_at"),
)


def list_rows() -> list[Row]:
    """Return a row for each repository, sorted by name, in three queries for any number of repositories.

    The rows can be filtered and sorted. `complete` adds what only the rows of a page need. Repositories are
    not read as model objects here: with 1,000 of them, their plans and commits, these take a third of the
    time.
    """
    found = list(Repository.objects.tracked().order_by("name").values_list(*_LISTED))
    told = brief_summaries(list(map(_standing, found)))
    return [
        Row(
            name=name,
            plan=plan_name or "",
            summary=told[pk],
            key=pk,
            own_trouble=trouble,
            own_title=Repository(trouble=trouble, trouble_kind=kind).trouble_title if trouble else "",
            history=sparkline.History(pk, drawn or plan, position or 0),
        )
        for name, trouble, kind, plan_name, pk, drawn, plan, _, _, position, _ in found
    ]


def _standing(row: Sequence[Any]) -> Standing:
    """Return where a repository stands. `row` has the columns of `_LISTED`."""
    pk, _, plan, target, head, position, at = row[4:]
    aim = float(target or 0)
    return Standing(pk, aim, plan, head, position, at) if plan and head else Standing(pk, aim)


def complete(rows: Sequence[Row]) -> list[Row]:
    """Add the forecast, the phase that is furthest behind and the sparkline to the rows of a page, in a fixed
    number of queries.

    The phase of a total is left out if the totals on the page have many members.
    """
    members = {row.key: row for total in rows for row in total.members}
    few = len(members) <= MOST_MEMBERS
    own = [row for row in rows if row.key]
    known = {row.key: row for row in with_phases([*own, *(members.values() if few else ())])}
    lines = sparkline.dots([row.history for row in own if row.history])
    sums = sparkline.totals({row.name: _judged(row) for row in rows if not row.key})
    return [
        replace(known[row.key], line=lines.get(row.key, []))
        if row.key
        else replace(
            _sum(row.name, [known.get(member.key, member) for member in row.members]),
            line=sums.get(row.name, []),
        )
        for row in rows
    ]


def _judged(total: Row) -> list[sparkline.History]:
    """Return the members of a total of which something has been recorded under the active plan."""
    return [row.history for row in total.members if row.history and row.summary.snapshot]


def with_phases(rows: Sequence[Row]) -> list[Row]:
    """Add the forecast and the phase that is furthest behind to the rows of repositories, and the
    repositories themselves.
    """
    listed = {row.key: row for row in rows if row.key}
    read = Repository.objects.select_related("plan", "head").only(*_READ).in_bulk(list(listed))
    repositories = list(read.values())
    told = with_slices(repositories, {key: row.summary for key, row in listed.items()})
    ahead = forecasts(repositories)
    behind = phase_statuses(repositories, told, ahead)

    def added(row: Row) -> Row:
        pk = row.key
        if pk not in read:  # a total, or a repository that has been removed in the meantime
            return row
        return replace(
            row,
            summary=told[pk],
            repository=read[pk],
            forecast=ahead[pk].sentence if pk in ahead else "",
            worst=next(iter(behind.get(pk, [])), None),
            phases_known=True,
        )

    return list(map(added, rows))


def build_rows() -> list[Row]:
    """Return a complete row for each repository, sorted by name."""
    return complete(list_rows())


def sum_by_plan(found: Iterable[Row]) -> list[Row]:
    """Return a total for each plan that several repositories share, with the percentage of the summed
    files.
    """
    by_name: dict[str, list[Row]] = {}
    for row in found:
        if row.plan:
            by_name.setdefault(row.plan, []).append(row)
    return [_sum(name, members) for name, members in by_name.items() if len(members) > 1]


def _sum(name: str, members: list[Row]) -> Row:
    judged = [row for row in members if row.summary.snapshot]
    behind = sorted((row.worst for row in judged if row.worst), key=lambda worst: worst.urgency)
    phases_known = all(row.phases_known for row in members)
    until = max((row.summary.until for row in judged if row.summary.until), default=None)
    now = [row.summary.snapshot for row in judged]
    past = [_past(row.summary, until) for row in judged]
    return Row(
        name=name,
        plan=name,
        summary=Summary(
            target=max(row.summary.target for row in members),
            snapshot=_added(now),
            past=_added(past),
            until=until,
        ),
        worst=behind[0] if behind and phases_known else None,
        members=members,
        phases_known=phases_known,
    )


def _past(summary: Summary, until: Any) -> Figured | None:
    """Return a member's snapshot from a week before `until`, or the current one if it hasn't changed
    since.
    """
    if summary.until and until and summary.until <= until - WEEK:
        return summary.snapshot
    return summary.past if summary.until and until and until == summary.until else None


def _added(parts: Sequence[Figured | None]) -> Figures | None:
    """Return the sum of several snapshots, or None if one of them is missing."""
    known = [part for part in parts if part is not None]
    if not known or len(known) < len(parts):
        return None
    waived = {name: sum(part.waived.get(name, 0) for part in known) for name in ("violations", "clean")}
    sums = {name: sum(getattr(part, name) for part in known) for name in _SUMMED}
    return Figures(plan_id=0, waived=waived if any(waived.values()) else {}, **sums)


KEYS: dict[str, Callable[[Row], Any]] = {
    "name": lambda row: row.name.casefold(),
    "percent": lambda row: row.summary.percent,
    "missing": lambda row: row.summary.missing if row.summary.snapshot else None,
    "movement": lambda row: row.summary.change,
    "phase": lambda row: row.worst.urgency if row.worst else None,
}


class HomeFilter(ListFilter):
    """Filters for the list: a part of the repository's or plan's name, the plan, and the state."""

    q: Annotated[str, Control("Name", placeholder="part of a name")] = Field(default="", max_length=300)
    plan: Annotated[str, Control("Plan", "plans")] = Field(default="", max_length=300)
    state: Annotated[str, OneOf(STATES)] = ""

    def matching(self, found: Sequence[Row]) -> list[Row]:
        """Return the rows that match the filters."""
        part = self.q.casefold()
        return [
            row
            for row in found
            if (not part or part in f"{row.name}\n{row.plan}".casefold())
            and (not self.plan or row.plan == self.plan)
            and (not self.state or row.state == self.state)
        ]


def sort_rows(kept: Sequence[Row], wish: str) -> list[Row]:
    """Return the rows in the requested order. Rows without a value come last."""
    key = KEYS.get(wish.removeprefix("-"), KEYS["name"])
    known = sorted((row for row in kept if key(row) is not None), key=key, reverse=wish.startswith("-"))
    return known + [row for row in kept if key(row) is None]
