"""Tracked repositories with their status and forecast."""

from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from compliance.api.authentication import repositories_of, repository_of
from compliance.api.pagination import Page, Paged, page
from compliance.api.phases import RangeOut
from compliance.models import Repository
from compliance.progress.forecast import Forecast, ranges_by_level, reason
from compliance.progress.forecast.records import forecasts
from compliance.progress.preliminary import forecast_pending, preliminary
from compliance.progress.summary import summaries

router = Router(tags=["repositories"])


class RepositoryOut(Schema):
    """A repository. `head` is the SHA of the newest recorded commit, or null if nothing has been recorded
    yet.

    `trouble` is the error that prevents reading the repository, or empty if there is none. `trouble_kind` is
    unreachable, refused, host key, owner, not found, moved, no answer, address, empty, branch, shallow,
    unsafe, damaged, no plan, plan, disk full, failed or other. An archived repository is not scanned and
    can't be changed.

    `history_done` is true once all commits that are to be read have been recorded; until then, `preliminary`
    says which figures can still change. `unread_commits` is the
    number of older ones that are not read, because of a limit: `history_since` or `history_commits`.
    """

    slug: str
    name: str
    branch: str
    head: str | None
    history_done: bool
    preliminary: str
    history_since: date | None
    history_commits: int | None
    unread_commits: int
    trouble: str
    trouble_kind: str
    archived: bool


class VerdictOut(Schema):
    """The status at the newest commit. `state` is unknown, no files, reached, backwards or under way.

    `percent` is the percentage of clean files, rounded down to one decimal place. `missing` is the number of
    files that must still become clean to reach the `target`. All figures count waived violations as open;
    `waived` is their number, and `clean_with_waivers` and `percent_with_waivers` are the figures as if they
    were fixed. `clean` + `files_with_violations` + `unclean_unparsed` = `files`: the last are files without
    violations that can't be parsed and contain names from the plan. `change` is the weekly change in
    percentage points, or null without an earlier value.
    """

    state: str
    headline: str
    movement: str
    percent: float | None
    target: float
    missing: int
    change: float | None
    commit: str | None
    committed_at: datetime | None
    clean: int | None
    files: int | None
    violations: int | None
    files_with_violations: int | None
    unclean_unparsed: int | None
    suppressed: int | None
    waived: int | None
    clean_with_waivers: int | None
    percent_with_waivers: float | None


class OutlookOut(Schema):
    """The number of files left until a goal is reached, and the expected range of dates.

    `pace` is the number of files fixed per week since `since`, with new ones deducted. The goal is reached
    between `earliest` and `latest` with a probability of 80%; `ranges` has other levels, and `median` is the
    day that is as likely too early as too late. `chance` is the probability of reaching the goal by the due
    date. Without dates, `reason` says why.
    """

    state: str
    left: int
    pace: float | None
    since: date | None
    earliest: date | None
    latest: date | None
    median: date | None
    ranges: list[RangeOut]
    chance: float | None
    reason: str


class ForecastOut(Schema):
    """The forecast. `target` is for the plan's target percentage, `zero` for no violations. Both are null if
    nothing has been recorded yet.

    `as_of` is today in the server's time zone. `dormant` is true if there has been no commit for 90 days.
    `due` is the last due date of the phases that are not closed. `explanation` explains the range.
    `preliminary` says what can still change while history is read.
    """

    sentence: str
    explanation: str
    preliminary: str
    as_of: date | None
    dormant: bool
    due: date | None
    last_commit: datetime | None
    target: OutlookOut | None
    zero: OutlookOut | None


@router.get("", response=Page[RepositoryOut], summary="List repositories", operation_id="repositories_list")
def index(request: HttpRequest, response: HttpResponse, paged: Query[Paged]) -> Page[RepositoryOut]:
    """List the repositories that the token may read."""
    return page(request, response, repositories_of(request), paged, told_repository)


@router.get("/{slug}", response=RepositoryOut, summary="Show a repository")
def show(request: HttpRequest, slug: str) -> RepositoryOut:
    """One repository."""
    return told_repository(repository_of(request, slug))


@router.get("/{slug}/verdict", response=VerdictOut, summary="Show a repository's status")
def verdict(request: HttpRequest, slug: str) -> VerdictOut:
    """Show the status as numbers and as sentences."""
    repository = repository_of(request, slug)
    found = summaries([repository])[repository.pk]
    now, head = found.snapshot, repository.head if found.snapshot else None
    return VerdictOut(
        state=found.state,
        headline=found.headline,
        movement=found.movement,
        percent=found.percent,
        target=found.target,
        missing=found.missing,
        change=found.change,
        commit=head.sha if head else None,
        committed_at=head.committed_at if head else None,
        clean=now.clean if now else None,
        files=now.files if now else None,
        violations=now.violations if now else None,
        files_with_violations=now.files_with_violations if now else None,
        unclean_unparsed=now.unclean_unparsed if now else None,
        suppressed=now.suppressed if now else None,
        waived=now.waived_violations if now else None,
        clean_with_waivers=now.clean_with_waivers if now else None,
        percent_with_waivers=found.percent_with_waivers,
    )


@router.get("/{slug}/forecast", response=ForecastOut, summary="Show a repository's forecast")
def forecast(request: HttpRequest, slug: str) -> ForecastOut:
    """Show the expected completion dates, based on the net pace of the last 39 weeks.

    docs/forecast.md explains the method and its accuracy.
    """
    repository = repository_of(request, slug)
    ahead = forecasts([repository]).get(repository.pk)
    if ahead is None:
        return ForecastOut(
            sentence=forecast_pending(repository),
            explanation="",
            preliminary=preliminary(repository),
            as_of=None,
            dormant=False,
            due=None,
            last_commit=None,
            target=None,
            zero=None,
        )
    return ForecastOut(
        sentence=ahead.sentence,
        explanation=ahead.explanation,
        preliminary=preliminary(repository),
        as_of=ahead.as_of.date(),
        dormant=ahead.dormant,
        due=ahead.due,
        last_commit=ahead.latest_commit,
        target=_outlook(ahead.target, ahead.due),
        zero=_outlook(ahead.zero, ahead.due),
    )


def told_repository(repository: Repository) -> RepositoryOut:
    """Return what the API says about a repository."""
    return RepositoryOut(
        slug=repository.slug,
        name=repository.name,
        branch=repository.branch,
        head=repository.head.sha if repository.head else None,
        history_done=repository.history_done,
        preliminary=preliminary(repository),
        history_since=repository.history_since,
        history_commits=repository.history_commits,
        unread_commits=repository.unread_commits,
        trouble=repository.trouble,
        trouble_kind=repository.trouble_kind,
        archived=repository.archived_at is not None,
    )


def _outlook(outlook: Forecast, due: date | None) -> OutlookOut:
    chance = outlook.chance(due) if due else None
    return OutlookOut(
        state=str(outlook.state),
        left=int(outlook.left),
        pace=None if outlook.pace is None else round(outlook.pace, 2),
        since=outlook.since.date() if outlook.since else None,
        earliest=outlook.earliest,
        latest=outlook.latest,
        median=outlook.median,
        ranges=[RangeOut.model_validate(row) for row in ranges_by_level(outlook)],
        chance=None if chance is None else round(chance, 3),
        reason=reason(outlook),
    )
