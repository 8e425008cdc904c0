"""Tells of commits that were judged before the version of the plan that judged them came into force."""

from compliance.events import commit_recorded
from compliance.models import File, Repository
from compliance.scans.line import recorded
from scanner import Repository as Git
from scanner import decode_path


def tell(repository: Repository, git: Git, known: int) -> None:
    """Send `commit_recorded` for each commit after the position `known` that the plan in force judged.

    Oldest first; the figures of files are those of the newest commit already.
    """
    if repository.plan is None or repository.head is None:
        return
    for commit in recorded(repository.plan).filter(position__gt=known).order_by("position"):
        touched = [decode_path(change.path) for change in git.changes(commit.parents[0], commit.sha)]
        files = File.objects.filter(repository=repository, path__in=touched).values_list("pk", flat=True)
        email = git.mailmapped(git.revision(commit.sha), repository.head.sha)
        commit_recorded.send(repository, commit=commit, files=list(files), email=email)
