"""A scan: everything that a job run needs to read and record a repository, determined once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from compliance.jobs import JobRun
from compliance.models import PlanVersion, Repository
from compliance.scans import mirror, plan_versions
from compliance.scans.commit_dates import CommitDates
from compliance.scans.problems import TroubleError
from compliance.scans.report_store import walking_with
from compliance.scans.shared_reports import SharedReports
from scanner import Plan, PlanError, Walker, engine_version, read_plan
from scanner import Repository as GitRepository


@dataclass
class Scan:
    """A job run's view of a repository. Its `tip` is determined once, so later pushes have to wait for the
    next scan.

    `length` is the number of first-parent commits up to the tip, and therefore the position of the tip.
    """

    run: JobRun
    repository: Repository
    git: GitRepository
    tip: str
    length: int
    version: PlanVersion
    plan: Plan
    walker: Walker
    reports: SharedReports

    @cached_property
    def dates(self) -> CommitDates:
        """Return the times at which charts show the branch's commits."""
        return CommitDates(self.git, self.tip)

    @property
    def is_active(self) -> bool:
        """Return whether the scan's plan version is the repository's active one."""
        return self.repository.plan_id == self.version.pk


@contextmanager
def scan_of_tip(run: JobRun) -> Iterator[Scan]:
    """Fetch the mirror, and open a scan of the branch's tip under the plan that applies to it.

    Raises `GitError` and `PlanError`, or `TroubleError` if there is no such branch or no plan.
    """
    repository = run.repository
    with mirror.fetched(repository) as git:
        tip = mirror.find_tip(repository, git)
        version, plan = _plan_at(repository, git, tip)
        with walking_with(git, plan) as (walker, reports):
            yield Scan(run, repository, git, tip, git.count(tip), version, plan, walker, reports)


def _plan_at(repository: Repository, git: GitRepository, tip: str) -> tuple[PlanVersion, Plan]:
    """Return the plan that applies. Without one, note the tip, so that polls wait until it moves."""
    try:
        version = plan_versions.wanted(repository, git, tip)
        return version, read_plan(version.text, version.source)
    except (TroubleError, PlanError):
        Repository.objects.filter(pk=repository.pk).update(unplanned=unplanned_mark(tip))
        raise


def unplanned_mark(tip: str) -> str:
    """Return how `Repository.unplanned` names a tip. Another release may accept its plan."""
    return f"{tip} {engine_version()}"


@contextmanager
def scan_of_history(run: JobRun, head: str, version: PlanVersion) -> Iterator[Scan]:
    """Open a scan of the history recorded up to `head` under the active plan version. Nothing is
    fetched unless this machine's mirror lacks that commit.
    """
    repository = run.repository
    plan = read_plan(version.text, version.source)
    with mirror.read(repository, head) as git, walking_with(git, plan) as (walker, reports):
        yield Scan(run, repository, git, head, repository.line_length, version, plan, walker, reports)
