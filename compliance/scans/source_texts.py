"""The text of a file at the newest commit, for pages that show code.

A web server needs no mirror: a worker reads the text on demand, with the job `source`, and it is kept in
Postgres. If this machine happens to have the commit in a mirror, the text is read from there at once.
"""

from typing import NamedTuple

from django.db.models.functions import Now

from compliance import jobs
from compliance.jobs import JobRun, Priority
from compliance.models import File, Job, Repository, SourceText
from compliance.scans import mirror
from compliance.scans.problems import TroubleError
from scanner import GitError, RepoPath

MOST = 500
"""Number of texts that are kept for each repository. Each has at most a megabyte, as the engine reads no
more.
"""


class Source(NamedTuple):
    """The text of a file, or None if it can't be shown. `is_known` is false if it has not been read yet."""

    text: str | None
    is_known: bool


def known_source(repository: Repository, file: File) -> Source:
    """Return the text of a file at the newest commit, if it is stored or in a mirror on this machine."""
    if repository.head is None:
        return Source(None, is_known=True)
    kept = SourceText.objects.filter(file=file, commit=repository.head_id).first()
    if kept is not None:
        return Source(kept.text, is_known=True)
    try:
        with mirror.local(repository) as git:
            return Source(git.text(repository.head.sha, RepoPath(file.path)), is_known=True)
    except (GitError, TroubleError):
        return Source(None, is_known=False)


def request_source(repository: Repository, file: File) -> Job | None:
    """Queue the job that reads the text, unless it is queued, and return the file's latest such job.

    A newly queued job is not returned; the caller finds it on the next request.
    """
    asked = Job.objects.filter(repository=repository, kind="source", key=str(file.pk))
    job = asked.order_by("-pk").first()
    if job is None or job.state == Job.State.DONE:
        cause = "requested on the file page"
        jobs.enqueue("source", repository, key=str(file.pk), priority=Priority.HIGH, cause=cause)
    return job


def source(run: JobRun) -> bool:
    """Store the text of a file, whose id is the job's key, at the newest commit."""
    repository = Repository.objects.select_related("head").get(pk=run.repository.pk)
    file = File.objects.filter(repository=repository, pk=run.job.key).first()
    if file is None or repository.head is None:
        return True
    with mirror.read(repository, repository.head.sha) as git:
        text = git.text(repository.head.sha, RepoPath(file.path))
    values = {"commit": repository.head, "text": text, "made_at": Now()}
    SourceText.objects.update_or_create(file=file, defaults=values)
    kept = SourceText.objects.filter(file__repository=repository).order_by("-made_at", "-pk")
    SourceText.objects.filter(pk__in=list(kept.values_list("pk", flat=True)[MOST:])).delete()
    return True
