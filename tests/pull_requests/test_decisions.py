"""What people decide holds when heads are judged again, and what a head says about its plan is only noted."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from compliance.integrations.pull_requests import PullNews, hear
from compliance.jobs import enqueue
from compliance.models import PullRequest, PullRequestCheck, Repository
from compliance.pull_requests.override import override, rerun
from compliance.pull_requests.policy import policy_of, set_policy
from compliance.pull_requests.status_line import describe
from tests.pull_requests.factories import AT
from tests.scanner.factories import PLAN_TEXT
from tests.scanner.history import write_history
from tests.scans.upstream import HISTORY, NEW, OLD, git, push, tracked
from tests.scans.verify import run_jobs
from tests.views.furnished import somebody
from tests.work.factories import waive

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

HEAD_REF = "refs/pull/41/head"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_history(tmp_path / "r.git", list(HISTORY))
    return tmp_path / "r.git"


@pytest.fixture
def repository(folder: Path) -> Repository:
    return tracked(folder)


@pytest.fixture
def mia() -> User:
    return somebody("manager")


def branch(folder: Path, **files: Any) -> str:
    """A commit with these files as the head of the pull request; the tip of main stays."""
    main = git(folder, "rev-parse", "main")
    head = push(folder, "Change it", **files)
    git(folder, "update-ref", HEAD_REF, head)
    git(folder, "update-ref", "refs/heads/main", main)
    return head


def check(head: str) -> PullRequestCheck:
    return PullRequestCheck.objects.get(head_sha=head)


def judged(repository: Repository, head: str, later: int = 0) -> PullRequestCheck:
    repository.refresh_from_db()
    news = PullNews(
        number=41,
        title="Make it",
        url="https://git.example.org/pull/41",
        author="ben",
        state="open",
        head=head,
        base="main",
        updated_at=AT + timedelta(minutes=later),
        head_ref=HEAD_REF,
    )
    hear(repository, news)
    run_jobs()
    return check(head)


def overridden(row: PullRequestCheck, mia: User) -> PullRequest:
    pull = PullRequest.objects.select_related("repository").get()
    override(pull, mia, "Hotfix", row.head_sha)
    return pull


def test_an_override_holds_for_this_head_until_something_else_blocks(
    repository: Repository, folder: Path, mia: User
) -> None:
    head = branch(folder, app__c=f"print(1)\n{OLD}", app__d=OLD)
    row = judged(repository, head)
    assert (row.state, row.blocking) == ("failed", 2)
    assert row.reason == "2 new violations in files that were clean before."
    pull = overridden(row, mia)
    rerun(pull, mia)
    push(folder, "Go on", app__e="print(2)\n")
    enqueue("update", repository)
    run_jobs()
    assert (check(head).state, check(head).reason) == ("passed", "Overridden by manager: Hotfix")
    set_policy(repository, mia, {"level": "block"})
    run_jobs()
    row = check(head)
    assert (row.state, row.blocking) == ("failed", 4)
    assert row.reason.endswith("The override by manager doesn't cover all of this.")
    set_policy(repository, mia, {"level": "warn"})
    run_jobs()
    assert check(head).state == "passed"
    following = branch(folder, app__c=f"print(1)\n{OLD}")
    assert judged(repository, following, later=1).state == "failed"


def test_an_override_of_what_cannot_be_judged_holds_as_long_as_that(
    repository: Repository, mia: User
) -> None:
    row = judged(repository, "b" * 40)
    assert row.state == "error"
    rerun(overridden(row, mia), mia)
    run_jobs()
    assert check("b" * 40).state == "passed"


def test_a_waiver_covers_what_is_judged_after_its_approval(
    repository: Repository, folder: Path, mia: User
) -> None:
    head = branch(folder, app__c=f"print(1)\n{OLD}")
    assert judged(repository, head).state == "failed"
    waiver = waive(repository, mia, "Stays", None, glob="app/c.py")
    rerun(PullRequest.objects.select_related("repository").get(), mia)
    run_jobs()
    row = check(head)
    assert (row.state, row.blocking, row.new) == ("passed", 0, 2)
    assert set(row.findings.filter(kind="new").values_list("waiver", flat=True)) == {waiver.pk}


def test_the_counts_of_many_findings_are_exact(repository: Repository, folder: Path, mia: User) -> None:
    """Only 500 of the 700 findings are stored, whatever is ignored or waived."""
    set_policy(repository, mia, {"level": "warn", "locks": False, "by_risk": {"critical": "off"}})
    uses = "".join(f"x{number} = get_it()\n" for number in range(699))
    head = branch(folder, app__d=f"from app.home import get_it\n{uses}")
    row = judged(repository, head)
    assert (row.new, row.uncounted, row.findings.count()) == (700, 699, 500)
    assert describe(row, policy_of(repository)) == "1 new violation (policy: warn)"

    set_policy(repository, mia, {"by_risk": {}})
    waive(repository, mia, "Stays", None, glob="app/d.py")
    run_jobs()
    row.refresh_from_db()
    assert (row.new, row.uncounted, row.waived) == (700, 0, 700)
    assert describe(row, policy_of(repository)) == "700 new violations, 700 waived"


def test_what_is_suppressed_at_a_risk_that_is_off_is_not_counted(
    repository: Repository, folder: Path, mia: User
) -> None:
    set_policy(repository, mia, {"by_risk": {"critical": "off"}, "suppressions": "block"})
    head = branch(folder, app__d=OLD.replace("\n", "  # ssot: ignore[shared] because it waits\n"))
    row = judged(repository, head)
    assert (row.state, row.suppressed, row.ignored, row.blocking) == ("failed", 2, {"suppressed": 1}, 1)
    assert describe(row, policy_of(repository)) == ("No new violations, 1 blocks, 1 suppressed by comments")
    set_policy(repository, mia, {"by_risk": {}})
    run_jobs()
    row.refresh_from_db()
    assert (row.ignored, row.blocking) == ({}, 2)


def test_a_head_does_not_change_the_plan_by_which_it_is_judged(folder: Path) -> None:
    push(folder, "Plan", **{"ssot-plan.yaml": PLAN_TEXT, ".github/CODEOWNERS": "* @ann\n"})
    repository = tracked(folder, plan=None)
    lenient = PLAN_TEXT.replace("app.home.get_it, app.home._it", "app.home.nothing")
    more = {"ssot-plan.yaml": lenient, ".github/CODEOWNERS": "* @nobody\n"}
    head = branch(folder, app__c=f"print(1)\n{OLD}", app__b=NEW, **more)
    row = judged(repository, head)
    assert (row.state, row.new, row.plan) == ("failed", 2, repository.plan)
    assert row.notes == [
        "The pull request changes ssot-plan.yaml, which has no effect on its own verdict.",
        "The pull request changes .github/CODEOWNERS, which has no effect on its own verdict.",
    ]


def test_what_leaves_the_scope_is_stored_as_moved_out(repository: Repository, folder: Path) -> None:
    head = branch(folder, **{"app__b.py": None, "notes/b.txt": OLD})
    row = judged(repository, head)
    assert (row.state, row.fixed, row.moved_out) == ("passed", 0, 2)
    assert set(row.findings.values_list("kind", "path")) == {("moved out", "app/b.py")}
