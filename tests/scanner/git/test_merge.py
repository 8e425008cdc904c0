"""Merging two commits without a checkout: what comes out, and that nothing in them has a say in how."""

import os
import subprocess
from pathlib import Path

import pytest

from scanner.git import merge
from scanner.git.command import GitError
from scanner.git.merge import MergeUnsupportedError, merge_workspace
from scanner.git.repository import Repository, open_repository
from tests.scanner.gitdir import git
from tests.scanner.history import LINK, Commit, Entry, write_history

LINES = "".join(f"line {number}\n" for number in range(20))
Files = dict[str, Entry]


def forked(folder: Path, base: Files, ours: Files, theirs: Files) -> tuple[str, str]:
    """A target and a head that left it at a commit with the files `base`."""
    commits = [Commit(base), Commit(ours), Commit(theirs, parents=(0,)), Commit({}, parents=(1, 2))]
    return tuple(write_history(folder, commits)[1:3])  # type: ignore[return-value]


def objects(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def content(repository: Repository, sha: str) -> dict[str, bytes]:
    blobs = dict(repository.files(sha))
    texts = dict(repository.blobs(blobs.values(), 1 << 20))
    return {path.decode(): texts[blob] for path, blob in blobs.items()}  # type: ignore[misc]


def test_both_changes_are_in_the_result_and_the_repository_is_as_it_was(tmp_path: Path) -> None:
    ours, theirs = LINES.replace("line 2\n", "ours\n"), LINES.replace("line 17\n", "theirs\n")
    folder = tmp_path / "r.git"
    target, head = forked(
        folder, {"a.py": LINES, "b.py": "b\n"}, {"a.py": ours, "c.py": "c\n"}, {"a.py": theirs, "b.py": None}
    )
    before = objects(folder)
    with open_repository(str(folder)) as repository, merge_workspace(repository) as workspace:
        merged = workspace.merge(target, head)
        assert (merged.conflicts, merged.problem) == ((), "")
        both = ours.replace("line 17\n", "theirs\n").encode()
        assert content(workspace.repository, merged.commit) == {"a.py": both, "c.py": b"c\n"}
        revision = workspace.repository.revision(merged.commit)
        assert revision.parents == (target, head)
        assert revision.committed_at == max(repository.revision(sha).committed_at for sha in (target, head))
        assert workspace.merge(target, head) == merged
        assert [change.path for change in workspace.repository.changes(target, merged.commit)] == [
            b"a.py",
            b"b.py",
        ]
        assert not repository.has(merged.commit)
    assert objects(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["r.git"]


def test_a_file_that_one_side_moves_has_the_changes_of_the_other(tmp_path: Path) -> None:
    theirs = LINES.replace("line 5\n", "theirs\n")
    target, head = forked(
        tmp_path / "r.git", {"a.py": LINES}, {"a.py": None, "d/b.py": LINES}, {"a.py": theirs}
    )
    with open_repository(str(tmp_path / "r.git")) as repository, merge_workspace(repository) as workspace:
        merged = workspace.merge(target, head)
        assert content(workspace.repository, merged.commit) == {"d/b.py": theirs.encode()}


def test_a_head_that_the_target_contains_and_one_that_contains_it_need_no_merge(tmp_path: Path) -> None:
    base, later = write_history(tmp_path / "r.git", [Commit({"a.py": "1"}), Commit({"a.py": "2"})])
    with open_repository(str(tmp_path / "r.git")) as repository, merge_workspace(repository) as workspace:
        assert workspace.merge(base, later).commit == later
        assert workspace.merge(later, base).commit == later


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "conflicts"),
    [
        ({"a.py": "1\n"}, {"a.py": "2\n"}, {"a.py": "3\n"}, ("a.py",)),
        ({"a.py": "1\n"}, {"a.py": None}, {"a.py": "3\n"}, ("a.py",)),
        ({}, {"a.py": "2\n"}, {"a.py": "3\n"}, ("a.py",)),
        ({"a.py": "1\n"}, {"a.py": (LINK, b"x")}, {"a.py": "3\n"}, None),
        ({"x": "1"}, {"a": "2\n"}, {"a/b.py": "3\n"}, None),
        (
            {f"{n}.py": "1\n" for n in range(30)},
            {f"{n}.py": "2\n" for n in range(30)},
            {f"{n}.py": "3\n" for n in range(30)},
            tuple(sorted(f"{n}.py" for n in range(30))[:20]),
        ),
    ],
)
def test_a_conflict_has_no_result(
    tmp_path: Path, base: Files, ours: Files, theirs: Files, conflicts: tuple[str, ...] | None
) -> None:
    target, head = forked(tmp_path / "r.git", {"z.py": "z\n", **base}, ours, theirs)
    with open_repository(str(tmp_path / "r.git")) as repository, merge_workspace(repository) as workspace:
        merged = workspace.merge(target, head)
        assert (merged.commit, merged.problem) == ("", "")
        assert merged.conflicts if conflicts is None else merged.conflicts == conflicts


