"""The two long jobs: `update` brings the records to the branch's tip, `backfill` goes on towards the root."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import transaction

from compliance import jobs
from compliance.jobs import Priority, Turn
from compliance.models import Commit, PlanVersion, Repository
from compliance.scans import mirror, plans, rewind, steps
from compliance.scans.backward import Backward, Stop
from compliance.scans.book import Book
from compliance.scans.forward import Forward
from compliance.scans.mirror import TroubleError
from compliance.scans.statuses import refresh
from scanner import Difference, GitError, Plan, PlanError, ReportStore, Revision, Visit, Walker, read_plan
from scanner import Repository as Git

_PROCESSES = min(os.cpu_count() or 1, 2)


def update(turn: Turn) -> bool:
    """Fetch, and record what is new on the tracked branch: the tip first, where nothing is recorded yet."""
    repository = turn.repository
    try:
        with mirror.fetch(repository) as git:
            done = _update(repository, git, turn)
    except (TroubleError, PlanError) as trouble:
        _tell(repository, str(trouble))
        return True
    except GitError as error:
        _tell(repository, str(error))
        raise
    if done:
        _tell(repository, "")
    return done


def _tell(repository: Repository, trouble: str) -> None:
    Repository.objects.filter(pk=repository.pk).update(trouble=trouble.replace("\0", ""))


def _update(repository: Repository, git: Git, turn: Turn) -> bool:
    tip = mirror.find_tip(repository, git)
    length = git.count(tip)
    version = plans.wanted(repository, git, tip)
    plan = read_plan(version.text, version.source)
    fork = _join(repository, git, tip, length, turn)
    Repository.objects.filter(pk=repository.pk).update(line_length=length)
    repository.line_length = length
    top = _recorded(version).order_by("-position").first() if fork else None
    with _walker(git, plan) as walker:
        if top is None:
            _begin(repository, git, version, plan, walker, turn)
        elif not _advance(repository, git, Book(repository, version, plan, turn), top, walker):
            return False
    if repository.plan_id != version.pk:
        with transaction.atomic():
            turn.hold()
            plans.put_in_force(repository, version, plan)
            Repository.objects.filter(pk=repository.pk).update(head=_recorded(version).get(position=length))
        refresh(repository, version)
    steps.settle(repository, git, version)
    bottom = _recorded(version).order_by("position").first()
    done = bottom is not None and bottom.position == 1
    Repository.objects.filter(pk=repository.pk).update(history_done=done)
    if not done:
        jobs.enqueue("backfill", repository, priority=Priority.LOW, cause=turn.job.cause)
    return True


def _recorded(version: PlanVersion) -> "QuerySet[Commit]":
    """The commits of the line that are recorded under a version of the plan."""
    return Commit.objects.filter(snapshots__plan=version, position__isnull=False)


@contextmanager
def _walker(git: Git, plan: Plan) -> Iterator[Walker]:
    store = ReportStore(Path(settings.DATA_DIR) / "reports.sqlite3")
    walker = Walker(git, plan, store, processes=_PROCESSES)
    try:
        yield walker
    finally:
        walker.close()
        store.close()


def _join(repository: Repository, git: Git, tip: str, length: int, turn: Turn) -> int:
    """Where the recorded line and the one that ends in `tip` part; what was recorded beyond is rolled back."""
    known = Commit.objects.filter(repository=repository, position__isnull=False).order_by("-position")
    top = known.first()
    if top is None:
        return 0
    if top.position <= length:
        newest = list(git.line(tip, limit=length - top.position + 1))
        if newest[-1].sha == top.sha:
            return top.position
    line = {length - index: revision.sha for index, revision in enumerate(git.line(tip))}
    fork = rewind.find_fork(repository, line)
    rewind.roll_back(repository, fork, turn)
    return fork


def _begin(
    repository: Repository, git: Git, version: PlanVersion, plan: Plan, walker: Walker, turn: Turn
) -> None:
    """Record the tip alone, with the step that led to it; the version rules from then on."""
    revisions = list(git.line(mirror.find_tip(repository, git), limit=2))
    visit = walker.visit(revisions[0])
    files = dict(visit.files.items())
    stop = Stop(visit.revision, repository.line_length, visit.tally)
    step = _step_to(walker, revisions, files)
    backward = Backward(Book(repository, version, plan, turn))
    with transaction.atomic():
        backward.begin(files)
        commit = backward.record(stop, step)
        plans.put_in_force(repository, version, plan)
        Repository.objects.filter(pk=repository.pk).update(head=commit, history_done=False)
        refresh(repository, version)


def _step_to(walker: Walker, revisions: list[Revision], files: "Mapping[PathText, FileResult]") -> Difference:
    """The step that led to the first of these revisions from the next one, or from nothing."""
    if len(revisions) > 1:
        return walker.visit(revisions[1]).difference.reversed()
    return Difference({path: (None, result) for path, result in files.items()}, {})


def _advance(repository: Repository, git: Git, book: Book, top: Commit, walker: Walker) -> bool:
    """Record the commits after `top`, oldest first; False when room had to be made before the last."""
    tip = mirror.find_tip(repository, git)
    new = list(git.line(tip, limit=repository.line_length - top.position + 1))[::-1]
    if len(new) < 2:
        return True
    forward = Forward(book)
    visit = walker.visit(new[0])
    forward.reconcile(visit.files.notable)
    for index, revision in enumerate(new[1:], start=1):
        if book.turn.over():
            return False
        forward.record(walker.visit(revision), top.position + index, top.position + index)
    return True


def backfill(turn: Turn) -> bool:
    """Record history from the oldest recorded commit towards the root, making room for what is more urgent."""
    repository = turn.repository
    version = repository.plan
    if version is None or repository.history_done:
        return True
    try:
        with mirror.opened(repository) as git:
            done = _backfill(repository, git, version, turn)
            refresh(repository, version)
            steps.settle(repository, git, version)
    except GitError as error:
        _tell(repository, str(error))
        raise
    Repository.objects.filter(pk=repository.pk).update(history_done=done)
    return done


def _backfill(repository: Repository, git: Git, version: PlanVersion, turn: Turn) -> bool:
    bottom = _recorded(version).order_by("position").first()
    if bottom is None or bottom.position == 1:
        return bottom is not None
    plan = read_plan(version.text, version.source)
    backward = Backward(Book(repository, version, plan, turn))
    line = list(git.line(bottom.sha))[1:]
    with _walker(git, plan) as walker:
        visit: Visit = walker.visit(line[0])
        for index, revision in enumerate(line):
            if turn.over():
                return False
            stop = Stop(revision, bottom.position - 1 - index, visit.tally)
            following = line[index + 1 : index + 2]
            if following:
                visit = walker.visit(following[0])
                step = visit.difference.reversed()
            else:
                step = Difference({p: (None, r) for p, r in visit.files.items()}, {})
            backward.record(stop, step)
    return True
