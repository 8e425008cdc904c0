"""`python -m scanner` as a person or a script runs it: real repositories, real processes, real exit codes."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.scanner.command import PROJECT, run
from tests.scanner.gitdir import GitDir

pytestmark = pytest.mark.slow

PLAN = """\
version: 1
name: Small
target_percent: 90
scope: {exclude: ["vendor/**"]}
categories: {test: ["tests/**"]}
rules:
  - {id: old, kind: deprecated-symbol, symbols: [pkg.old.get], message: Use new,
     risk: {call: high, import: low}}
issues:
  - {key: "#1", title: All, phases: [{id: tests, title: Tests, categories: [test]}, {id: rest, title: Rest}]}
"""
USE = "from pkg.old import get\n\n\ndef run():\n    return get()\n"
CLEAN = "def run():\n    return 1\n"


def build(path: Path) -> GitDir:
    """Four commits: a use, a second one and one in tests, a fix, and a plan."""
    made = GitDir.create(path)
    made.commit("Begin", {"pkg/__init__.py": "", "pkg/old.py": "def get():\n    return 1\n", "app/a.py": USE})
    made.commit("Use it more", {"app/b.py": USE, "tests/test_a.py": USE, "vendor/v.py": USE})
    made.commit("Put one right", {"app/a.py": CLEAN})
    made.commit("Plan the rest", {"ssot-plan.yaml": PLAN})
    return made


@pytest.fixture
def repo(tmp_path: Path) -> GitDir:
    return build(tmp_path / "repo")


def test_scan_prints_findings_by_file_and_ends_with_0(repo: GitDir) -> None:
    ran = run("scan", repo.path)
    lines = ran.out.splitlines()
    assert (ran.code, ran.err) == (0, "")
    assert lines[0] == "app/b.py"
    assert "5:12  high      old/call  return get()  Use new" in lines[2]
    assert lines[-1] == "50.0% compliant (2 of 4 files) · 3 violations in 2 files · sites 0 old, 0 new"
    assert "vendor" not in ran.out
    assert "\x1b" not in ran.out


def test_scan_as_json_agrees_with_itself(repo: GitDir) -> None:
    value = run("scan", repo.path, "--format", "json").value
    assert value["commit"] == repo.git("rev-parse", "HEAD")
    assert value["compliance"] == {"percent": 50.0, "clean": 2, "files": 4, "categories": ["production"]}
    counted = [finding for finding in value["findings"] if finding["category"] == "production"]
    assert value["violations"] == len(counted) == sum(value["by"]["rule"].values())
    assert value["files_with_violations"] == len({finding["path"] for finding in counted})
    assert value["by"]["category"] == {"test": 2, "production": 3}
    assert value["by"]["phase"] == {"tests": 2, "rest": 3}
    assert value["by"]["issue"] == {"#1": 5}
    assert all(finding["fingerprint"] for finding in value["findings"])


def test_scan_as_sarif_is_one_document(repo: GitDir) -> None:
    ran = run("scan", repo.path, "--format", "sarif")
    assert ran.value["version"] == "2.1.0"
    assert len(ran.value["runs"][0]["results"]) == 5


def test_an_older_revision_is_read_with_the_plan_that_is_given(repo: GitDir, tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(PLAN)
    value = run("scan", repo.path, "--rev", "HEAD~3", "--plan", plan, "--format", "json").value
    assert {finding["path"] for finding in value["findings"]} == {"app/a.py", "pkg/old.py"}


def test_a_bare_repository_and_a_subfolder_are_read_too(repo: GitDir, tmp_path: Path) -> None:
    repo.git("clone", "-q", "--bare", str(repo.path), str(tmp_path / "bare.git"))
    whole = run("scan", repo.path, "--format", "json").out
    assert run("scan", tmp_path / "bare.git", "--format", "json").out == whole
    assert run("scan", repo.path / "app", "--format", "json").out == whole


def test_a_dated_suppression_holds_by_the_commits_own_day_or_by_the_day_asked_for(repo: GitDir) -> None:
    ignore = "  # ssot: ignore[old] until=2025-09-10 because the order service moves first"
    repo.commit("Wait", {"app/b.py": USE.replace("get()\n", f"get(){ignore}\n")})
    own = run("scan", repo.path, "--format", "json").value
    assert (own["violations"], own["suppressed"]) == (2, 1)
    (silenced,) = [finding for finding in own["findings"] if finding["suppressed"]]
    assert silenced["reason"] == "the order service moves first"
    assert run("scan", repo.path, "--format", "json", "--as-of", "2025-09-10").value["suppressed"] == 1
    late = run("scan", repo.path, "--format", "json", "--as-of", "2025-09-11").value
    assert (late["violations"], late["suppressed"]) == (3, 0)
    assert run("check", repo.path, "--base", "HEAD~1", "--as-of", "2025-09-11").code == 0


def test_history_is_one_row_a_commit_oldest_first(repo: GitDir) -> None:
    ran = run("history", repo.path, "--format", "json")
    rows = [json.loads(line) for line in ran.out.splitlines()]
    assert [row["subject"] for row in rows] == ["Begin", "Use it more", "Put one right", "Plan the rest"]
    assert [(row["new"], row["fixed"]) for row in rows] == [(3, 0), (2, 0), (0, 2), (0, 0)]
    assert [row["violations"] for row in rows] == [3, 5, 3, 3]
    assert rows[0]["committed_at"] == "2025-09-01T12:00:00+00:00"
    assert rows[-1]["author"] == "Alice"
    assert ran.err == ""


def test_each_row_of_a_history_equals_the_scan_of_its_commit(repo: GitDir, tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(PLAN)
    for line in run("history", repo.path, "--format", "json").out.splitlines():
        row = json.loads(line)
        scan = run("scan", repo.path, "--rev", row["commit"], "--plan", plan, "--format", "json").value
        del scan["findings"]
        assert scan.items() <= row.items()


def test_history_since_a_day_still_says_what_its_first_commit_changed(repo: GitDir) -> None:
    rows = list(
        csv.DictReader(run("history", repo.path, "--format", "csv", "--since", "2025-09-03").out.splitlines())
    )
    assert [(row["subject"], row["new"], row["fixed"]) for row in rows] == [
        ("Put one right", "0", "2"),
        ("Plan the rest", "0", "0"),
    ]


def test_history_as_text_has_a_line_a_commit(repo: GitDir) -> None:
    assert [line[:10] for line in run("history", repo.path).out.splitlines()] == [
        f"2025-09-0{day}" for day in (1, 2, 3, 4)
    ]


def test_check_ends_with_0_where_nothing_is_new(repo: GitDir) -> None:
    repo.commit("Move it down", {"app/b.py": "# one more line\n" + USE})
    ran = run("check", repo.path, "--base", "HEAD~1")
    assert ran.code == 0
    assert ran.out.splitlines()[-1] == "0 new, 0 fixed, 2 moved"


def test_check_ends_with_1_and_shows_what_is_new(repo: GitDir) -> None:
    repo.commit("Worse", {"app/c.py": USE})
    ran = run("check", repo.path, "--base", "HEAD~1")
    assert ran.code == 1
    assert ran.out.splitlines()[0] == "app/c.py"
    assert "app/b.py" not in ran.out
    assert run("check", repo.path, "--base", "HEAD~1", "--format", "sarif").code == 1


def test_check_counts_a_swap_as_one_fixed_and_one_new(repo: GitDir) -> None:
    swapped = USE.replace("run", "walk").replace("return get()", "value = get()\n    return value")
    repo.commit("Swap", {"app/b.py": CLEAN, "app/d.py": swapped})
    value = run("check", repo.path, "--base", "HEAD~1", "--format", "json").value
    assert [finding["role"] for finding in value["new"]] == ["import", "call"]
    assert [finding["role"] for finding in value["fixed"]] == ["import", "call"]


def test_check_of_a_diverged_branch_uses_the_place_where_it_parted_and_says_so(repo: GitDir) -> None:
    parted = repo.git("rev-parse", "HEAD")
    repo.git("checkout", "-q", "-b", "work")
    repo.commit("Mine", {"app/mine.py": CLEAN})
    repo.git("checkout", "-q", "main")
    repo.commit("Fixed by others", {"app/b.py": CLEAN})
    ran = run("check", repo.path, "--base", "main", "--head", "work", "--format", "json")
    assert ran.code == 0
    assert ran.value["base"] == parted
    assert ran.value["base_reason"].startswith("the merge base of work and main")


def test_check_of_a_diverged_branch_finds_what_it_brought_though_the_base_has_it_too(repo: GitDir) -> None:
    parted = repo.git("rev-parse", "HEAD")
    repo.git("checkout", "-q", "-b", "work")
    repo.commit("Mine", {"app/c.py": USE, "app/b.py": CLEAN})
    repo.git("checkout", "-q", "main")
    repo.commit("The same by others", {"app/c.py": USE})
    ran = run("check", repo.path, "--base", "main", "--head", "work", "--format", "json")
    assert (ran.code, ran.value["base"]) == (1, parted)
    assert {finding["path"] for finding in ran.value["new"]} == {"app/c.py"}
    assert {finding["path"] for finding in ran.value["fixed"]} == {"app/b.py"}


def test_check_says_why_a_base_that_is_an_ancestor_is_taken(repo: GitDir) -> None:
    repo.commit("Nothing more")
    assert "HEAD~1, an ancestor of HEAD" in run("check", repo.path, "--base", "HEAD~1").out
    assert "which HEAD already contains" in run("check", repo.path, "--base", "HEAD", "--head", "HEAD~1").out


def test_check_never_says_0_of_a_file_that_it_cannot_read(repo: GitDir) -> None:
    repo.commit("Broken", {"app/c.py": b"from pkg.old import get\n\0\n"})
    ran = run("check", repo.path, "--base", "HEAD~1")
    assert ran.code == 2
    assert "app/c.py: cannot be judged" in ran.out


def test_check_of_unrelated_histories_cannot_tell(repo: GitDir) -> None:
    repo.git("checkout", "-q", "--orphan", "other")
    repo.commit("Another beginning")
    ran = run("check", repo.path, "--base", "main")
    assert ran.code == 2
    assert "no common ancestor" in ran.err
    assert ran.out == ""


def test_plan_show_is_a_tree_with_counts(repo: GitDir) -> None:
    assert run("plan", "show", repo.path).out.splitlines() == [
        "Small · 50.0% compliant (2 of 4 files) · target 90%",
        "├── #1 All: 5 in 3 files",
        "│   ├── tests · Tests: 2 in 1 file",
        "│   │   └── old: 2",
        "│   └── rest · Rest: 3 in 2 files",
        "│       └── old: 3",
        "└── all rules: 5 in 3 files",
        "    └── old (deprecated-symbol): 5",
    ]


def test_plan_check_warns_of_what_has_no_effect(repo: GitDir, tmp_path: Path) -> None:
    clean = run("plan", "check", repo.path)
    assert (clean.code, clean.err) == (0, "")
    assert clean.out.startswith("Small: no errors at ")
    assert "1 rule, 1 issue, 2 phases" in clean.out
    plan = tmp_path / "idle.yaml"
    plan.write_text(
        PLAN.replace('["tests/**"]}', '["tests/**"], e2e: ["e2e/**"]}')
        .replace("rules:\n", "rules:\n  - {id: gone, kind: deprecated-symbol, symbols: [pkg.x.y]}\n", 1)
        .replace("issues:\n", 'issues:\n  - {key: "#2", title: None, rules: [gone]}\n')
        .replace("[{id: tests", "[{id: crit, title: C, risks: [critical]}, {id: tests")
        + 'suites: {s: {match: ["none/**"]}}\nrisk_overrides: [{paths: ["x/**"], risk: low}]\n'
    )
    ran = run("plan", "check", repo.path, "--plan", plan)
    assert ran.code == 0
    assert ran.err.splitlines() == [
        "warning: rule `gone` matches nothing",
        "warning: risk_overrides[0] does not change the risk of any finding",
        "warning: category `e2e` contains no files: none match it, or earlier categories include them",
        "warning: issue `#2` includes no findings",
        "warning: phase `crit` of issue `#1` includes no findings",
        "warning: suite `s` matches no file",
    ]


def test_plan_check_of_a_lone_file_names_its_errors(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(PLAN)
    assert run("plan", "check", plan).code == 0
    plan.write_text(PLAN.replace("target_percent", "target_percnt").replace("risk: {call", "risk: {cal"))
    ran = run("plan", "check", plan)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.splitlines() == [
        f"{plan}:3: target_percnt: unknown key `target_percnt`; did you mean `target_percent`?",
        f"{plan}:8: rules[0].risk.cal: unknown role `cal` of the kind `deprecated-symbol`; "
        "did you mean `call`?",
        "2 errors in the plan; nothing was scanned",
    ]


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return every kind of path that cannot be read. No process writes to any of them."""
    place = tmp_path_factory.mktemp("bad")
    repo = build(place / "repo")
    GitDir.create(place / "empty")
    unborn = GitDir.create(place / "unborn")
    unborn.commit("Something")
    unborn.git("symbolic-ref", "HEAD", "refs/heads/nowhere")
    (place / "folder").mkdir()
    (place / "broken.yaml").write_text("version: 1\nname: [")
    (place / "nothing.yaml").write_text(
        PLAN.replace("scope: {exclude", "scope: {include: [none/**], exclude")
    )
    (place / "plan.yaml").write_text(PLAN)
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("clone", "-q", "--depth", "2", f"file://{repo.path}", str(place / "shallow"))
    repo.git("clone", "-q", "--bare", "--filter=blob:none", f"file://{repo.path}", str(place / "partial"))
    return {file.name: file for file in place.iterdir()} | {"none": place / "none"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("scan", "{none}"), "no such folder"),
        (("scan", "{folder}"), "is not a git repository"),
        (("scan", "{empty}"), "has no commits yet"),
        (("scan", "{unborn}"), "HEAD is on a branch without a commit; name a revision; it has main"),
        (("scan", "{repo}", "--rev", "nope"), "there is no commit 'nope'; it has main"),
        (("scan", "{repo}", "--rev", "--output=x"), "expected one argument"),
        (("scan", "{repo}", "--rev=--output=x"), "there is no commit '--output=x'"),
        (("scan", "{repo}", "--rev", "HEAD~2"), "no plan: ssot-plan.yaml is not a file in this commit"),
        (("scan", "{repo}", "--plan", "{none}"), "cannot be read: No such file or directory"),
        (("scan", "{repo}", "--plan", "{folder}"), "cannot be read: Is a directory"),
        (("scan", "{repo}", "--plan", "{broken.yaml}"), "broken.yaml:2: is not valid YAML"),
        (("scan", "{repo}", "--plan", "{nothing.yaml}"), "includes none of the 7 files"),
        (("history", "{repo}", "--plan", "{nothing.yaml}"), "includes none of the 7 files"),
        (("check", "{repo}", "--base", "HEAD~1", "--plan", "{nothing.yaml}"), "includes none of the 7 files"),
        (("scan", "{partial}", "--plan", "{plan.yaml}"), "is a partial clone without the contents"),
        (("history", "{partial}", "--plan", "{plan.yaml}"), "is a partial clone"),
        (("check", "{partial}", "--base", "HEAD~1", "--plan", "{plan.yaml}"), "is a partial clone"),
        (("history", "{shallow}"), "is a shallow clone: its history ends at"),
        (("check", "{shallow}", "--base", "HEAD~3"), "there is no commit 'HEAD~3'"),
        (("history", "{repo}", "--since", "2030-01-01"), "no commit of HEAD was made since 2030-01-01"),
        (("history", "{repo}", "--since", "yesterday"), "'yesterday' is not a date"),
        (("scan", "{repo}", "--format", "csv"), "invalid choice: 'csv'"),
        (("plan", "check", "{plan.yaml}", "--plan", "{plan.yaml}"), "give only one of them"),
        (("check", "{repo}"), "required: --base"),
        ((), "required: COMMAND"),
    ],
)
def test_bad_input_has_its_own_message_and_ends_with_2(
    bad: dict[str, Path], arguments: tuple[str, ...], words: str
) -> None:
    filled = [str(bad[a[1:-1]]) if a.startswith("{") else a for a in arguments]
    ran = run(*filled)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
    assert "Traceback" not in ran.err


