"""Limits how far back a repository's history is read, and reads further back later.

A limit becomes a position, the floor, once the branch is known on a machine. From then on it only sinks: new
commits don't raise it, and a history that is extended continues below the oldest recorded commit.
"""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from compliance import jobs
from compliance.jobs import Priority
from compliance.models import Commit, Repository, UnreadHistory
from compliance.scans.depth import Depth, estimated_commits, months_of, position_of
from compliance.scans.scan import Scan
from compliance.scans.setup_errors import SetupError
from compliance.scans.setup_estimate import seconds_for
from scanner import Repository as GitRepository


def limit(repository: Repository, depth: Depth) -> None:
    """Set the limit of a repository that is about to be tracked. The caller saves it."""
    repository.history_since, repository.history_commits = depth.since, depth.commits
    repository.history_floor = 1 if depth.is_whole else 0


def resolve(scan: Scan) -> None:
    """Derive the floor from the limit, unless it is known."""
    repository = scan.repository
    if repository.history_floor:
        return
    depth = Depth(repository.history_since, repository.history_commits)
    times = scan.git.times(scan.tip)
    floor, oldest = position_of(depth, times), oldest_read(repository)
    if oldest is not None:
        floor = min(floor, oldest.height)
    unread = months_of(times[len(times) - floor + 1 :])
    with transaction.atomic():
        # Somebody may have chosen another limit in the meantime, which the next job finds.
        same = Repository.objects.filter(
            pk=repository.pk, history_floor=0, history_since=depth.since, history_commits=depth.commits
        )
        if same.update(history_floor=floor):
            _write_unread(repository, unread)
    repository.history_floor = floor


def commits_to_read(repository: Repository, git: GitRepository, sha: str) -> int:
    """Return how many commits are evaluated under a plan that is activated at a commit of the branch."""
    times = git.times(sha)
    floor = repository.history_floor
    if not floor:
        floor = position_of(Depth(repository.history_since, repository.history_commits), times)
    return max(1, len(times) - floor + 1)


def _write_unread(repository: Repository, months: list[tuple[str, int]]) -> None:
    if months:
        UnreadHistory.objects.update_or_create(repository=repository, defaults={"months": months})
    else:
        UnreadHistory.objects.filter(repository=repository).delete()


def extend(repository: Repository, depth: Depth, person: User | None) -> None:
    """Read history further back, as a job. What has been recorded stays. Raises `SetupError` if that much is
    read already.
    """
    with transaction.atomic():
        rows = Repository.objects.select_for_update(of=("self",), no_key=True)
        locked = rows.get(pk=repository.pk)
        _check_deeper(locked, depth)
        limit(locked, depth)
        locked.history_done = False
        names = ["history_since", "history_commits", "history_floor", "history_done"]
        locked.save(update_fields=names)
        if depth.is_whole:
            UnreadHistory.objects.filter(repository=locked).delete()
        jobs.enqueue("backfill", locked, priority=Priority.NORMAL, cause="history extended", person=person)
    for name in names:
        setattr(repository, name, getattr(locked, name))


def _check_deeper(repository: Repository, depth: Depth) -> None:
    oldest = oldest_read(repository)
    if repository.history_floor == 1 and not (oldest is None and repository.head_id is None):
        raise SetupError("history", "The whole history is read, or being read, already.")
    if oldest is None or depth.is_whole:
        return
    read = repository.line_length - oldest.height + 1
    if depth.commits is not None and depth.commits <= read:
        raise SetupError(
            "history_commits", f"The last {read:,} commits are read already. Give a larger number."
        )
    if depth.since is not None and depth.since > oldest.dated_at.date():
        words = f"History is read back to {oldest.dated_at.date()} already. Give an earlier day."
        raise SetupError("history_since", words)


def oldest_read(repository: Repository) -> Commit | None:
    """Return the oldest recorded commit of the branch, or None if there is none."""
    line = Commit.objects.filter(repository=repository, position__isnull=False)
    return line.order_by("position").first()


def estimate_extension(repository: Repository, depth: Depth) -> dict[str, Any]:
    """Return how many more commits would be read, about, and the shortest and longest time in seconds. Both
    are null while the number of unread commits is not known yet.
    """
    row = UnreadHistory.objects.filter(repository=repository).first()
    if row is None and repository.history_floor != 1:
        return {"commits": None, "seconds": None}
    months = row.months if row else []
    read = max(0, repository.line_length - repository.unread_commits)
    more = Depth(commits=max(0, depth.commits - read)) if depth.commits is not None else depth
    commits = estimated_commits(more, months)
    return {"commits": commits, "seconds": seconds_for(commits)}
