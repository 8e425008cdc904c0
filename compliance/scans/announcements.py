"""Delayed `commit_recorded` signals for commits that were recorded before their plan version became
active.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Max

from compliance.events import commit_recorded
from compliance.lib.batches import batches
from compliance.models import Commit, PlanVersion, Repository
from compliance.scans.paths import files_at
from compliance.scans.scan import Scan
from scanner import decode_path


@dataclass(frozen=True, slots=True)
class Announcement:
    """A commit with the paths that it changed and its author's address, as git gives them."""

    commit: Commit
    paths: list[str]
    email: str


def prepare(scan: Scan, commits: Iterable[Commit]) -> list[Announcement]:
    """Read from git what `commit_recorded` says of these commits, before their transaction begins."""
    git = scan.git
    return [
        Announcement(
            commit,
            [decode_path(change.path) for change in git.changes(commit.parents[0], commit.sha)],
            git.mailmapped(git.revision(commit.sha), scan.tip),
        )
        for commit in commits
    ]


def announce(scan: Scan, announcements: Iterable[Announcement]) -> None:
    """Send `commit_recorded` for commits that were recorded under the active version, oldest first.

    The figures of files already belong to the newest commit.
    """
    repository = scan.repository
    for told in announcements:
        files = files_at(repository, told.paths)
        commit_recorded.send(repository, commit=told.commit, files=files, email=told.email)


def known_before(repository: Repository, version: PlanVersion, commits: Collection[Commit]) -> int | None:
    """Return the position up to which commits were announced under other versions of the plan, once these
    commits are written.

    Return None if there is no other version. History from before the repository was tracked isn't announced.
    """
    others = Commit.objects.filter(repository=repository)
    others = others.filter(snapshots__plan__in=repository.plans.exclude(pk=version.pk))
    known: int | None = others.filter(position__isnull=False).aggregate(known=Max("position"))["known"]
    heights = {commit.sha: commit.height for commit in commits}
    again = {sha for batch in batches(heights) for (sha,) in others.filter(sha__in=batch).values_list("sha")}
    return max((*([known] if known else []), *(heights[sha] for sha in again)), default=None)