def test_a_shallow_clone_can_be_scanned(bad: dict[str, Path]) -> None:
    assert run("scan", bad["shallow"], "--format", "json").value["violations"] == 3


def test_an_interrupt_ends_with_130_and_one_word(repo: GitDir, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "plan")  # nobody writes, so the run waits until it is interrupted
    command = [sys.executable, "-m", "scanner", "scan", str(repo.path), "--plan", str(tmp_path / "plan")]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 20
        while not _opens_a_pipe(process.pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        try:
            out, err = process.communicate(timeout=20)
        finally:
            process.kill()
    assert (process.returncode, out, err) == (130, b"", b"interrupted\n")


def _opens_a_pipe(pid: int) -> bool:
    """Return true if the process is waiting in the system call openat (x86-64 or arm64)."""
    return Path(f"/proc/{pid}/syscall").read_text().split()[0] in ("257", "56")


def test_a_reader_that_leaves_early_gets_no_complaint(repo: GitDir) -> None:
    command = f"{sys.executable} -m scanner history {repo.path} --format json | head -n 1"
    done = subprocess.run(["bash", "-c", command], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["subject"] == "Begin"
    assert done.stderr == ""


IGNORED = USE.replace("get()\n", "get()  # ssot: ignore[old] because the order service moves first\n")


def test_check_shows_what_a_change_suppresses_be_it_old_or_new(repo: GitDir) -> None:
    repo.commit("Silence", {"app/b.py": IGNORED, "app/new.py": IGNORED.replace("def run", "def other")})
    ran = run("check", repo.path, "--base", "HEAD~1", "--format", "json")
    assert [f["path"] for f in ran.value["suppressed"]] == ["app/b.py", "app/new.py"]
    assert (ran.code, ran.value["fixed"]) == (1, [])  # the import in the new file counts
    text = run("check", repo.path, "--base", "HEAD~1").out
    assert text.splitlines()[-1] == "1 new, 0 fixed, 0 moved, 2 suppressed"
    assert "(suppressed: the order service moves first)" in text


def test_check_fails_where_a_comment_is_taken_away_and_not_where_it_ran_out(repo: GitDir) -> None:
    repo.commit("Silence", {"app/b.py": IGNORED})
    repo.commit("Speak", {"app/b.py": USE})
    ran = run("check", repo.path, "--base", "HEAD~1", "--format", "json")
    assert (ran.code, ran.value["new"], len(ran.value["restored"])) == (1, [], 1)
    assert run("check", repo.path, "--base", "HEAD~1").out.splitlines()[-1].endswith(", 1 counting again")


def test_check_blames_no_change_for_a_suppression_whose_day_is_over(repo: GitDir) -> None:
    repo.commit("Silence", {"app/b.py": IGNORED.replace("] because", "] until=2025-09-05 because")})
    repo.commit("Something else", {"app/c.py": CLEAN})
    ran = run("check", repo.path, "--base", "HEAD~1", "--format", "json")
    assert (ran.code, len(ran.value["restored"]), ran.value["ran_out"]) == (0, 1, ran.value["restored"])
    (*_, row) = map(json.loads, run("history", repo.path, "--format", "json").out.splitlines())
    assert (row["new"], row["fixed"], row["newly_suppressed"], row["restored"]) == (0, 0, 0, 1)


def test_history_tells_suppressed_from_fixed(repo: GitDir) -> None:
    repo.commit("Silence", {"app/b.py": IGNORED})
    *_, before, row = map(json.loads, run("history", repo.path, "--format", "json").out.splitlines())
    assert (row["new"], row["fixed"], row["newly_suppressed"], row["restored"]) == (0, 0, 1, 0)
    assert row["violations"] == before["violations"] - 1
    assert " (1 suppressed) Alice Silence" in run("history", repo.path).out.splitlines()[-1]
