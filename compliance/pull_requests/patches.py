"""The job `pull-patch`, which computes proven patches for what the newest head of a pull request adds.

It is a job of its own, so that a verdict never waits for it. Patches don't decide about any verdict.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from compliance import jobs
from compliance.jobs import JobRun, ReportedError
from compliance.models import (
    OF_NEWEST_HEAD,
    CheckFinding,
    Job,
    PlanVersion,
    PullRequest,
    PullRequestCheck,
)
from compliance.pull_requests import report
from compliance.pull_requests.status_line import BROUGHT, in_order
from compliance.scans import GitError, TroubleError, engine_upgrade
from compliance.scans.heads import Head
from compliance.scans.judging import JudgingError
from compliance.scans.pull_request_patches import FilePatch, HeadPatcher, patching

KIND = "pull-patch"

MOST_FILES = 20
"""Number of files of a head for which patches are computed, each of which may take seconds."""

Kind = CheckFinding.Kind
_Place = tuple[int, int, str, str]


def keep_patches(check: PullRequestCheck, plan: int, rows: Sequence[CheckFinding]) -> bool:
    """Give the findings of a check that is stored again the patches of its earlier findings, in the files
    that bring the same ones under the same plan version. Return False if patches must be computed.
    """
    earlier = check.findings.filter(BROUGHT) if check.plan_id == plan else check.findings.none()
    before, after = _by_path(earlier), _by_path(row for row in rows if _is_brought(row))
    is_complete = True
    for path, found in after.items():
        known = before.get(path, {})
        if known.keys() != found.keys():
            is_complete = False
            continue
        for place, row in found.items():
            row.patch = known[place].patch
    return is_complete


def request_patches(check: PullRequestCheck, cause: str) -> None:
    """Queue the computation of patches for a check. Groups in merge queues get none."""
    if check.pull_request:
        key = str(check.pull_request.number)
        jobs.enqueue(KIND, check.repository, key=key, priority=jobs.Priority.LOW, cause=cause)


def limit_notes(paths: Iterable[str]) -> list[str]:
    """Say that patches are computed for only some of the files with new violations, if that is so."""
    number = len(set(paths))
    if number <= MOST_FILES:
        return []
    return [f"Patches are computed for {MOST_FILES} of the {number:,} files with new violations."]


def pull_patch(run: JobRun) -> bool:
    """Compute the patches for the pull request whose number is the job's key, and publish its comment again
    if there are any. Return False if something more urgent is waiting, or if a worker of a newer release must
    do this.
    """
    pull = PullRequest.objects.filter(repository=run.repository, number=run.job.key).first()
    check = _newest(pull).select_related("plan", "pull_request", "repository").first()
    if pull is None or check is None or check.plan is None or check.plan_id != run.repository.plan_id:
        return True
    if engine_upgrade.is_newer(check.plan):
        engine_upgrade.reserve(run.repository, check.plan)
        return False
    try:
        with patching(run.repository, check.plan, Head.of(pull)) as patcher:
            return _Patching(run, check, check.plan, patcher).run_all()
    except (JudgingError, TroubleError):
        return True  # the head is gone, or the repository's problem has been reported already
    except (GitError, OSError) as error:
        raise ReportedError from error


def _newest(pull: PullRequest | None) -> QuerySet[PullRequestCheck]:
    """Return the check of the newest head of an open pull request, or nothing."""
    return PullRequestCheck.objects.filter(OF_NEWEST_HEAD, pull_request=pull, pull_request__state="open")


def _by_path(found: Iterable[CheckFinding]) -> Mapping[str, Mapping[_Place, CheckFinding]]:
    paths: dict[str, dict[_Place, CheckFinding]] = {}
    for one in found:
        paths.setdefault(one.path, {})[one.line, one.column, one.rule, one.fingerprint] = one
    return paths


def _is_brought(found: CheckFinding) -> bool:
    """Return true for the findings of BROUGHT."""
    return found.kind == Kind.NEW or (found.kind == Kind.RESTORED and not found.ran_out)


@dataclass(frozen=True)
class _Patching:
    """Computes and stores the patches for one check."""

    run: JobRun
    check: PullRequestCheck
    version: PlanVersion
    patcher: HeadPatcher

    def run_all(self) -> bool:
        """Compute and store the patches for the first files with new findings. Return False if something more
        urgent is waiting.
        """
        files = _by_path(in_order(self.check, BROUGHT))
        paths = list(files)[:MOST_FILES]
        tried = set(self.run.job.detail.get("tried", ()))
        is_stored, is_finished = False, True
        for number, path in enumerate(paths, 1):
            found = files[path].values()
            if path in tried or any(one.patch for one in found):
                continue
            if not self._current().exists():
                return True
            made = self.patcher.patch(path, sorted({one.fingerprint for one in found}))
            if made is not None and self._store(path, made):
                is_stored = True
            tried.add(path)
            self.run.progress(number, len(paths))
            if number < len(paths) and self.run.should_yield():
                is_finished = False
                break
        self._end(tried, is_stored=is_stored, is_finished=is_finished)
        return is_finished

    def _current(self) -> QuerySet[PullRequestCheck]:
        """Return the check, or nothing if it is no longer that of the newest head or has been judged under
        another plan version meanwhile.
        """
        return _newest(self.check.pull_request).filter(pk=self.check.pk, plan=self.version)

    def _store(self, path: str, made: FilePatch) -> bool:
        """Store a patch with the findings that it fixes if the check is still current. Return true if it was
        stored.
        """
        with transaction.atomic():
            if self._current().select_for_update(no_key=True, of=("self",)).first() is None:
                return False
            found = self.check.findings.filter(BROUGHT, path=path, fingerprint__in=made.fixed)
            is_stored = bool(found.update(patch=made.text))
            self.run.lock()
        return is_stored

    def _end(self, tried: Iterable[str], *, is_stored: bool, is_finished: bool) -> None:
        """Publish what was found, and note which files the job's next run leaves out."""
        with transaction.atomic():
            if is_stored or (is_finished and self.check.findings.exclude(patch="").exists()):
                report.publish_patches(self.check, are_all=is_finished)
            mine = Job.objects.filter(pk=self.run.job.pk, attempts=self.run.job.attempts)
            mine.update(detail={**self.run.job.detail, "tried": sorted(tried)})
            self.run.lock()
