"""Delayed `commit_recorded` signals for commits that were recorded before their plan version became
active.
"""

from django.db.models import Max

from compliance.events import commit_recorded
from compliance.models import Commit, PlanVersion, Repository
from compliance.scans.history import recorded
from compliance.scans.paths import files_at
from compliance.scans.scan import Scan
from scanner import decode_path


def announce(scan: Scan, known: int, until: int | None = None) -> None:
    """Send `commit_recorded` for each commit after position `known` that was recorded under the active
    version.

    The oldest is announced first, and the last is the one at position `until` or the newest. The figures of
    files already belong to the newest commit.
    """
    repository, git = scan.repository, scan.git
    if repository.plan is None or repository.head is None:
        return
    commits = recorded(repository.plan).filter(position__gt=known)
    if until is not None:
        commits = commits.filter(position__lte=until)
    for commit in commits.order_by("position"):
        touched = [decode_path(change.path) for change in git.changes(commit.parents[0], commit.sha)]
        files = files_at(repository, touched)
        email = git.mailmapped(git.revision(commit.sha), repository.head.sha)
        commit_recorded.send(repository, commit=commit, files=files, email=email)


def known_before(repository: Repository, version: PlanVersion) -> int | None:
    """Return the position up to which commits were announced under other versions of the plan.

    Return None if there is no other version. History from before the repository was tracked isn't announced.
    """
    others = Commit.objects.filter(repository=repository, position__isnull=False)
    others = others.filter(snapshots__plan__in=repository.plans.exclude(pk=version.pk))
    known: int | None = others.aggregate(known=Max("position"))["known"]
    return known
