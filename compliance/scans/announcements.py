"""Tells of commits that were judged before the version of the plan that judged them came into force."""

from django.db.models import Max

from compliance.events import commit_recorded
from compliance.models import Commit, File, PlanVersion, Repository
from compliance.scans.line import recorded
from scanner import Repository as GitRepository
from scanner import decode_path


def tell(repository: Repository, git: GitRepository, known: int, until: int | None = None) -> None:
    """Send `commit_recorded` for each commit after the position `known` that the plan in force judged.

    Oldest first, through the position `until` or the newest; the figures of files are those of the newest
    commit already.
    """
    if repository.plan is None or repository.head is None:
        return
    news = recorded(repository.plan).filter(position__gt=known)
    if until is not None:
        news = news.filter(position__lte=until)
    for commit in news.order_by("position"):
        touched = [decode_path(change.path) for change in git.changes(commit.parents[0], commit.sha)]
        files = File.objects.filter(repository=repository, path__in=touched).values_list("pk", flat=True)
        email = git.mailmapped(git.revision(commit.sha), repository.head.sha)
        commit_recorded.send(repository, commit=commit, files=list(files), email=email)


def known_before(repository: Repository, version: PlanVersion) -> int | None:
    """The position up to which other versions of the plan judged the line, so that it was told of then.

    None where there is no other version: history that was there before the repository was tracked is no news.
    """
    others = Commit.objects.filter(repository=repository, position__isnull=False)
    others = others.filter(snapshots__plan__in=repository.plans.exclude(pk=version.pk))
    known: int | None = others.aggregate(known=Max("position"))["known"]
    return known
