"""A head is judged as `python -m scanner check` judges it, whatever the history is."""

import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from compliance.scans.judgements import Found
from compliance.scans.judging import Judge, JudgingError, base_of
from scanner import Walker, open_repository, read_plan
from tests.scanner.command import check_here
from tests.scanner.factories import PLAN_TEXT, TEXTS
from tests.scanner.history import Commit as Written
from tests.scanner.history import Entry, write_history
from tests.scanner.shares import share

pytestmark = pytest.mark.slow

PATHS = ("app/home.py", "app/middle.py", "app/__init__.py", "app/a.py", "app/d/e.py", "tests/test_a.py")
MORE = (
    *TEXTS,
    # Commits are a day apart from 14 November 2023 on, so this suppression ends within most histories.
    "from app.home import get_it\nx = get_it()  # ssot: ignore[shared] until=2023-11-18 because it waits\n",
    "from app.home import get_it\n\n\ndef other():\n    get_it()\n\n\ndef use():\n    get_it(get_it())\n",
    "from app.home import get_it\n\n\ndef use():\n    get_it()\n",
)
Tree = dict[str, str]


class Histories:
    """Commits with edits, renames, reverts, branches, merges, criss-cross merges and further roots."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.trees: list[Tree] = [{path: self.chance.choice(MORE) for path in PATHS[:4]}]
        self.commits = [Written(self.trees[0])]
        tips = [0, 0, 0]
        for _ in range(self.chance.randint(4, 12)):
            one, other = self.chance.sample(range(3), 2)
            tips[one], tips[other] = self.step(tips[one], tips[other])
        if self.chance.random() < 0.1:
            tips[2] = self.add((), self.edited({}))
        self.target, heads = tips[0], [*tips[1:], self.chance.randrange(len(self.commits))]
        self.heads = list(dict.fromkeys(heads))

    def step(self, one: int, other: int) -> tuple[int, int]:
        kind = self.chance.choice(("edit", "edit", "rename", "revert", "merge", "criss-cross"))
        if kind in {"merge", "criss-cross"} and one != other:
            merged = self.add((one, other), self.mixed(one, other))
            crossed = self.add((other, one), self.mixed(other, one)) if kind == "criss-cross" else other
            return merged, crossed
        tree = self.trees[one]
        if kind == "rename" and tree:
            return self.add((one,), self.renamed(tree)), other
        if kind == "revert":
            former = self.chance.choice(self.trees)
            paths = self.chance.sample(PATHS, 3)
            kept = {path: text for path, text in tree.items() if path not in paths}
            return self.add((one,), kept | {path: former[path] for path in paths if path in former}), other
        return self.add((one,), self.edited(tree)), other

    def edited(self, tree: Tree) -> Tree:
        paths = self.chance.sample(PATHS, self.chance.randint(1, 3))
        return tree | {path: self.chance.choice(MORE) for path in paths}

    def renamed(self, tree: Tree) -> Tree:
        old, new = self.chance.choice(sorted(tree)), self.chance.choice(PATHS)
        more = self.chance.choice(("", "\n\nz = 1\n"))
        return {path: text for path, text in tree.items() if path != old} | {new: tree[old] + more}

    def mixed(self, one: int, other: int) -> Tree:
        both = self.trees[one], self.trees[other]
        chosen = {path: self.chance.choice(both).get(path) for path in PATHS}
        return {path: text for path, text in chosen.items() if text is not None}

    def add(self, parents: tuple[int, ...], tree: Tree) -> int:
        former = self.trees[parents[0]] if parents else {}
        files: dict[str, Entry] = {path: text for path, text in tree.items() if former.get(path) != text}
        files |= dict.fromkeys(former.keys() - tree.keys())
        self.commits.append(Written(files, parents))
        self.trees.append(tree)
        return len(self.commits) - 1


def told(found: Iterable[Any]) -> list[tuple[Any, ...]]:
    names = ("path", "line", "column", "rule", "role", "symbol", "scope", "risk", "category", "fingerprint")
    rows = (row if isinstance(row, dict) else vars_of(row) for row in found)
    return sorted(
        (*(row[name] for name in names), tuple(row["phases"]), tuple(row["issues"]), row["message"])
        for row in rows
    )


def vars_of(found: Found) -> dict[str, Any]:
    return {name: getattr(found, name) for name in Found.__slots__}


def compare_all(judge: Judge, folder: Path, plan: Path, target: str, heads: Sequence[str]) -> list[int]:
    """Compare the verdicts on the heads, which one walk judges, with those of the command; its exit codes."""
    codes = []
    with open_repository(str(folder)) as git:
        for head in heads:
            code, report = check_here(folder, plan, target, head)
            codes.append(code)
            try:
                base = base_of(git, "main", target, head)
                judged = judge.judge(base, head)
            except JudgingError:
                assert (code, report) == (2, {})
                continue
            assert (base.sha, judged.head) == (report["base"], report["head"])
            assert list(base.others) == report["other_bases"]
            assert told(judged.new) == told(report["new"])
            assert told(judged.fixed) == told(report["fixed"])
            assert told(judged.moved) == told(move["after"] for move in report["moved"])
            assert told(judged.suppressed) == told(report["suppressed"])
            assert told(judged.restored) == told(report["restored"])
            assert told(f for f in judged.restored if f.ran_out) == told(report["ran_out"])
            former = [(move["before"]["path"], move["before"]["line"]) for move in report["moved"]]
            assert [(found.former_path, found.former_line) for found in judged.moved] == former
            faults = [(fault["path"], fault["line"], fault["reason"]) for fault in report["cannot_tell"]]
            assert [(found.path, found.line, found.message) for found in judged.doubts] == faults
            assert code == (1 if judged.brought else 2 if judged.doubts else 0)
    return codes


@pytest.mark.parametrize("part", range(share(200) // 20))
def test_generated_histories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: int) -> None:
    """One walk judges all heads. It begins at the target, as it was visited or saved, or knows nothing."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    plan = tmp_path / "plan.yaml"
    plan.write_text(PLAN_TEXT)
    read = read_plan(PLAN_TEXT, "plan.yaml")
    codes = []
    for seed in range(part * 20, part * 20 + 20):
        histories = Histories(seed)
        folder = tmp_path / f"{seed}.git"
        shas = write_history(folder, histories.commits)
        target = shas[histories.target]
        with open_repository(str(folder), complete=True) as git:
            known, walker = Walker(git, read), Walker(git, read)
            with known, walker:
                if seed % 3:
                    list(known.walk([target]))
                if seed % 3 == 1:
                    memory = known.memory
                    assert memory is not None
                    walker.continue_from(memory)
                elif seed % 3 == 2:
                    assert walker.load(known.save(), ())
                heads = [shas[number] for number in histories.heads]
                codes += compare_all(Judge(git, read, walker), folder, plan, target, heads)
    assert {0, 1} < set(codes)
