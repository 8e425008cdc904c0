"""The job `read`: reads files for the machine that records a repository, and shares the reports.

It depends on nothing but the mirror and the plan, and whatever it reads twice or not at all does no harm: the
recording job reads itself what it doesn't find.
"""

import logging
from itertools import pairwise

from compliance.jobs import ElsewhereError, JobRun
from compliance.lib.batches import batches
from compliance.models import PlanVersion, ReadingRange, Repository
from compliance.scans import mirror, reading_ranges, shared_reports
from compliance.scans.mirror import GoneError
from compliance.scans.report_store import walking
from scanner import GitError, Plan, ReportKey, Walker, read_plan
from scanner import Repository as GitRepository

log = logging.getLogger(__name__)


def read(run: JobRun) -> bool:
    """Read ranges until nobody needs any, or clone the repository that will be read. Return False if
    something more urgent is waiting.
    """
    if "repository" in run.job.detail:
        return _clone(run.job.detail["repository"])
    found = PlanVersion.objects.select_related("repository").filter(pk=run.job.detail.get("version"))
    version = found.first()
    sha = reading_ranges.unread_from(version) if version is not None else ""
    if version is None or not sha:
        return True
    plan = read_plan(version.text, version.source)
    try:
        with mirror.read(version.repository, sha) as git, walking(git, plan) as walker:
            return _Reader(run, version, git, plan, walker).read_all()
    except (GoneError, ElsewhereError) as gone:  # the machine that asked reads what is left
        log.info("%s", gone)
        return True


def _clone(pk: int) -> bool:
    repository = Repository.objects.filter(pk=pk).first()
    if repository is not None:
        try:
            mirror.provide(repository)
        except (GitError, ElsewhereError) as error:  # whoever needs the mirror tries again and reports it
            log.info("%s could not be cloned ahead: %s", repository.slug, error)
    return True


class _Reader:
    """Reads ranges of one plan version."""

    def __init__(
        self, run: JobRun, version: PlanVersion, git: GitRepository, plan: Plan, walker: Walker
    ) -> None:
        self._run, self._version, self._git, self._plan, self._walker = run, version, git, plan, walker
        self._tree: tuple[str, list[ReportKey]] = ("", [])
        self._done = 0

    def read_all(self) -> bool:
        """Read ranges until nobody needs any. Return False if something more urgent is waiting."""
        while (part := reading_ranges.begin_next(self._version)) is not None:
            if not self._read(part):
                return False
        return True

    def _read(self, part: ReadingRange) -> bool:
        """Read a range. Return False if something more urgent is waiting; what was read until then is
        shared.
        """
        digest = self._plan.reading_digest
        for keys in batches(shared_reports.lacking(digest, self._keys(part)), reading_ranges.REPORTS):
            shared_reports.publish(digest, self._walker.read(keys))
            self._done += len(keys)
            self._run.progress(self._done, self._done)
            if not reading_ranges.hold(part):
                return True
            if self._run.should_yield():
                reading_ranges.release(part, is_read=False)
                return False
        reading_ranges.release(part, is_read=True)
        return not self._run.should_yield()

    def _keys(self, part: ReadingRange) -> list[ReportKey]:
        if part.is_tree:
            if self._tree[0] != part.sha:
                self._tree = part.sha, self._walker.wanted(None, part.sha)
            return self._tree[1][part.first : part.first + part.count]
        line = [revision.sha for revision in self._git.line(part.sha, limit=part.count + 1)]
        return [key for after, before in pairwise(line) for key in self._walker.wanted(after, before)]
