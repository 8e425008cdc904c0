"""Reads the files that a pull request changes from the mirror."""

from compliance.jobs import JobRun
from compliance.models import PullRequest
from compliance.scans import mirror
from compliance.scans.paths import files_at
from scanner import UnknownRevisionError, decode_path


def pull(run: JobRun) -> bool:
    """Record the files changed by the pull request whose number is the job's key, compared with its merge
    base.

    If the mirror lacks the head commit, because it is in a fork, no files are recorded.
    """
    row = PullRequest.objects.filter(repository=run.repository, number=run.job.key).first()
    if row is None or row.state != "open":
        return True
    with mirror.fetched(run.repository) as git:
        try:
            head = git.resolve(row.head_sha)
        except UnknownRevisionError:
            row.files.clear()
            return True
        base = git.merge_base(mirror.find_tip(run.repository, git), head)
        changed = git.changes(base, head) if base else []
        paths = [decode_path(change.path) for change in changed]
    row.files.set(files_at(run.repository, paths))
    return True
