"""An error in one head holds up no other one."""

from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compliance.jobs.queue import claim
from compliance.jobs.runner import JobRun, take
from compliance.lib.queues import EVERY
from compliance.models import Job, PullRequestCheck, Repository
from compliance.pull_requests import checking
from compliance.pull_requests.requests import request_recheck
from compliance.scans.judgements import Judgement
from compliance.scans.judging import Base
from compliance.scans.pull_requests import HeadJudge
from compliance.tasks import KINDS
from scanner import GitError
from tests.pull_requests.heads import branch, check, report
from tests.scanner.history import write_history
from tests.scans.upstream import HISTORY, OLD, tracked
from tests.scans.verify import run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

NUMBERS = range(41, 47)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_history(tmp_path / "r.git", list(HISTORY))
    return tmp_path / "r.git"


@pytest.fixture
def heads(folder: Path) -> list[str]:
    """The heads of six pull requests, each with two new violations, which have been judged."""
    repository = tracked(folder)
    found = []
    for number in NUMBERS:
        ref = f"refs/pull/{number}/head"
        found.append(branch(folder, ref, **{f"app__d{number}": OLD}))
        report(repository, found[-1], number=number, head_ref=ref)
    run_jobs()
    assert {check(head).new for head in found} == {2}
    return found


def breaking(monkeypatch: pytest.MonkeyPatch, sick: set[str], error: Exception) -> None:
    """Let the judgement of these heads fail in the middle of a walk."""
    judge = HeadJudge.judge

    def judge_or_fail(self: HeadJudge, base: Base, sha: str) -> Judgement:
        found = judge(self, base, sha)
        if sha in sick:
            raise error
        return found

    monkeypatch.setattr(HeadJudge, "judge", judge_or_fail)


def recheck(cause: str = "a waiver has started", attempts: int = 1) -> Job:
    """Request a judgement of all open heads, and run it once."""
    job = request_recheck(Repository.objects.get(), cause)
    assert job is not None
    Job.objects.filter(pk=job.pk).update(max_attempts=attempts)
    while (found := claim("test", EVERY)) is not None:
        take(found, KINDS)
        if found.pk == job.pk:
            break
    job.refresh_from_db()
    return job


def causes(heads: list[str]) -> set[str]:
    return set(PullRequestCheck.objects.filter(head_sha__in=heads).values_list("cause", flat=True))


@pytest.mark.parametrize("error", [RecursionError("too deep"), GitError("fatal: bad tree")], ids=str)
def test_the_others_are_judged_and_it_gets_an_error_with_the_reason(
    heads: list[str], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    sick = heads[2]
    breaking(monkeypatch, {sick}, error)
    job = recheck()

    assert causes([head for head in heads if head != sick]) == {"a waiver has started"}
    assert {check(head).new for head in heads if head != sick} == {2}
    row = check(sick)
    expected = {
        "RecursionError": "An unexpected error stopped the judgement (RecursionError: too deep). "
        "The worker's log has details.",
        "GitError": "fatal: bad tree",
    }
    assert (row.state, row.reason) == ("error", expected[type(error).__name__])
    assert str(error) in job.error

    monkeypatch.undo()
    recheck("again")
    assert (check(sick).state, check(sick).new) == ("passed", 2)


def test_it_keeps_its_verdict_while_it_is_tried_again(
    heads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    breaking(monkeypatch, {heads[0]}, RecursionError("too deep"))
    job = recheck(attempts=8)
    row = check(heads[0])
    assert (job.state, row.state, row.cause) == ("waiting", "passed", "pull request #41")
    assert causes(heads[1:]) == {"a waiver has started"}

    monkeypatch.undo()
    judged_at = {head: check(head).judged_at for head in heads[1:]}
    Job.objects.filter(pk=job.pk).update(due_at=job.created_at)
    run_jobs_with_errors()
    assert check(heads[0]).cause == "a waiver has started"
    assert {head: check(head).judged_at for head in heads[1:]} == judged_at


def run_jobs_with_errors() -> None:
    while (found := claim("test", EVERY)) is not None:
        take(found, KINDS)


def test_a_cause_that_is_in_no_head_ends_the_run(heads: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "MOST_FAILURES", 2)
    breaking(monkeypatch, set(heads), GitError("disk full"))
    recheck()
    assert {(check(head).state, check(head).reason) for head in heads} == {("error", "disk full")}


def test_a_run_that_makes_room_is_continued(heads: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(JobRun, "should_yield", lambda _: True)
    job = recheck(attempts=8)
    judged = [head for head in heads if check(head).cause == "a waiver has started"]
    assert (job.state, len(judged)) == ("waiting", 1)

    monkeypatch.undo()
    run_jobs()
    assert causes(heads) == {"a waiver has started"}


def test_heads_are_known_by_one_query(heads: list[str]) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        recheck()
    asked = [q["sql"] for q in queries if '"head_sha" = ' in q["sql"] and "pullrequestcheck" in q["sql"]]
    selects = [sql for sql in asked if sql.startswith("SELECT") and "FOR NO KEY UPDATE" not in sql]
    alone = [sql for sql in selects if '"pull_request_id" = ' in sql and "LIMIT 21" in sql]
    assert alone == []
