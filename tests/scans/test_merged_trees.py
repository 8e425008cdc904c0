"""Heads are judged as merged into a target, with real merges: what breaks only together, and since when."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from compliance.models import PlanVersion, Repository
from compliance.scans.merged_trees import MergedHead, MergeJudge, merging
from scanner import open_repository
from tests.scanner.history import Commit, Entry, write_history

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PLAN = """
version: 1
name: Test
categories: {test: ["tests/**"]}
rules:
  - {id: shared, kind: deprecated-symbol, symbols: [app.home.get_it, app.old.build]}
  - {id: canonical, kind: canonical-import, names: {Context: app.context}}
  - {id: twice, kind: duplicate-definition, names: [Order, Item]}
"""
HOME = "def get_it():\n    return 1\n\ndef make_it():\n    return 2\n"
BODY = "".join(f"line_{number} = {number}\n" for number in range(12))
BASE: dict[str, Entry] = {
    "app/home.py": HOME,
    "app/middle.py": "from app.home import make_it as take\n",
    "app/work.py": BODY,
}
Files = Mapping[str, Entry]
SUPPRESSED = "  # ssot: ignore[shared] because it waits"
USES = [("app/b.py", "shared", "call"), ("app/b.py", "shared", "import")]
CALL = "from app.middle import take\n\ndef use():\n    return take()\n"


def forked(folder: Path, base: Files, ours: Files, theirs: Files) -> tuple[str, str, str]:
    """The target before and after the commit with the changes `ours`, and the head of the other branch."""
    commits = [Commit({**BASE, **base}), Commit(ours), Commit(theirs, (0,)), Commit({}, (1, 2))]
    before, target, head, _ = write_history(folder, commits)
    return before, target, head


def listed(comment: str, *entries: str) -> str:
    """A module with one statement of many lines."""
    lines = [*(f"{number}," for number in range(9)), *entries, "9,"]
    return f"from app.home import get_it{SUPPRESSED}\nthings = [{comment}\n" + "\n".join(lines) + "\n]\n"


@contextmanager
def judge(folder: Path, plan: str = PLAN) -> Iterator[MergeJudge]:
    repository = Repository.objects.create(slug="r", name="r", url=str(folder))
    version = PlanVersion.objects.create(
        repository=repository, number=1, text=plan, source="p", digest="d", target_percent=100
    )
    with open_repository(str(folder)) as opened, merging(version, opened) as (_, made):
        yield made


def shown(judged: MergedHead) -> list[tuple[str, str, str]]:
    assert not judged.problem
    return sorted((one.found.path, one.found.rule, one.found.role) for one in judged.together)


def causes(judged: MergedHead) -> set[str]:
    return {one.cause for one in judged.together}


CASES: dict[str, tuple[Files, Files, Files, list[tuple[str, str, str]]]] = {
    "a re-export that leads to the deprecated name": (
        {},
        {"app/middle.py": "from app.home import get_it as take\n"},
        {"app/b.py": CALL},
        [*USES, ("app/middle.py", "shared", "re-export")],
    ),
    "a definition that moves to a deprecated module": (
        {"app/late.py": "def build():\n    return 1\n", "app/old.py": ""},
        {"app/late.py": "from app.old import build\n", "app/old.py": "def build():\n    return 1\n"},
        {"app/b.py": "from app.late import build\n\ndef use():\n    return build()\n"},
        [*USES, ("app/late.py", "shared", "re-export")],
    ),
    "a suppression that is taken from a statement to which the other adds": (
        {"app/b.py": listed(SUPPRESSED, "get_it(),")},
        {"app/b.py": listed("", "get_it(),")},
        {"app/b.py": listed(SUPPRESSED, "get_it(),", "get_it(),")},
        [("app/b.py", "shared", "stored-call")],
    ),
    "a file that one moves and the other edits": (
        {},
        {"app/work.py": None, "app/d/moved.py": BODY},
        {"app/work.py": BODY.replace("line_5 = 5", "from app.middle import take")},
        [],
    ),
    "a violation in a file that the other moves": (
        {},
        {"app/work.py": None, "app/d/moved.py": BODY},
        {"app/work.py": BODY.replace("line_5 = 5", "from app.home import get_it")},
        [],
    ),
    "the same definition in two modules": (
        {},
        {"app/a.py": "class Order:\n    pass\n"},
        {"app/b.py": "class Order:\n    pass\n"},
        [("app/b.py", "twice", "definition")],
    ),
    "the same definition, found in the file of the target": (
        {},
        {"app/b.py": "class Order:\n    pass\n"},
        {"app/a.py": "class Order:\n    pass\n"},
        [("app/b.py", "twice", "definition")],
    ),
    "both fix the same violation": (
        {"app/b.py": "from app.home import get_it\nx = get_it()\n"},
        {"app/b.py": "from app.home import make_it\nx = make_it()\n"},
        {"app/b.py": "from app.home import make_it\nx = make_it()\n"},
        [],
    ),
    "both add the same file with a violation": (
        {},
        {"app/b.py": "from app.home import get_it\nx = get_it()\n"},
        {"app/b.py": "from app.home import get_it\nx = get_it()\n"},
        [],
    ),
    "a head that brings the violation itself": (
        {},
        {"app/c.py": "x = 1\n"},
        {"app/b.py": "from app.home import get_it\nx = get_it()\n"},
        [],
    ),
    "a head that has violations of its own beside what breaks together": (
        {},
        {"app/middle.py": "from app.home import get_it as take\n"},
        {"app/b.py": CALL + "\nfrom app.home import get_it\nx = get_it()\n"},
        [*USES, ("app/middle.py", "shared", "re-export")],
    ),
    "a target that only adds violations of its own": (
        {},
        {"app/c.py": "from app.home import get_it\nx = get_it()\n"},
        {"app/b.py": CALL},
        [],
    ),
    "what the target fixed elsewhere and the head undoes there": (
        {"app/b.py": CALL, "app/middle.py": "from app.home import get_it as take\n", "app/n.py": ""},
        {
            "app/middle.py": "from app.next import take\n",
            "app/next.py": "from app.home import make_it as take\n",
        },
        {"app/next.py": None, "app/n.py": "from app.middle import take\n"},
        [],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_breaks_only_together_is_found(tmp_path: Path, name: str) -> None:
    base, ours, theirs, expected = CASES[name]
    before, target, head = forked(tmp_path / "r.git", base, ours, theirs)
    with judge(tmp_path / "r.git") as merged:
        judged = merged.judge(target, head)
        assert shown(judged) == expected
        assert causes(judged) == ({target} if expected else set())
        assert shown(merged.judge(before, head)) == []  # nothing has been merged
        assert merged.judge(target, head) == judged


def test_a_merge_with_conflicts_has_no_result(tmp_path: Path) -> None:
    _, target, head = forked(
        tmp_path / "r.git",
        {},
        {"app/middle.py": "from app.home import get_it as take\n"},
        {"app/middle.py": "from app.home import make_it as give\n", "app/b.py": CALL},
    )
    with judge(tmp_path / "r.git") as merged:
        assert merged.judge(target, head) == MergedHead(
            problem="cannot be merged without conflicts (app/middle.py)"
        )


def test_after_a_rebase_nothing_breaks_only_together(tmp_path: Path) -> None:
    bad: Files = {"app/middle.py": "from app.home import get_it as take\n"}
    _, target, head = write_history(
        tmp_path / "r.git", [Commit(BASE), Commit(bad), Commit({"app/b.py": CALL})]
    )
    with judge(tmp_path / "r.git") as merged:
        assert merged.judge(target, head) == MergedHead()


def test_a_target_that_was_replaced_is_judged_from_where_the_head_left_it(tmp_path: Path) -> None:
    _, _, head, forced, _ = write_history(
        tmp_path / "r.git",
        [
            Commit(BASE),
            Commit({"app/c.py": "x = 1\n"}),
            Commit({"app/b.py": CALL}, (0,)),
            Commit({"app/middle.py": "from app.home import get_it as take\n"}, (0,)),
            Commit({}, (1, 2, 3)),
        ],
    )
    with judge(tmp_path / "r.git") as merged:
        assert causes(merged.judge(forced, head)) == {forced}


def test_the_commits_that_cause_it_are_found(tmp_path: Path) -> None:
    steps: list[Files] = [{f"app/n{number}.py": "x = 1\n"} for number in range(12)]
    steps[3] = {"app/a.py": "class Order:\n    pass\n"}
    steps[7] = {"app/middle.py": "from app.home import get_it as take\n"}
    commits = [Commit(BASE), *(Commit(step) for step in steps)]
    commits.append(Commit({"app/b.py": CALL, "app/z.py": "class Order:\n    pass\n"}, (0,)))
    shas = write_history(tmp_path / "r.git", [*commits, Commit({}, (12, 13))])
    with judge(tmp_path / "r.git") as merged:
        judged = merged.judge(shas[12], shas[13])
        assert {(one.found.path, one.found.role): one.cause for one in judged.together} == {
            ("app/z.py", "definition"): shas[4],
            ("app/b.py", "call"): shas[8],
            ("app/b.py", "import"): shas[8],
            ("app/middle.py", "re-export"): shas[8],
        }


def test_no_cause_is_named_if_a_merge_on_the_way_has_conflicts(tmp_path: Path) -> None:
    bad = "from app.home import get_it as take\n"
    shas = write_history(
        tmp_path / "r.git",
        [
            Commit(BASE),
            Commit({"app/middle.py": bad, "app/b.py": "other = 1\n"}),
            Commit({"app/b.py": CALL}),
            Commit({"app/b.py": CALL}, (0,)),
            Commit({}, (2, 3)),
        ],
    )
    with judge(tmp_path / "r.git") as merged:
        assert merged.judge(shas[1], shas[3]).problem == "cannot be merged without conflicts (app/b.py)"
        assert shown(merged.judge(shas[2], shas[3])) == []  # the target itself has it


def test_one_walk_reads_only_what_the_heads_change(tmp_path: Path) -> None:
    commits = [Commit({**BASE, **{f"app/m{number}.py": BODY for number in range(50)}})]
    commits.append(Commit({"app/middle.py": "from app.home import get_it as take\n"}))
    commits += [Commit({f"app/h{number}.py": CALL}, (0,)) for number in range(8)]
    commits.append(Commit({}, tuple(range(1, 10))))
    shas = write_history(tmp_path / "r.git", commits)
    with judge(tmp_path / "r.git") as merged:
        assert len(merged.judge(shas[1], shas[2]).together) == 3
        read, _ = merged.progress
        for head in shas[3:10]:
            assert len(merged.judge(shas[1], head).together) == 3
        assert merged.progress[0] - read == 7


@pytest.mark.parametrize("way", ["merge", "squash", "rebase", "other"])
def test_the_head_that_a_commit_contains_is_found(tmp_path: Path, way: str) -> None:
    change: Files = {"app/a.py": "x = 1\n", "app/work.py": BODY + "y = 2\n"}
    copies = {
        "merge": Commit({}, (1, 3), subject="Merge"),
        "squash": Commit(change, (1,), author="Bo <bo@example.org>"),
        "rebase": Commit(change, (1,), subject="Head", when="1700172800 +0000"),
        "other": Commit({"app/q.py": "q = 1\n"}, (1,)),
    }
    commits = [
        Commit(BASE),
        Commit({"app/c.py": "x = 1\n"}),
        Commit({"app/e.py": "e = 1\n"}, (0,)),
        Commit(change, (0,), subject="Head", when="1700172800 +0000"),
        copies[way],
        Commit({}, (2, 3, 4)),
    ]
    shas = write_history(tmp_path / "r.git", commits)
    with judge(tmp_path / "r.git") as merged:
        source = merged.source_of(shas[4])
        assert source.sha == shas[4]
        assert set(source.commits) == ({shas[3], shas[4]} if way == "merge" else {shas[4]})
        found = merged.find_equal(shas[4], [shas[2], shas[3], "0" * 40])
        assert found == (shas[3] if way in ("squash", "rebase") else "")
