"""Two pull requests that are each fine, and bad together: both learn of it, until one of them changes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from compliance.integrations.pull_requests import PullNews, hear
from compliance.jobs import enqueue
from compliance.jobs.queue import claim
from compliance.jobs.runner import take
from compliance.lib.queues import EVERY
from compliance.models import GatePolicy, PullRequest, PullRequestCheck
from compliance.pull_requests.together import together_sentence
from compliance.tasks import KINDS
from tests.scanner.history import Commit, write_history
from tests.scans.upstream import git, push, tracked
from tests.scans.verify import run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

AT = datetime(2025, 10, 14, 9, tzinfo=UTC)
PLAN = """
version: 1
name: Test
rules:
  - {id: shared, kind: deprecated-symbol, symbols: [app.home.get_it]}
  - {id: twice, kind: duplicate-definition, names: [Order, Item, Thing]}
"""
TWICE = "class Order:\n    pass\n"
HOME = "def get_it():\n    return 1\n\ndef make_it():\n    return 2\n"


class Forge:
    """The origin and the forge's reports about its pull requests."""

    def __init__(self, folder: Path) -> None:
        write_history(folder, [Commit({"app/home.py": HOME, "app/other.py": "x = 1\n"})])
        self.folder, self.times = folder, 0
        self.repository = tracked(folder, PLAN)
        self.root = self.tip()

    def tip(self) -> str:
        return git(self.folder, "rev-parse", "main")

    def branch(self, number: int, on: str = "", **files: Any) -> str:
        """A head with these files, on a commit or the tip of main, which stays."""
        main = self.tip()
        git(self.folder, "update-ref", "refs/heads/main", on or main)
        head = push(self.folder, f"Head of {number}", **files)
        git(self.folder, "update-ref", "refs/heads/main", main)
        git(self.folder, "update-ref", f"refs/pull/{number}/head", head)
        return head

    def report(self, number: int, head: str, state: str = "open", **more: Any) -> None:
        self.times += 1
        self.repository.refresh_from_db()
        url, ref = f"https://git.example.org/pull/{number}", f"refs/pull/{number}/head"
        at = AT + timedelta(minutes=self.times)
        values = {"state": state, "base": "main", "head_ref": ref, **more}
        hear(
            self.repository,
            PullNews(number, f"Title {number}", url, "ben", head=head, updated_at=at, **values),
        )

    def open(self, number: int, on: str = "", **files: str | None) -> str:
        head = self.branch(number, on, **files)
        self.report(number, head)
        return head

    def merge(self, number: int, way: str = "merge") -> str:
        """Merge a pull request into main as forges do; the new tip."""
        head, main = git(self.folder, "rev-parse", f"refs/pull/{number}/head"), self.tip()
        tree = git(self.folder, "merge-tree", "--write-tree", main, head)
        person = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"]
        parents = ["-p", main, "-p", head] if way == "merge" else ["-p", main]
        subject = {
            "merge": f"Merge pull request #{number} from ann/topic",
            "squash": f"Title {number} (#{number})",
        }
        made = git(self.folder, *person, "commit-tree", tree, *parents, "-m", subject.get(way, "Squashed"))
        git(self.folder, "update-ref", "refs/heads/main", made)
        return made

    def update(self) -> None:
        """A push is reported, and everything that is to be done is done."""
        enqueue("update", self.repository)
        run_jobs()


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    return Forge(tmp_path / "r.git")


def check(number: int) -> PullRequestCheck:
    found = PullRequestCheck.objects.filter(pull_request__number=number)
    return found.get(head_sha=PullRequest.objects.get(number=number).head_sha)


def together(number: int) -> list[tuple[str, int | None, str, bool]]:
    rows = check(number).findings.filter(kind="together").order_by("path")
    return list(rows.values_list("path", "other__number", "cause_sha", "in_other"))


