"""The two long jobs: `update` brings the records to the branch's tip, `backfill` goes on towards the root."""

import time
from collections.abc import Mapping

from django.db import transaction

from compliance import jobs
from compliance.events import commit_recorded, history_evaluated, plan_activated
from compliance.jobs import JobRun, Priority
from compliance.models import Commit, PlanVersion, Repository
from compliance.progress.file_status import refresh
from compliance.scans import announcements, engine_upgrade, mirror, plan_versions, rollback, steps, tags
from compliance.scans.backward import Backward, PendingCommit
from compliance.scans.forward import Forward
from compliance.scans.line import depth_to_reach, draw_line, lowest, recorded
from compliance.scans.problems import TroubleError, tell
from compliance.scans.report_store import walking
from compliance.scans.writer import RecordWriter
from scanner import (
    DamagedRepositoryError,
    Difference,
    FileResult,
    GitError,
    Plan,
    PlanError,
    RepoPath,
    Visit,
    Walker,
    read_plan,
)
from scanner import Repository as GitRepository

_WRITE_AT = 2000
"""Rows that history may gather before they are written."""

_WRITE_EVERY = 1.0
"""Seconds after which they are written anyway, so that whoever watches sees the history grow."""


def update(run: JobRun) -> bool:
    """Fetch, and record what is new on the tracked branch: the tip first, where nothing is recorded yet."""
    repository = run.repository
    try:
        with mirror.fetch(repository) as git:
            done = _update(repository, git, run)
    except (TroubleError, PlanError) as trouble:
        tell(repository, trouble)
        return True
    except (GitError, OSError) as error:
        _stumble(repository, error)
        raise
    if done:
        tell(repository, None)
    return done


def _stumble(repository: Repository, error: GitError | OSError) -> None:
    """Say what went wrong; a mirror that is damaged is cloned anew, for the next attempt to read."""
    tell(repository, error)
    if isinstance(error, DamagedRepositoryError):
        mirror.renew(repository)


def _update(repository: Repository, git: GitRepository, run: JobRun) -> bool:
    tip = mirror.find_tip(repository, git)
    length = git.count(tip)
    version = plan_versions.wanted(repository, git, tip)
    plan = read_plan(version.text, version.source)
    fork = _join(repository, git, tip, length, run)
    Repository.objects.filter(pk=repository.pk).update(line_length=length)
    repository.line_length = length
    with walking(git, plan) as walker:
        if engine_upgrade.is_dated(version):
            version = engine_upgrade.renewed(RecordWriter(repository, version, plan, run), walker)
        top = recorded(version).order_by("-position").first() if fork else None
        if top is None:
            _begin(repository, git, version, plan, walker, run)
        elif not _advance(repository, git, RecordWriter(repository, version, plan, run), top, walker):
            return False
    if repository.plan_id != version.pk:
        with transaction.atomic():
            run.lock()
            _rule(repository, git, version, plan, recorded(version).get(position=length))
    repository.refresh_from_db(fields=("head",))
    steps.settle(repository, git, version, plan)
    tags.keep(repository, git)
    draw_line(repository, version)
    done = lowest(version) == 1
    Repository.objects.filter(pk=repository.pk).update(history_done=done)
    if not done:
        jobs.enqueue("backfill", repository, priority=Priority.LOW, cause=run.job.cause)
    return True


def _join(repository: Repository, git: GitRepository, tip: str, length: int, run: JobRun) -> int:
    """Where the recorded line and the one that ends in `tip` part; what is beyond is rolled back."""
    known = Commit.objects.filter(repository=repository, position__isnull=False).order_by("-position")
    top = known.first()
    if top is None:
        return 0
    height = _height(top)
    if height <= length:
        newest = list(git.line(tip, limit=length - height + 1))
        if newest[-1].sha == top.sha:
            return height
    line = {length - index: revision.sha for index, revision in enumerate(git.line(tip))}
    fork = rollback.find_fork(repository, line)
    rollback.roll_back(repository, fork, run)
    return fork


def _begin(  # noqa: PLR0917  (one value each)
    repository: Repository, git: GitRepository, version: PlanVersion, plan: Plan, walker: Walker, run: JobRun
) -> None:
    """Record the tip, and what is new below it, each with its step; the version rules from then on.

    New is what came after the newest commit that the former version judged, as far as this run has time. The
    line drawn stays another version's until this one's is as deep.
    """
    length = repository.line_length
    known = _height(repository.head) if repository.head else length
    visits = walker.walk(list(git.line(mirror.find_tip(repository, git), limit=max(2, length - known + 1))))
    visit = next(visits)
    files = dict(visit.files.items())
    writer = RecordWriter(repository, version, plan, run)
    backward = Backward(writer)
    backward.begin(files)
    for position in range(length, min(known, length - 1), -1):
        pending = PendingCommit(visit.revision, position, visit.tally)
        parent = next(visits, None)
        backward.record(pending, _step_to(files, parent))
        if parent is None or run.should_yield():
            break
        visit = parent
    with transaction.atomic():
        head = writer.commits[0]
        writer.write(len(writer.commits))
        Repository.objects.filter(pk=repository.pk).update(history_done=False)
        _rule(repository, git, version, plan, head)