def test_histories_without_a_common_ancestor_are_not_merged(tmp_path: Path) -> None:
    target, head, _ = write_history(
        tmp_path / "r.git", [Commit({"a.py": "1"}), Commit({"b.py": "2"}, parents=()), Commit({}, (0, 1))]
    )
    with open_repository(str(tmp_path / "r.git")) as repository, merge_workspace(repository) as workspace:
        assert workspace.merge(target, head) == merge.Merge(problem="the commits have no common ancestor")


def test_attributes_and_configuration_of_the_repository_change_nothing_and_run_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = tmp_path / "ran"
    attributes = "*.py merge=evil filter=evil diff=evil\n*.txt merge=union\n*.md merge=binary\n"
    base: Files = {".gitattributes": attributes, "a.py": "1\n", "a.txt": "1\n", "a.md": LINES, "b.py": LINES}
    target, head = forked(
        tmp_path / "r.git",
        base,
        {
            "a.py": "2\n",
            "a.txt": "2\n",
            "a.md": LINES.replace("line 1\n", "x\n"),
            "b.py": None,
            "c.py": LINES,
        },
        {"a.py": "3\n", "a.txt": "3\n", "a.md": LINES.replace("line 18\n", "y\n"), "b.py": LINES + "more\n"},
    )
    folder, home = tmp_path / "r.git", tmp_path / "home"
    driver = f'touch "{ran}"; cat %B > %A'
    for name, value in {
        "merge.evil.driver": driver,
        "merge.default": "evil",
        "filter.evil.clean": f'touch "{ran}"',
        "filter.evil.smudge": f'touch "{ran}"',
        "diff.evil.command": f'touch "{ran}"',
        "merge.renames": "false",
        "core.hooksPath": str(tmp_path),
    }.items():
        git(folder, "config", name, value)
    (folder / "info").mkdir(exist_ok=True)
    (folder / "info" / "attributes").write_text(attributes)
    for place in (home / ".config" / "git", home / "git"):
        place.mkdir(parents=True)
        (place / "attributes").write_text("* merge=union\n")
    (home / ".gitconfig").write_text((folder / "config").read_text())
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    with open_repository(str(folder)) as repository, merge_workspace(repository) as workspace:
        assert workspace.merge(target, head).conflicts == ("a.py", "a.txt")
    assert not ran.exists()


def test_a_large_file_that_both_sides_changed_is_not_merged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merge, "LARGEST", 1000)
    large = LINES * 20
    target, head = forked(
        tmp_path / "r.git",
        {"a.py": large, "b.py": large},
        {"a.py": "ours\n" + large, "b.py": "same"},
        {"a.py": large + "theirs\n", "b.py": "same"},
    )
    with open_repository(str(tmp_path / "r.git")) as repository, merge_workspace(repository) as workspace:
        merged = workspace.merge(target, head)
        assert merged.problem.startswith("both sides changed a.py, which is not merged: ")
        assert "more than the limit of 1,000" in merged.problem


def test_a_merge_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target, head = forked(tmp_path / "r.git", {"a.py": "1\n"}, {"b.py": "1\n"}, {"c.py": "1\n"})
    with open_repository(str(tmp_path / "r.git")) as repository, merge_workspace(repository) as workspace:
        _answer(tmp_path, monkeypatch, "exec sleep 60")
        monkeypatch.setattr(merge, "MOST_SECONDS", 0.2)
        assert workspace.merge(target, head).problem == "git did not merge them within 0.2 seconds"


def test_an_old_git_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target, head = forked(tmp_path / "r.git", {"a.py": "1\n"}, {"b.py": "1\n"}, {"c.py": "1\n"})
    with open_repository(str(tmp_path / "r.git")) as repository, merge_workspace(repository) as workspace:
        _answer(
            tmp_path,
            monkeypatch,
            "echo 'usage: git merge-tree <base-tree> <branch1> <branch2>' >&2; exit 129",
        )
        with pytest.raises(MergeUnsupportedError, match=r"git version 2\..*: install git 2.38 or newer"):
            workspace.merge(target, head)


def test_a_damaged_repository_is_an_error(tmp_path: Path) -> None:
    target, head = forked(tmp_path / "r.git", {"a.py": LINES}, {"a.py": LINES + "1"}, {"a.py": "2" + LINES})
    blob = git(tmp_path / "r.git", "rev-parse", f"{head}:a.py")
    (tmp_path / "r.git" / "objects" / blob[:2] / blob[2:]).unlink()
    with open_repository(str(tmp_path / "r.git")) as repository, merge_workspace(repository) as workspace:
        assert "missing" in workspace.merge(target, head).problem
        (tmp_path / "r.git" / "objects" / head[:2] / head[2:]).unlink()
        with pytest.raises(GitError):
            workspace.merge(target, head)


def _answer(folder: Path, monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    """Put a git before the real one that answers `merge-tree` like this."""
    real = subprocess.run(["sh", "-c", "command -v git"], check=True, capture_output=True, text=True).stdout
    program = folder / "bin" / "git"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\ncase " $* " in *" merge-tree "*) {words};; esac\nexec {real.strip()} "$@"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