def test_both_learn_of_it_until_it_is_over(forge: Forge) -> None:
    GatePolicy.objects.create(repository=forge.repository, level="block")
    pairs = ((1, 2, "Order"), (3, 4, "Item"), (5, 6, "Thing"))
    for one, other, name in pairs:
        forge.open(one, **{f"app__a{one}": f"class {name}:\n    pass\n"})
        forge.open(other, **{f"app__b{other}": f"class {name}:\n    pass\n"})
    run_jobs()
    assert {(check(n).state, *together(n)) for n in range(1, 7)} == {("passed",)}

    ways = {1: "merge", 3: "squash", 5: "copy"}
    tips = {number: forge.merge(number, way) for number, way in ways.items()}
    for number in ways:
        forge.report(number, check(number).head_sha, "merged")
    forge.update()
    for one, other, _ in pairs:
        row = check(other)
        assert (row.target_sha, row.base_sha, row.new, row.together) == (tips[5], forge.root, 0, 1)
        assert (row.state, row.blocking) == ("failed", 1)
        assert row.reason == "1 violation only together with newer commits of the target branch."
        assert together(other) == [(f"app/b{other}.py", one, tips[one], False)]
        assert together(one) == [(f"app/b{other}.py", other, tips[one], True)]
        assert (check(one).state, check(one).blocking) == ("passed", 0)
    sentences = [together_sentence(check(n).findings.get(kind="together"), "main") for n in (1, 2)]
    assert sentences == [
        f"Breaks in pull request #2, only together with this one, which is in main as {tips[1][:10]}.",
        f"Breaks only together with pull request #1, which is in main as {tips[1][:10]}.",
    ]

    former = check(2)
    forge.open(2, app__b2="class Invoice:\n    pass\n")  # rebased
    forge.report(4, check(4).head_sha, "closed")
    forge.merge(6)
    forge.report(6, check(6).head_sha, "merged")
    forge.update()
    assert (check(2).state, together(2), together(1)) == ("passed", [], [])
    assert [row.other_id for row in former.findings.all()] == [check(1).pull_request_id]
    assert together(3) == []
    assert together(5) == []  # what broke is a part of main by now


def test_what_is_not_caused_by_a_pull_request_conflicts_and_a_target_that_goes_back(forge: Forge) -> None:
    forge.open(1, app__b1=TWICE)
    forge.open(2, app__b2="x = 2\n")
    forge.open(3, app__b3=TWICE.replace("Order", "Item"), app__other="z = 1\n")
    run_jobs()
    before = {number: check(number) for number in (1, 2, 3)}
    both = TWICE + TWICE.replace("Order", "Item")
    tip = push(forge.folder, "Go on", app__a=both, app__other="y = 1\n")
    forge.update()
    assert together(1) == [("app/b1.py", None, tip, False)]
    row = check(1).findings.get(kind="together")
    words = f"Breaks only together with {tip[:10]}, a newer commit of main."
    assert together_sentence(row, "main") == words
    assert (check(1).state, check(1).blocking) == ("passed", 0)  # the policy only warns
    assert (check(2).target_sha, check(2).judged_at) == (tip, before[2].judged_at)
    note = (
        "The head cannot be merged without conflicts (app/other.py), so it was not judged together with "
        f"newer commits of main ({tip[:10]})."
    )
    assert (check(3).state, check(3).together, together(3)) == ("passed", 0, [])
    assert (check(3).merge_note, check(3).notes) == (note, [note])

    git(forge.folder, "update-ref", "refs/heads/main", forge.root)
    forge.update()
    for number in (1, 2, 3):
        here = check(number)
        assert (here.together, here.merge_note, here.notes, together(number)) == (0, "", [], [])
        assert here.target_sha == forge.root


def test_many_heads_are_judged_in_slices_that_lose_nothing(forge: Forge) -> None:
    for number in range(1, 5):
        forge.open(number, **{f"app__b{number}": "x = 1\n" if number % 2 else TWICE})
    run_jobs()
    tip = push(forge.folder, "Go on", app__a=TWICE)
    enqueue("update", forge.repository)
    job = claim("w", EVERY)
    assert job is not None
    take(job, KINDS)
    runs = 0
    while (job := claim("w", EVERY)) is not None:
        take(job, KINDS, limit=-1.0 if job.kind == "recheck" else 60.0)
        runs += job.kind == "recheck"
    assert runs == 4
    assert {check(number).target_sha for number in range(1, 5)} == {tip}
    assert [check(number).together for number in range(1, 5)] == [0, 1, 0, 1]