def _rule(repository: Repository, git: GitRepository, version: PlanVersion, plan: Plan, head: Commit) -> None:
    """Let a version rule that has judged the newest commit, in the caller's transaction."""
    former, known = repository.plan, repository.head
    plan_versions.put_in_force(repository, version, plan)
    Repository.objects.filter(pk=repository.pk).update(head=head)
    repository.head = head
    if former and former.pk != version.pk:
        plan_versions.mark_change(repository, git, former, plan)
    refresh(repository, version)
    if known:
        announcements.tell(repository, git, _height(known))
    plan_activated.send(repository)
    history_evaluated.send(repository)


def _step_to(files: Mapping[RepoPath, FileResult], parent: Visit | None) -> Difference:
    """The step that led to a revision with these files from its parent, visited next; else from nothing."""
    if parent is not None:
        return parent.difference.reversed()
    return Difference({path: (None, result) for path, result in files.items()}, {})


def _height(commit: Commit) -> int:
    """The position of a commit that is on the line."""
    if commit.position is None:
        raise ValueError(f"Commit {commit.sha} is not on the recorded line.")
    return commit.position


def _advance(
    repository: Repository, git: GitRepository, writer: RecordWriter, top: Commit, walker: Walker
) -> bool:
    """Record the commits after `top`, oldest first; False when room had to be made before the last.

    Under a version that is not in force yet, what the pages show stays where it is.
    """
    tip = mirror.find_tip(repository, git)
    new = list(git.line(tip, limit=repository.line_length - _height(top) + 1))[::-1]
    if len(new) < 2:
        return True
    forward = Forward(writer)
    visits = walker.walk(new)
    forward.reconcile(next(visits).files.notable)
    for position, visit in enumerate(visits, start=_height(top) + 1):
        if writer.run.should_yield():
            return False
        commit = forward.record(visit, position)
        touched = {*visit.difference.changed, *visit.difference.renames.values()}
        email = git.mailmapped(visit.revision, tip)
        with transaction.atomic():
            writer.write(position)
            if repository.plan_id != writer.version.pk:
                continue
            Repository.objects.filter(pk=repository.pk).update(head=commit)
            repository.head = commit
            files = [writer.files[path].pk for path in touched if path in writer.files]
            refresh(repository, writer.version, files)
            commit_recorded.send(repository, commit=commit, files=files, email=email)
    return True


def backfill(run: JobRun) -> bool:
    """Record history from the oldest recorded commit towards the root, making room for the urgent."""
    repository = run.repository
    version = repository.plan
    if version is None or repository.history_done:
        return True
    if engine_upgrade.is_dated(version):
        jobs.enqueue("update", repository, priority=Priority.NORMAL, cause=run.job.cause)
        return True
    try:
        plan = read_plan(version.text, version.source)
        with mirror.opened(repository) as git:
            done = _backfill(git, RecordWriter(repository, version, plan, run), plan)
            refresh(repository, version)
            history_evaluated.send(repository)
            steps.settle(repository, git, version, plan)
            tags.keep(repository, git)
    except (GitError, OSError) as error:
        _stumble(repository, error)
        raise
    draw_line(repository, version)
    Repository.objects.filter(pk=repository.pk).update(history_done=done)
    return done


def _backfill(git: GitRepository, writer: RecordWriter, plan: Plan) -> bool:
    """Go on from the oldest recorded commit; whether the root was reached."""
    bottom = recorded(writer.version).order_by("position").first()
    if bottom is None or bottom.position == 1:
        return bottom is not None
    deep = depth_to_reach(writer.repository, writer.version)
    backward = Backward(writer)
    line = list(git.line(bottom.sha))[1:]
    with walking(git, plan) as walker:
        visits = walker.walk(line)
        visit = next(visits)
        due = time.monotonic() + _WRITE_EVERY
        told = lowest = _height(bottom)
        for position in range(_height(bottom) - 1, 0, -1):
            if writer.run.should_yield():
                break
            pending = PendingCommit(visit.revision, position, visit.tally)
            root = dict(visit.files.items()) if position == 1 else {}
            parent = next(visits, None)
            backward.record(pending, _step_to(root, parent))
            visit, lowest = parent or visit, position
            if writer.size > _WRITE_AT or position in {1, deep} or time.monotonic() > due:
                told = _write(writer, git, position, told)
                due = time.monotonic() + _WRITE_EVERY
            if position == deep:
                refresh(writer.repository, writer.version)
                history_evaluated.send(writer.repository)
                draw_line(writer.repository, writer.version)
        if writer.commits:
            _write(writer, git, lowest, told)
    return lowest == 1


def _write(writer: RecordWriter, git: GitRepository, lowest: int, told: int) -> int:
    """Write history down to a position; tell of what no version had judged before, above all of it `told`."""
    with transaction.atomic():
        writer.write(writer.repository.line_length - lowest + 1)
        known = announcements.known_before(writer.repository, writer.version)
        if known is not None and known < told - 1:
            refresh(writer.repository, writer.version)
            announcements.tell(writer.repository, git, max(known, lowest - 1), told - 1)
    return lowest
