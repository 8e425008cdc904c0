"""Reading real repositories: what is asked, what is there, and what a person is told when it is not."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scanner import (
    DamagedRepositoryError,
    EmptyRepositoryError,
    NotARepositoryError,
    UnknownRevisionError,
    decode_path,
    open_repository,
)
from scanner.git.batch import BlobChange, Missing
from tests.scanner.gitdir import git
from tests.scanner.history import EXECUTABLE, LINK, SUBMODULE, Commit, Entry, write_history

STRANGE = (
    b"a b.py",
    b"new\nline.py",
    b"--option.py",
    b"\xff\xfe.py",
    b"back\\slash.py",
    b'quote".py',
    b"end\n",
)


def test_a_folder_without_a_repository_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(NotARepositoryError, match="is not a git repository; it is empty"):
        open_repository(str(tmp_path))
    with pytest.raises(NotARepositoryError, match="no such folder"):
        open_repository(str(tmp_path / "nowhere"))


def test_a_repository_without_a_commit_is_empty(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    with (
        open_repository(str(tmp_path)) as repository,
        pytest.raises(EmptyRepositoryError, match="no commits yet"),
    ):
        repository.resolve()


def test_an_unborn_branch_offers_the_branches_that_are_there(tmp_path: Path) -> None:
    (sha,) = write_history(tmp_path / "r.git", [Commit({"a.py": "x"})])
    git(tmp_path / "r.git", "symbolic-ref", "HEAD", "refs/heads/other")
    with open_repository(str(tmp_path / "r.git")) as repository:
        with pytest.raises(EmptyRepositoryError, match="it has main"):
            repository.resolve()
        assert repository.resolve("main") == sha


@pytest.mark.parametrize("name", ["nowhere", "--all", "-n1", "0" * 40, "main^{tree}", ""])
def test_an_unknown_revision_is_refused_whatever_it_looks_like(tmp_path: Path, name: str) -> None:
    write_history(tmp_path / "r.git", [Commit({"a.py": "x"})])
    with (
        open_repository(str(tmp_path / "r.git")) as repository,
        pytest.raises(UnknownRevisionError, match="no commit"),
    ):
        repository.resolve(name)


def test_a_folder_inside_a_work_tree_finds_its_repository(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "inner").mkdir()
    with open_repository(str(tmp_path / "inner")) as repository:
        assert repository.git_dir == str(tmp_path / ".git")


def test_a_repository_of_another_user_is_explained_and_one_that_the_user_trusts_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (sha,) = write_history(tmp_path / "r.git", [Commit({"a.py": "x"})])
    # git's own switch, because only root could give the folder to somebody else.
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SUDO_UID", raising=False)
    with pytest.raises(NotARepositoryError, match="belongs to another user"):
        open_repository(str(tmp_path / "r.git"))
    (tmp_path / ".gitconfig").write_text(f"[safe]\n\tdirectory = {tmp_path / 'r.git'}\n")
    with open_repository(str(tmp_path / "r.git")) as repository:
        assert repository.resolve() == sha


def test_files_are_regular_files_by_bytes(tmp_path: Path) -> None:
    files = dict.fromkeys(STRANGE, b"x")
    tree: dict[bytes, Entry] = {
        **files,
        b"run.py": (EXECUTABLE, b"x"),
        b"link.py": (LINK, b"run.py"),
        b"sub": (SUBMODULE, b"1" * 40),
    }
    (sha,) = write_history(tmp_path / "r.git", [Commit(tree)])
    with open_repository(str(tmp_path / "r.git")) as repository:
        assert {path for path, _ in repository.files(sha)} == {*STRANGE, b"run.py"}
        for name in STRANGE:
            assert repository.content(sha, decode_path(name)) == b"x"
        assert isinstance(repository.content(sha, decode_path(b"link.py")), Missing)


def test_changes_go_both_ways_and_know_what_is_no_file(tmp_path: Path) -> None:
    shas = write_history(
        tmp_path / "r.git",
        [
            Commit({b"a.py": b"1", b"b.py": b"2", b"c.py": b"3", **dict.fromkeys(STRANGE, b"s")}),
            Commit({b"a.py": b"1+", b"b.py": (LINK, b"a.py"), b"c.py": (EXECUTABLE, b"3"), STRANGE[1]: None}),
            Commit({b"a.py": None, b"a.py/inner.py": b"4"}),
        ],
    )
    with open_repository(str(tmp_path / "r.git")) as repository:
        first = {change.path: change for change in repository.changes(shas[0], shas[1])}
        assert set(first) == {b"a.py", b"b.py", STRANGE[1]}
        assert first[b"b.py"].after is None
        back = {BlobChange(c.path, c.after, c.before) for c in repository.changes(shas[1], shas[0])}
        assert back == set(first.values())
        assert {c.path for c in repository.changes(shas[1], shas[2])} == {b"a.py", b"a.py/inner.py"}
        assert repository.changes(shas[0], shas[0]) == []


def test_contents_come_in_order_and_what_is_too_large_is_not_read(tmp_path: Path) -> None:
    texts = {f"{number}.py": str(number) * number for number in range(1200)}
    (sha,) = write_history(tmp_path / "r.git", [Commit(texts)])
    with open_repository(str(tmp_path / "r.git")) as repository:
        files = [(path.decode(), blob) for path, blob in repository.files(sha)]
        asked = [blob for _, blob in files]
        found = list(repository.blobs([*asked, "1" * 40], 2000))
        assert [blob for blob, _ in found] == [*asked, "1" * 40]
        for (path, _), (_, content) in zip(files, found, strict=False):
            raw = texts[path].encode()
            assert content == (
                raw if len(raw) <= 2000 else Missing(f"{len(raw):,} bytes, more than the limit of 2,000")
            )
        assert "missing" in str(found[-1][1])


def test_an_object_that_is_corrupt_costs_itself_alone(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    for name in "abc":
        (tmp_path / f"{name}.py").write_text(name * 100)
    git(tmp_path, "add", ".")
    blobs = [git(tmp_path, "rev-parse", f":{name}.py") for name in "abc"]
    broken = tmp_path / ".git" / "objects" / blobs[1][:2] / blobs[1][2:]
    raw = broken.read_bytes()
    broken.chmod(0o600)
    broken.write_bytes(raw[:-4] + b"\0\0\0\0")
    with open_repository(str(tmp_path)) as repository:
        found = [content for _, content in repository.blobs(blobs, 1000)]
        assert (found[0], found[2]) == (b"a" * 100, b"c" * 100)
        assert isinstance(found[1], Missing)
        assert [content for _, content in repository.blobs(blobs[:1], 1000)] == [b"a" * 100]


def test_a_lost_content_leaves_equal_contents_as_the_only_renames(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    as_ann = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
    text = "".join(f"line_{number} = {number}\n" for number in range(40))
    (tmp_path / "a.py").write_text(text)
    git(tmp_path, "add", ".")
    git(tmp_path, *as_ann, "commit", "-qm", "Begin")
    (tmp_path / "a.py").unlink()
    (tmp_path / "b.py").write_text(text + "more = 1\n")
    git(tmp_path, "add", ".")
    git(tmp_path, *as_ann, "commit", "-qm", "Rename")
    with open_repository(str(tmp_path)) as repository:
        before, after = repository.resolve("HEAD~1"), repository.resolve("HEAD")
        assert repository.renames(before, after, [b"a.py", b"b.py"]) == {b"b.py": b"a.py"}
        blob = git(tmp_path, "rev-parse", "HEAD:b.py")
        (tmp_path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
        assert repository.renames(before, after, [b"a.py", b"b.py"]) == {}


def test_a_partial_clone_lists_what_it_lacks_and_fetches_nothing(tmp_path: Path) -> None:
    write_history(tmp_path / "r.git", [Commit({"a.py": "x = 1\n"})])
    git(tmp_path / "r.git", "config", "uploadpack.allowFilter", "true")
    source = f"file://{tmp_path / 'r.git'}"
    git(tmp_path, "clone", "-q", "--bare", "--filter=blob:none", source, str(tmp_path / "partial.git"))
    with open_repository(str(tmp_path / "partial.git")) as repository:
        ((_, blob),) = repository.files(repository.resolve())
        for _, content in repository.blobs([blob] * 600, 1000):
            assert isinstance(content, Missing)
            assert "is a partial clone" in content.reason


def test_a_shallow_clone_has_the_line_that_it_has(tmp_path: Path) -> None:
    shas = write_history(tmp_path / "r.git", [Commit({"a.py": str(number)}) for number in range(4)])
    git(
        tmp_path,
        "clone",
        "-q",
        "--bare",
        "--depth=2",
        f"file://{tmp_path / 'r.git'}",
        str(tmp_path / "s.git"),
    )
    with open_repository(str(tmp_path / "s.git")) as repository:
        assert [revision.sha for revision in repository.line(shas[-1])] == shas[:1:-1]


def test_a_missing_tree_is_damage_that_is_named(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    for text in "12":
        (tmp_path / "a.py").write_text(text)
        git(tmp_path, "add", ".")
        git(tmp_path, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-qm", text)
    shas = git(tmp_path, "log", "--format=%H").split()
    tree = git(tmp_path, "rev-parse", "HEAD^{tree}")
    (tmp_path / ".git" / "objects" / tree[:2] / tree[2:]).unlink()
    with open_repository(str(tmp_path)) as repository:
        with pytest.raises(DamagedRepositoryError, match=shas[0][:12]):
            repository.changes(shas[1], shas[0])
        with pytest.raises(DamagedRepositoryError, match=shas[0][:12]):
            repository.files(shas[0])
        assert repository.files(shas[1])


def test_the_line_follows_first_parents_and_everything_else_on_demand(tmp_path: Path) -> None:
    shas = write_history(
        tmp_path / "r.git",
        [
            Commit({"a.py": "0"}, author="Zoë Müller <zoe@example.org>", subject="Erste Änderung\n\nMore."),
            Commit({"a.py": "1"}),
            Commit({"b.py": "2"}, parents=(0,)),
            Commit({"c.py": "3"}, parents=(1, 2)),
        ],
    )
    with open_repository(str(tmp_path / "r.git")) as repository:
        line = list(repository.line(shas[3]))
        assert [revision.sha for revision in line] == [shas[3], shas[1], shas[0]]
        assert line[0].parents == (shas[1], shas[2])
        assert (line[2].author, line[2].email, line[2].subject) == (
            "Zoë Müller",
            "zoe@example.org",
            "Erste Änderung",
        )
        assert repository.count(shas[3]) == 3
        assert {revision.sha for revision in repository.line(shas[3], first_parent=False)} == set(shas)
        assert repository.count(shas[3], first_parent=False) == 4
        since = line[1].committed_at
        assert [revision.sha for revision in repository.line(shas[3], since=since)] == [shas[3], shas[1]]
        assert repository.merge_base(shas[1], shas[2]) == shas[0]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("0 +0000", datetime(1970, 1, 1, tzinfo=UTC)),
        ("4102444800 +0000", datetime(2100, 1, 1, tzinfo=UTC)),
        ("1700000000 -0330", datetime.fromtimestamp(1_700_000_000, UTC)),
    ],
)
def test_times_of_all_ages_and_zones_are_read(tmp_path: Path, when: str, expected: datetime) -> None:
    (sha,) = write_history(tmp_path / "r.git", [Commit({"a.py": "x"}, when=when)])
    with open_repository(str(tmp_path / "r.git")) as repository:
        moment = repository.revision(sha).committed_at
    assert moment == expected
    if when.endswith("-0330"):
        assert moment.utcoffset() == -timedelta(hours=3, minutes=30)


def test_text_is_decoded_as_python_would(tmp_path: Path) -> None:
    tree = {"l.py": b"# coding: latin-1\nx = '\xe9'\n", "b.py": b"\xef\xbb\xbfx\n", "n.py": b"a\0b"}
    (sha,) = write_history(tmp_path / "r.git", [Commit(tree)])
    with open_repository(str(tmp_path / "r.git")) as repository:
        texts = [repository.text(sha, decode_path(name)) for name in (b"l.py", b"b.py", b"n.py", b"gone.py")]
    assert texts == ["# coding: latin-1\nx = 'é'\n", "x\n", None, None]


def test_no_code_of_a_repository_is_run(tmp_path: Path) -> None:
    (sha, other) = write_history(
        tmp_path / "r.git",
        [Commit({"a.py": "x", ".gitattributes": "*.py filter=evil diff=evil\n"}), Commit({"a.py": "y"})],
    )
    trap = tmp_path / "trap"
    for key in (
        "filter.evil.smudge",
        "diff.evil.command",
        "diff.evil.textconv",
        "diff.external",
        "core.pager",
        "core.fsmonitor",
        "gpg.program",
        "core.sshCommand",
        "core.editor",
    ):
        git(tmp_path / "r.git", "config", key, f"touch {trap}; cat")
    git(tmp_path / "r.git", "config", "log.showSignature", "true")
    with open_repository(str(tmp_path / "r.git")) as repository:
        repository.changes(sha, other)
        repository.renames(sha, other, [b"a.py"])
        list(repository.line(other))
        repository.text(sha, decode_path(b"a.py"))
    assert not trap.exists()


def test_closing_ends_every_process(tmp_path: Path) -> None:
    shas = write_history(tmp_path / "r.git", [Commit({"a.py": "x"}), Commit({"a.py": "y"})])

    def children() -> set[str]:
        return set(Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split())

    before = children()
    repository = open_repository(str(tmp_path / "r.git"))
    repository.changes(*shas)
    list(repository.blobs([blob for _, blob in repository.files(shas[0])], 10))
    assert len(children() - before) == 3
    repository.close()
    assert children() == before
    repository.close()
