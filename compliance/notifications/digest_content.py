"""The content of the weekly digest: a summary, the week's changes, regressions, and phases at risk."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Sum
from django.urls import reverse
from django.utils import timezone

from compliance.lib.addresses import public_address
from compliance.lib.wording import count_of
from compliance.models import Repository, Snapshot, dated_at
from compliance.progress.forecast.records import forecasts
from compliance.progress.phase_status import PhaseStatus, phase_statuses
from compliance.progress.preliminary import preliminary
from compliance.progress.regressions import regressions
from compliance.progress.summary import WEEK, Summary, summaries

MOST_BROKEN = 10

OwnersOf = Callable[[Repository, Iterable[str]], list[str]]
"""Returns the owners of files in a repository."""


@dataclass(frozen=True, slots=True)
class Content:
    """The figures for one week. `broken` contains the newest regressions, each with the URL of its commit and
    the owners of its files, out of `broken_in_all`.
    """

    repository: Repository
    summary: Summary
    since: datetime
    commits: int
    fixed: int
    fixed_gone: int
    new: int
    suppressed: int
    restored: int
    broken: list[dict[str, Any]]
    broken_in_all: int
    behind: list[PhaseStatus]
    forecast: str
    address: str

    @property
    def moved(self) -> str:
        """Describe the effect of the week's commits in one sentence."""
        if not self.commits:
            return "No commits this week."
        commits = count_of(self.commits, "commit")
        beside = f", {self.suppressed:,} suppressed by comments" if self.suppressed else ""
        beside += f", {self.restored:,} counting again" if self.restored else ""
        gone = f" ({self.fixed_gone:,} in removed files)" if self.fixed_gone else ""
        return f"{commits}: {count_of(self.fixed, 'violation')} fixed{gone}, {self.new:,} new{beside}."

    @property
    def preliminary(self) -> str:
        """Say which figures can still change, or return an empty string."""
        return preliminary(self.repository)

    @property
    def broken_left_out(self) -> str:
        """Say how many regressions aren't listed, or return an empty string."""
        more = self.broken_in_all - len(self.broken)
        return f"And {more:,} more, which the overview's CSV file of regressions lists." if more else ""

    @property
    def subject(self) -> str:
        """Return the subject as a single line, even if the repository's name contains line breaks."""
        percent = self.summary.percent
        figure = "nothing has been recorded yet" if percent is None else f"{percent:.1f}%"
        change = self.summary.change
        if change:
            figure += f", {'up' if change > 0 else 'down'} {abs(change):.1f} points"
        return " ".join(f"{self.repository.name}: {figure}".split())


def content(repository: Repository, owners_of: OwnersOf | None = None) -> Content:
    """Return the digest's content for a repository over the last seven days, in a fixed number of queries."""
    since = timezone.now() - WEEK
    told = summaries([repository])
    dated = Snapshot.objects.alias(dated=dated_at("commit__"))
    week = dated.filter(
        plan=repository.plan_id,
        commit__repository=repository,
        commit__position__gt=1,  # the initial content of a repository doesn't count as a change
        dated__gt=since,
    ).aggregate(
        commits=Count("pk"),
        **{
            name: Sum(name, default=0)
            for name in ("fixed", "fixed_gone", "new", "newly_suppressed", "restored")
        },
    )
    broken = [
        {
            **row,
            "address": address("commit", repository.slug, row["sha"]),
            "owners": owners_of(repository, row["open_files"]) if owners_of else [],
        }
        for row in regressions(repository, since=since, most=MOST_BROKEN)
    ]
    ahead = forecasts([repository])
    behind = phase_statuses([repository], told, ahead).get(repository.pk, [])
    return Content(
        repository=repository,
        summary=told[repository.pk],
        since=since,
        commits=week["commits"],
        fixed=week["fixed"],
        fixed_gone=week["fixed_gone"],
        new=week["new"],
        suppressed=week["newly_suppressed"],
        restored=week["restored"],
        broken=broken,
        broken_in_all=broken[0]["in_all"] if broken else 0,
        behind=[row for row in behind if row.state in ("late", "at risk")],
        forecast=ahead[repository.pk].sentence if repository.pk in ahead else "",
        address=address("overview", repository.slug),
    )


def address(page: str, *arguments: str) -> str:
    """Return the absolute URL of a page."""
    return public_address(reverse(page, args=arguments))
