"""A head can't get a better verdict by how it is written, with real git and the real judging.

Each head adds a use of a deprecated symbol to a file that was clean, and something that might hide it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from compliance.pull_requests.verdict import Level, Policy, Suppressions, Verdict, evidence_of
from compliance.pull_requests.verdict import decide as decide_on
from compliance.scans.judgements import Found, Judgement
from compliance.scans.judging import Base, Judge, base_of
from scanner import Walker, open_repository, read_plan
from tests.scanner.history import EXECUTABLE, LINK, SUBMODULE, Commit, Entry, write_history

pytestmark = pytest.mark.slow

PLAN_TEXT = """version: 1
name: Old
categories: {test: ["tests/**"]}
compliance_counts: [production]
scope: {include: ["**/*.py"], exclude: ["attic/**"]}
rules: [{id: old, kind: deprecated-symbol, symbols: [lib.get_old]}]
"""
PLAN = read_plan(PLAN_TEXT, "plan.yaml")
WARN = Policy()
STRICT = Policy(Level.BLOCK, suppressions=Suppressions.BLOCK)
LINES = "".join(f"value_{number} = {number}\n" for number in range(40))
CLEAN = f"import lib\n{LINES}"
USE = "\n\ndef use():\n    return lib.get_old()\n"
WORSE = CLEAN + USE
BAD = f"import lib\n{LINES}lib.get_old()\n"
HUGE = "#" * 1_000_001
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 3\n"
BASE: Mapping[str, Entry] = {
    "shop/clean.py": CLEAN,
    "shop/bad.py": BAD,
    "ssot-plan.yaml": PLAN_TEXT,
    "CODEOWNERS": "* @ann\n",
    "data/note.txt": "Note\n",
}


def judge(folder: Path, commits: Sequence[Commit], target: int = 0, head: int = -1) -> Judgement:
    """What the real judging finds in the last commit, whose target is at the first one."""
    shas = write_history(folder / "r.git", commits)
    with open_repository(str(folder / "r.git"), complete=True) as git, Walker(git, PLAN) as walker:
        base = base_of(git, "main", shas[target], shas[head])
        return Judge(git, PLAN, walker).judge(base, shas[head])


def decide(judgement: Judgement, policy: Policy) -> Verdict[Found]:
    return decide_on(evidence_of(judgement), policy)


def decided(folder: Path, head: Mapping[str, Entry], policy: Policy = WARN, when: str = "") -> Verdict[Found]:
    judgement = judge(folder, [Commit(BASE), Commit(head, when=when)])
    return decide(judgement, policy)


PLAIN = {"shop/clean.py": WORSE}


def test_the_plain_head_fails(tmp_path: Path) -> None:
    verdict = decided(tmp_path, PLAIN)

    assert (verdict.state, verdict.reason) == ("failed", "1 new violation in a file that was clean before.")


@pytest.mark.parametrize(
    "more",
    [
        {"ssot-plan.yaml": PLAN_TEXT.replace('"attic/**"', '"attic/**", "shop/**"')},
        {"ssot-plan.yaml": PLAN_TEXT.replace("counts: [production]", "counts: [test]")},
        {"ssot-plan.yaml": PLAN_TEXT.replace("name: Old", "name: Old\ntarget_percent: 1.0")},
        {"ssot-plan.yaml": PLAN_TEXT.replace("lib.get_old", "lib.nothing")},
        {"ssot-plan.yaml": "not: [a plan"},
        {"ssot-plan.yaml": None},
        {"CODEOWNERS": "* @nobody\n", ".github/CODEOWNERS": "shop/ @nobody\n"},
        {".gitattributes": "*.py working-tree-encoding=UTF-16\n"},
        {".gitattributes": "*.py binary -diff -text export-ignore linguist-generated filter=lfs\n"},
        {"shop/.gitattributes": "clean.py -diff linguist-vendored ident eol=crlf\n"},
        {".gitignore": "shop/\n", ".mailmap": "A <a@example.org> <b@example.org>\n"},
        {".gitmodules": '[submodule "shop"]\n\tpath = shop\n\turl = /tmp/x\n'},
        {"pyproject.toml": "[tool.ssot]\nexclude = ['shop']\n", ".ssotignore": "shop\n"},
    ],
    ids="+".join,
)
def test_configuration_in_the_head_changes_nothing(tmp_path: Path, more: dict[str, Entry]) -> None:
    verdict = decided(tmp_path, {**PLAIN, **more})

    assert (verdict.state, len(verdict.blocking)) == ("failed", 1)
    assert verdict.reason == "1 new violation in a file that was clean before."


COMMENT = "# ssot: ignore[old]"


@pytest.mark.parametrize(
    "comment",
    [
        COMMENT,
        f"{COMMENT} until=tomorrow because it waits",
        f"{COMMENT} until=2020-01-01 because it waits",
        "# ssot: ignore because it waits",
        "# ssot: ignore[other] because it waits",
        "# ssot: ignore-file[old] because it waits",
        "# noqa",
        "# type: ignore",
    ],
)
def test_a_comment_that_suppresses_nothing_hides_nothing(tmp_path: Path, comment: str) -> None:
    for text in (WORSE.replace("get_old()\n", f"get_old()  {comment}\n"), f"{comment}\n{WORSE}"):
        folder = tmp_path / str(len(text) % 2)
        assert decided(folder, {"shop/clean.py": text}).state == "failed"


@pytest.mark.parametrize("until", ["", " until=2099-01-01"])
def test_a_suppression_is_treated_as_the_policy_says(tmp_path: Path, until: str) -> None:
    text = WORSE.replace("get_old()\n", f"get_old()  {COMMENT}{until} because it waits\n")
    judgement = judge(tmp_path, [Commit(BASE), Commit({"shop/clean.py": text})])

    assert (judgement.new, len(judgement.suppressed)) == ((), 1)
    assert decide(judgement, WARN).state == "passed"
    assert decide(judgement, STRICT).reason == "1 violation suppressed by comments, which the policy blocks."


def test_a_suppression_of_an_old_violation_fixes_nothing(tmp_path: Path) -> None:
    text = BAD.replace("get_old()\n", f"get_old()  {COMMENT} because it waits\n")
    judgement = judge(tmp_path, [Commit(BASE), Commit({"shop/bad.py": text})])

    assert (judgement.fixed, len(judgement.suppressed)) == ((), 1)
    assert decide(judgement, STRICT).state == "failed"


@pytest.mark.parametrize("when", ["1000000000 +0000", "4000000000 +0000", "1700086400 +1400"])
def test_the_date_of_the_head_hides_nothing(tmp_path: Path, when: str) -> None:
    """A date in the past revives a suppression that has run out, which is then listed like any other."""
    assert decided(tmp_path / "plain", PLAIN, when=when).state == "failed"
    text = WORSE.replace("get_old()\n", f"get_old()  {COMMENT} until=2020-01-01 because it waits\n")
    assert decided(tmp_path / "dated", {"shop/clean.py": text}, STRICT, when).state == "failed"


def test_a_suppression_that_the_head_removes_counts_again(tmp_path: Path) -> None:
    hidden = BAD.replace("get_old()\n", f"get_old()  {COMMENT} because it waits\n")
    judgement = judge(tmp_path, [Commit({**BASE, "shop/bad.py": hidden}), Commit({"shop/bad.py": BAD})])

    assert (judgement.new, len(judgement.restored)) == ((), 1)
    assert decide(judgement, STRICT).reason == "1 new violation of a risk that the policy blocks."


ENCODED = [
    b"# -*- coding: latin-1 -*-\n# \xe9\n" + WORSE.encode(),
    b"# coding: utf-7\n" + WORSE.encode("utf-7"),
    b"# coding: utf-7\n" + WORSE.replace("get_old", "+AGcAZQB0AF8AbwBsAGQ-").encode(),
    b"\xef\xbb\xbf" + WORSE.encode(),
    b"\xef\xbb\xbf# coding: latin-1\n" + WORSE.encode(),
    b"# coding: rot13\n" + WORSE.encode(),
    b"# coding: unicode_escape\n" + WORSE.replace("get_old", "\\x67et_old").encode(),
    b"# coding: unicode_escape\n#\\x0a" + WORSE.replace("\n", "\\n").encode(),
    b"# coding: raw_unicode_escape\n" + WORSE.replace("get_old", "\\u0067et_old").encode(),
    b"# coding: idna\n" + WORSE.encode(),
    b"# coding: no-such-encoding\n" + WORSE.encode(),
    b"# coding: ascii\n# \xe9\n" + WORSE.encode(),
    b"# \xff\xfe\n" + WORSE.encode(),
    WORSE.replace("\n", "\r").encode(),
    WORSE.replace("\n", "\r\n").encode(),
    WORSE.replace("    return", "\x0c    return").encode(),
    WORSE.encode("utf-16"),
    WORSE.encode("utf-16-le"),
    WORSE.encode("utf-32"),
    WORSE.encode() + b"\0",
    WORSE.encode() + b"\x1a",
    WORSE.replace("get_old", "g\N{MATHEMATICAL BOLD SMALL E}t_old").encode(),
]


@pytest.mark.parametrize("number", range(len(ENCODED)))
def test_no_encoding_hides_anything(tmp_path: Path, number: int) -> None:
    assert decided(tmp_path, {"shop/clean.py": ENCODED[number]}).state != "passed"


@pytest.mark.parametrize(
    "text",
    [
        HUGE + "\n" + WORSE,
        WORSE + "x = '" + "a" * 1_000_000 + "'\n",
        POINTER,
        f"def broken(:\n{WORSE}",
        f"{WORSE}\n'''never closed\n",
        f"print 'x'\n{WORSE}",
        WORSE.replace("    return", "\treturn 1\n        return"),
        WORSE + "(" * 5000,
    ],
    ids=["large", "long line", "pointer", "syntax", "open string", "python 2", "indentation", "deep"],
)
def test_what_can_not_be_judged_is_no_success(tmp_path: Path, text: str) -> None:
    off_for_high = Policy(by_risk={"high": Level.OFF})
    assert decided(tmp_path / "warn", {"shop/clean.py": text}).state != "passed"
    assert decided(tmp_path / "new", {"shop/new.py": text}, STRICT).state != "passed"
    assert decided(tmp_path / "off", {"shop/clean.py": HUGE + text}, off_for_high).state == "error"


REWRITTEN = [
    CLEAN + "\n\ndef use():\n    return lib \\\n        .get_old()\n",
    CLEAN + "\n\ndef use():\n    return (lib\n            # here\n            .get_old\n            ())\n",
    CLEAN + "\n\ndef use():\n    from lib import get_old as fresh\n    return fresh()\n",
    CLEAN + "\n\ndef use():\n    import lib as l\n    return l.get_old()\n",
    CLEAN + "\n\ndef use():\n    from lib import *\n    return get_old()\n",
    CLEAN + "\n\nuse = lambda: lib.get_old()\n",
    CLEAN + "\nx = f'{lib.get_old()}'\n",
    CLEAN + "\nif False: lib.get_old()\n",
    CLEAN + "; lib.get_old()\n",
    "from lib import (\n    get_old as\n    value,\n)\n" + CLEAN,
]


@pytest.mark.parametrize("number", range(len(REWRITTEN)))
def test_another_spelling_is_a_violation_all_the_same(tmp_path: Path, number: int) -> None:
    assert decided(tmp_path, {"shop/clean.py": REWRITTEN[number]}).state != "passed"


@pytest.mark.parametrize(
    "new", ["shop/Clean.py", "shop/other.py", "lib/deep/er.py", "shop/clean/__init__.py"]
)
def test_a_file_stays_locked_under_another_name(tmp_path: Path, new: str) -> None:
    verdict = decided(tmp_path, {"shop/clean.py": None, new: WORSE})

    assert (verdict.state, [found.path for found in verdict.blocking]) == ("failed", [new])


def test_a_locked_file_stays_locked_in_a_category_that_does_not_count(tmp_path: Path) -> None:
    verdict = decided(tmp_path, {"shop/clean.py": None, "tests/clean.py": WORSE})
    assert [found.path for found in verdict.blocking] == ["tests/clean.py"]


def test_files_that_never_counted_are_not_locked(tmp_path: Path) -> None:
    base = {**BASE, "tests/test_a.py": CLEAN}
    judgement = judge(tmp_path, [Commit(base), Commit({"tests/test_a.py": WORSE})])
    assert [found.is_locked for found in judgement.new] == [False]


@pytest.mark.parametrize("new", ["tests/bad.py", "attic/bad.py", "shop/bad.txt", "shop/bad.pyw"])
def test_what_is_moved_out_is_not_fixed_and_follows_the_policy(tmp_path: Path, new: str) -> None:
    judgement = judge(tmp_path, [Commit(BASE), Commit({"shop/bad.py": None, new: BAD})])

    assert len(judgement.moved_out) == 1
    assert decide(judgement, WARN).state == "passed"
    reason = "1 violation moved to where the plan doesn't count it, which the policy blocks."
    assert decide(judgement, STRICT).reason == reason
    assert judgement.phases == {}


@pytest.mark.parametrize("new", ["attic/clean.py", "shop/clean.txt", "shop/clean"])
def test_a_file_that_leaves_the_scope_with_changes_is_no_success(tmp_path: Path, new: str) -> None:
    verdict = decided(tmp_path, {"shop/clean.py": None, new: WORSE})
    assert (verdict.state, "can't be judged" in verdict.reason) == ("error", True)


LINKED: dict[str, dict[str, Entry]] = {
    "file": {"shop/clean.py": (LINK, b"../data/real.txt"), "data/real.txt": WORSE},
    "absolute": {"shop/clean.py": (LINK, b"/opt/clean.py")},
    "new": {"shop/new.py": (LINK, b"../data/real.txt"), "data/real.txt": WORSE},
    "folder": {
        "shop/clean.py": None,
        "shop/bad.py": None,
        "shop": (LINK, b"attic/shop"),
        "attic/shop/clean.py": WORSE,
    },
    "submodule": {"shop/clean.py": None, "shop/bad.py": None, "shop": (SUBMODULE, b"1" * 40)},
}


@pytest.mark.parametrize("name", LINKED)
def test_links_and_submodules_hide_nothing(tmp_path: Path, name: str) -> None:
    others: dict[str, Entry] = {"kept.py": CLEAN}
    commits = [Commit({**BASE, **others}), Commit(LINKED[name])]
    assert decide(judge(tmp_path, commits), WARN).state == "error"


def test_a_change_of_the_mode_hides_nothing(tmp_path: Path) -> None:
    assert decided(tmp_path, {"shop/clean.py": (EXECUTABLE, WORSE.encode())}).state == "failed"
    only_mode = judge(tmp_path / "mode", [Commit(BASE), Commit({"shop/bad.py": (EXECUTABLE, BAD.encode())})])
    assert (only_mode.new, only_mode.fixed) == ((), ())


def test_code_that_moves_takes_its_violations_along(tmp_path: Path) -> None:
    base = {**BASE, "shop/bad.py": WORSE, "shop/empty.py": "import lib\n"}
    head = {"shop/bad.py": CLEAN, "shop/empty.py": "import lib\n" + USE}
    judgement = judge(tmp_path, [Commit(base), Commit(head)])

    assert (judgement.new, judgement.fixed, len(judgement.moved)) == ((), (), 1)


def test_a_swap_between_files_is_one_fixed_and_one_new(tmp_path: Path) -> None:
    head = {"shop/bad.py": CLEAN, "shop/clean.py": BAD}
    judgement = judge(tmp_path, [Commit(BASE), Commit(head)])

    assert (len(judgement.new), len(judgement.fixed)) == (1, 1)
    assert decide(judgement, WARN).state == "failed"


def test_what_the_target_brought_is_not_part_of_the_change(tmp_path: Path) -> None:
    """0 - 1 (the target breaks another file); 2 (the head, from 0); 3 merges 1 into 2."""
    target = {"shop/later.py": BAD}
    commits = [Commit(BASE), Commit(target), Commit(PLAIN, (0,)), Commit(target, (2, 1))]
    judgement = judge(tmp_path, commits, target=1)

    assert [found.path for found in judgement.new] == ["shop/clean.py"]
    assert decide(judgement, WARN).state == "failed"


def test_a_merge_that_undoes_fixes_of_the_target_is_what_it_adds(tmp_path: Path) -> None:
    """1 fixes the target's file; 2 is an empty head from 0; 3 merges 1 but keeps the head's tree."""
    kept = {"shop/bad.py": BAD}
    commits = [Commit(BASE), Commit({"shop/bad.py": CLEAN}), Commit({}, (0,)), Commit(kept, (1, 2))]
    judgement = judge(tmp_path, commits, target=1)

    assert [found.path for found in judgement.new] == ["shop/bad.py"]
    assert decide(judgement, WARN).state == "failed"


def test_a_rewritten_history_is_compared_with_where_it_parted(tmp_path: Path) -> None:
    """The same change, rebased on an older commit: the base moves along, and the change stays the same."""
    commits = [Commit(BASE), Commit({"shop/bad.py": CLEAN}), Commit(PLAIN, (1,)), Commit(PLAIN, (0,))]
    for number, head in enumerate((2, 3)):
        judgement = judge(tmp_path / str(number), commits, target=1, head=head)
        assert [found.path for found in judgement.new] == ["shop/clean.py"]


def test_replaced_and_grafted_commits_are_read_as_they_are(tmp_path: Path) -> None:
    shas = write_history(tmp_path / "r.git", [Commit(BASE), Commit(PLAIN), Commit(BASE)])
    (tmp_path / "r.git/refs/replace").mkdir()
    (tmp_path / "r.git/refs/replace" / shas[1]).write_text(shas[2] + "\n")
    with open_repository(str(tmp_path / "r.git"), complete=True) as git, Walker(git, PLAN) as walker:
        judgement = Judge(git, PLAN, walker).judge(Base(shas[0], ""), shas[1])

    assert decide(judgement, WARN).state == "failed"
