"""How far back a repository's history is read, and reading more of it."""

from datetime import date, datetime

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import ConfigDict

from compliance.accounts.roles import Role
from compliance.api.authentication import WRITE, acting, repository_of
from compliance.models import Repository
from compliance.scans import history_depth
from compliance.scans.depth import checked_depth

router = Router(tags=["repositories"])


class DepthIn(Schema):
    """How much history is read: the commits since a day, or the last ones; by default, all of it."""

    model_config = ConfigDict(extra="forbid")
    history_since: date | None = None
    history_commits: int | None = None


class DepthEstimateOut(Schema):
    """The number of commits that a choice reads, about, the size of the clone in bytes, and the shortest and
    longest time in seconds. Unknown values are null. The clone is complete whatever is read of it.
    """

    commits: int | None = None
    size: int | None = None
    seconds: list[int] | None = None


class HistoryDepthOut(Schema):
    """The history that is read. `oldest` is the SHA of the oldest recorded commit, made at `oldest_at`.
    `commits` is the number of commits up to the newest one that are to be read, and `unread_commits` that of
    the older ones. `history_done` is true once all that are to be read have been recorded. `more` is what
    reading further back would cost, as the parameters choose.
    """

    history_since: date | None
    history_commits: int | None
    history_done: bool
    commits: int
    unread_commits: int
    oldest: str | None
    oldest_at: datetime | None
    more: DepthEstimateOut


@router.get("/{slug}/history", response=HistoryDepthOut, summary="Show how far back history is read")
def show(request: HttpRequest, slug: str, given: Query[DepthIn]) -> HistoryDepthOut:
    """Return how far back history is read, and what reading more of it would cost."""
    return _told(repository_of(request, slug), given)


@router.post("/{slug}/history", response=HistoryDepthOut, auth=WRITE, summary="Read history further back")
def extend(request: HttpRequest, slug: str, given: DepthIn) -> HistoryDepthOut:
    """Read older commits, too. What has been recorded stays. Requires the administrator role."""
    person = acting(request, Role.ADMINISTRATOR)
    repository = repository_of(request, slug)
    history_depth.extend(repository, checked_depth(given.history_since, given.history_commits), person)
    return _told(repository, given)


def _told(repository: Repository, given: DepthIn) -> HistoryDepthOut:
    oldest = history_depth.oldest_read(repository)
    depth = checked_depth(given.history_since, given.history_commits)
    return HistoryDepthOut(
        history_since=repository.history_since,
        history_commits=repository.history_commits,
        history_done=repository.history_done,
        commits=repository.line_length - repository.unread_commits,
        unread_commits=repository.unread_commits,
        oldest=oldest.sha if oldest else None,
        oldest_at=oldest.dated_at if oldest else None,
        more=DepthEstimateOut(**history_depth.estimate_extension(repository, depth)),
    )
