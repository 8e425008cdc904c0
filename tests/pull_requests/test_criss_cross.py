"""Heads whose branch and target have merged each other: what either of them had before is not new, as in
`python -m scanner check`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from compliance.models import GatePolicy, PullRequestCheck, Repository
from tests.pull_requests.heads import check, report
from tests.scanner.command import check_here
from tests.scanner.factories import PLAN_TEXT
from tests.scanner.history import Commit, Entry, write_history
from tests.scans.upstream import NEW, OLD, git, push, tracked
from tests.scans.verify import run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

HOME = "def get_it():\n    return 1\n"
SUPPRESSED = OLD.replace("\n", "  # ssot: ignore[shared] because it waits\n")
ROOT = {
    "app/home.py": HOME,
    "app/old.py": OLD,
    "app/clean.py": "print(1)\n",
    "app/done.py": OLD,
    "app/x.py": OLD,
    "app/y.py": SUPPRESSED,
    "app/s.py": SUPPRESSED,
}
OURS = {"app/ours.py": OLD, "app/x.py": SUPPRESSED}
THEIRS = {"app/theirs.py": OLD, "app/y.py": OLD, "app/moved.py": OLD, "app/done.py": NEW}
BOTH = {**OURS, **THEIRS}
MAIN, BRANCH = 3, 4


class Crossed:
    """Two branches that have merged each other, and heads on top of the second one."""

    def __init__(self, folder: Path, heads: Mapping[str, Mapping[str, Entry]]) -> None:
        self.folder = folder
        crossed = [
            Commit(ROOT),
            Commit(OURS, parents=(0,)),
            Commit(THEIRS, parents=(0,)),
            Commit(THEIRS, parents=(1, 2)),
            Commit(OURS, parents=(2, 1)),
        ]
        made = [Commit(files, parents=(BRANCH,)) for files in heads.values()]
        self.shas = write_history(folder, [*crossed, *made])
        git(folder, "update-ref", "refs/heads/main", self.shas[MAIN])
        self.heads = dict(zip(heads, self.shas[5:], strict=True))
        for number, sha in enumerate(self.heads.values(), 41):
            git(folder, "update-ref", f"refs/pull/{number}/head", sha)

    def judge(self, repository: Repository) -> dict[str, PullRequestCheck]:
        for number, sha in enumerate(self.heads.values(), 41):
            report(repository, sha, number=number, head_ref=f"refs/pull/{number}/head")
        run_jobs()
        return {name: check(sha) for name, sha in self.heads.items()}

    def command(self, head: str) -> tuple[int, dict[str, Any]]:
        plan = self.folder / "plan.yaml"
        plan.write_text(PLAN_TEXT)
        return check_here(self.folder, plan, self.shas[MAIN], self.heads[head])


HEADS: dict[str, dict[str, Entry]] = {
    "nothing": {"app/c.py": "print(1)\n"},
    "new": {"app/d.py": OLD},
    "fixed": {"app/old.py": NEW, "app/ours.py": NEW},
    "moved": {"app/theirs.py": None, "app/z.py": OLD},
    "suppressed": {"app/old.py": SUPPRESSED},
    "restored": {"app/s.py": OLD},
    "as in one": {"app/x.py": OLD, "app/y.py": SUPPRESSED},
    "doubtful": {"app/e.py": "from app.home import get_it\ndef broken(:\n"},
    "departed": {"app/ours.py": None, "elsewhere/ours.txt": OLD},
    "uncounted": {"app/theirs.py": None, "tests/test_theirs.py": OLD},
}


def test_only_what_no_base_has_is_new_and_the_command_says_the_same(tmp_path: Path) -> None:
    story = Crossed(tmp_path / "r.git", HEADS)
    checks = story.judge(tracked(story.folder))

    def numbers(row: PullRequestCheck) -> dict[str, int]:
        names = ("new", "fixed", "moved", "moved_out", "suppressed", "restored", "doubts")
        return {name: getattr(row, name) for name in names if getattr(row, name)}

    assert {name: (row.state, numbers(row)) for name, row in checks.items()} == {
        "nothing": ("passed", {}),  # what theirs fixed, the target has fixed, too
        "new": ("passed", {"new": 2}),
        "fixed": ("passed", {"fixed": 4}),  # in ours.py, only one base and the target have what was fixed
        "moved": ("passed", {"moved": 2}),
        "suppressed": ("passed", {"suppressed": 2}),
        "restored": ("passed", {"restored": 2}),
        "as in one": ("passed", {}),
        "doubtful": ("error", {"new": 1, "doubts": 1}),
        "departed": ("passed", {"moved_out": 2}),
        "uncounted": ("passed", {"moved_out": 2}),
    }
    bases = sorted(story.shas[1:3])
    for name, row in checks.items():
        code, told = story.command(name)
        assert code == (1 if row.new or row.restored else 2 if row.doubts else 0), name
        assert sorted([told["base"], *told["other_bases"]]) == bases
        assert (row.base_sha, row.new) == (told["base"], len(told["new"])), name
        departed = row.moved_out if name == "departed" else 0  # the command calls them fixed
        assert row.fixed + departed == len(told["fixed"]), name
        other = next(sha for sha in bases if sha != row.base_sha)
        assert row.base_reason == (
            "One of the 2 merge bases of the head and main, which have merged each other. The other one is "
            f"{other[:10]}. Only what none of them has is new."
        )
        words = "one of 2 merge bases"
        assert told["base_reason"].startswith(words)
        assert other[:10] in told["base_reason"]


def test_a_file_is_locked_if_no_base_has_violations_in_it(tmp_path: Path) -> None:
    heads: dict[str, dict[str, Entry]] = {
        "clean": {"app/clean.py": OLD},
        "theirs": {"app/theirs.py": f"{OLD}y = get_it()\n"},
    }
    story = Crossed(tmp_path / "r.git", heads)
    checks = story.judge(tracked(story.folder))

    assert checks["clean"].state == "failed"
    assert set(checks["clean"].findings.values_list("is_locked", flat=True)) == {True}
    assert (checks["theirs"].state, checks["theirs"].new) == ("passed", 1)


def test_it_is_judged_again_only_if_the_bases_are_others(tmp_path: Path) -> None:
    story = Crossed(tmp_path / "r.git", {"new": {"app/d.py": OLD}})
    repository = tracked(story.folder)
    GatePolicy.objects.create(repository=repository, level="block")
    before = story.judge(repository)["new"]
    assert (before.state, before.blocking) == ("failed", 2)

    def move(sha: str) -> PullRequestCheck:
        git(story.folder, "update-ref", "refs/heads/main", sha)
        tracked(story.folder)
        return check(before.head_sha)

    later = move(push(story.folder, "Go on", app__c="print(2)\n"))
    assert (later.target_sha == before.target_sha, later.judged_at) == (False, before.judged_at)
    back = move(story.shas[1])  # a force push: the target no longer has what the branch merged
    assert (back.base_sha, back.base_reason) == (
        story.shas[1],
        "The newest commit of main, which the head contains.",
    )
    assert (back.new, back.restored, back.state) == (6, 2, "failed")
