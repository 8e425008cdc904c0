"""The content of the weekly digest: a summary, the week's changes, regressions, and phases at risk."""

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
from compliance.progress.regressions import regressions
from compliance.progress.summary import WEEK, Summary, summaries

MOST_BROKEN = 10


@dataclass(frozen=True, slots=True)
class Content:
    """The figures for one week. `broken` contains regressions, each with the URL of its commit."""

    repository: Repository
    summary: Summary
    since: datetime
    commits: int
    fixed: int
    new: int
    suppressed: int
    restored: int
    broken: list[dict[str, Any]]
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
        return f"{commits}: {count_of(self.fixed, 'violation')} fixed, {self.new:,} new{beside}."

    @property
    def subject(self) -> str:
        """Return the subject as a single line, even if the repository's name contains line breaks."""
        percent = self.summary.percent
        figure = "nothing has been recorded yet" if percent is None else f"{percent:.1f}%"
        change = self.summary.change
        if change:
            figure += f", {'up' if change > 0 else 'down'} {abs(change):.1f} points"
        return " ".join(f"{self.repository.name}: {figure}".split())


def content(repository: Repository) -> Content:
    """Return the digest's content for a repository over the last seven days, in nine queries."""
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
        **{name: Sum(name, default=0) for name in ("fixed", "new", "newly_suppressed", "restored")},
    )
    broken = [
        {**row, "address": address("commit", repository.slug, row["sha"])}
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
        new=week["new"],
        suppressed=week["newly_suppressed"],
        restored=week["restored"],
        broken=broken,
        behind=[row for row in behind if row.state in ("late", "at risk")],
        forecast=ahead[repository.pk].sentence if repository.pk in ahead else "",
        address=address("overview", repository.slug),
    )


def address(page: str, *arguments: str) -> str:
    """Return the absolute URL of a page."""
    return public_address(reverse(page, args=arguments))
