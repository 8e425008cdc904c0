"""What git is given to reach a forge over real TLS: no secret in sight, no other host, no unsafe tree."""

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scanner import (
    RemoteError,
    Walker,
    clone_mirror,
    fetch_mirror,
    is_sound,
    ls_remote,
    open_repository,
    read_plan,
    renew_mirror,
    split_access,
)
from tests.scanner.git.tls import Forge, forge, permitted
from tests.scanner.gitdir import GitDir, loosen
from tests.scanner.history import Commit, write_history

pytestmark = pytest.mark.slow

PLAN = "version: 1\nname: Old\nrules: [{id: old, kind: deprecated-symbol, symbols: [lib.get_old]}]"
USE = "import lib\nlib.get_old()\n"


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Forge]:
    write_history(tmp_path / "served" / "r.git", [Commit({"a.py": USE}), Commit({"b.py": USE})])
    with forge(tmp_path / "served", tmp_path / "certificate.pem") as running:
        monkeypatch.setenv("GIT_SSL_CAINFO", str(tmp_path / "certificate.pem"))
        yield running


@pytest.fixture
def outside(served: Forge) -> Iterator[str]:
    """The address of the served repository, which is permitted."""
    with permitted():
        yield f"https://localhost:{served.port}/r.git"


def test_a_forge_is_mirrored_and_followed(served: Forge, outside: str, tmp_path: Path) -> None:
    clone_mirror(outside, str(tmp_path / "m.git"))
    subprocess.run(["git", "-C", served.root / "r.git", "update-ref", "refs/heads/more", "main"], check=True)
    fetch_mirror(str(tmp_path / "m.git"))
    assert ls_remote(outside) == ls_remote(str(tmp_path / "m.git"))
    assert "refs/heads/more" in ls_remote(str(tmp_path / "m.git"))


def test_a_password_is_used_and_appears_nowhere(served: Forge, outside: str, tmp_path: Path) -> None:
    served.password = "s3cr3t/+word"
    with_password = outside.replace("https://", "https://ada:s3cr3t%2F%2Bword@")
    assert split_access(with_password) == (outside, "ada:s3cr3t%2F%2Bword")
    clone_mirror(with_password, str(tmp_path / "m.git"))
    fetch_mirror(str(tmp_path / "m.git"), outside, "ada:s3cr3t%2F%2Bword")
    assert ls_remote(with_password)
    assert served.asked
    assert any(b"ls-remote" in words for words in served.arguments), "git's own arguments were looked at"
    assert not any(b"s3cr3t" in words for words in served.arguments)
    kept = subprocess.run(["grep", "-r", "s3cr3t", tmp_path / "m.git"], capture_output=True, check=False)
    assert kept.returncode == 1, kept.stdout
    with pytest.raises(RemoteError) as caught:
        ls_remote(outside, "ada:an0ther")
    assert "an0ther" not in str(caught.value)


def test_a_mirror_that_knew_a_password_forgets_it(served: Forge, outside: str, tmp_path: Path) -> None:
    clone_mirror(outside, str(tmp_path / "m.git"))
    former = outside.replace("https://", "https://ada:s3cr3t@")
    config = ["git", "-C", str(tmp_path / "m.git"), "config"]
    subprocess.run([*config, "remote.origin.url", former], check=True)
    fetch_mirror(str(tmp_path / "m.git"), outside, "ada:s3cr3t")
    told = subprocess.run([*config, "remote.origin.url"], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == outside


@pytest.mark.parametrize("address", ["::1", "127.0.0.1"])
def test_a_forge_is_read_by_its_address(
    served: Forge, outside: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    with forge(tmp_path / "served", tmp_path / "other.pem", address) as other:
        monkeypatch.setenv("GIT_SSL_CAINFO", str(tmp_path / "other.pem"))
        other.password = "s3cr3t"
        host = f"[{address}]" if ":" in address else address
        url = f"https://ada:s3cr3t@{host}:{other.port}/r.git"
        assert "refs/heads/main" in ls_remote(url)
        clone_mirror(url, str(tmp_path / "m.git"))
        fetch_mirror(str(tmp_path / "m.git"), *split_access(url))
        assert other.asked


def test_a_redirect_is_not_followed(served: Forge, outside: str, tmp_path: Path) -> None:
    with forge(tmp_path / "served", tmp_path / "other.pem") as inner:
        with (tmp_path / "certificate.pem").open("ab") as trusted:
            trusted.write((tmp_path / "other.pem").read_bytes())
        served.moved_to = f"https://localhost:{inner.port}"
        with pytest.raises(RemoteError, match=f"has moved to https://localhost:{inner.port}"):
            clone_mirror(outside, str(tmp_path / "m.git"))
        assert served.asked
        assert not inner.asked
    assert not (tmp_path / "m.git").exists()


def test_a_host_name_that_changes_its_address_is_not_followed(
    served: Forge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our look at `localhost` says another place than git's own would: a name server of two minds."""
    url = f"https://localhost:{served.port}/r.git"
    unpinned = subprocess.run(["git", "ls-remote", url], capture_output=True, text=True, check=False)
    assert served.asked, f"git by itself goes there: {unpinned.stderr}"
    served.asked.clear()

    def first(host: str, *_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("255.255.255.255", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", first)
    for attempt in (lambda: ls_remote(url), lambda: clone_mirror(url, str(tmp_path / "m.git"))):
        with pytest.raises(RemoteError, match=r"localhost"):
            attempt()
    assert not served.asked


@pytest.mark.parametrize(
    ("url", "alias"),
    [
        ("ssh://git@Forge.example.org/r.git", "forge.example.org"),
        ("ssh://git@forge.example.org:2222/r.git", "[forge.example.org]:2222"),
        ("git@forge.example.org:team/r.git", "forge.example.org"),
        ("forge.example.org:r.git", "forge.example.org"),
    ],
)
@pytest.mark.parametrize("address", ["192.0.2.10", "2001:db8::10"])
def test_ssh_connects_to_the_address_that_was_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, alias: str, address: str
) -> None:
    """A program in the place of ssh notes its arguments; the host key is looked up under the name."""
    notes, program = tmp_path / "notes", tmp_path / "ssh"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> {notes}\nexit 1\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: [(family, 1, 6, "", (address, 0))])
    with pytest.raises(RemoteError):
        ls_remote(url)
    said = notes.read_text().splitlines()
    assert f"HostName={address}" in said
    assert f"HostKeyAlias={alias}" in said


@pytest.mark.parametrize(
    "address", ["::ffff:127.0.0.1", "::ffff:169.254.169.254", "fd00:ec2::254", "100.100.100.200", "ff02::1"]
)
def test_a_private_address_is_rejected_in_every_notation(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: [(family, 1, 6, "", (address, 0))])
    with pytest.raises(RemoteError, match="cannot be a repository's host"):
        ls_remote("https://forge.example.org/r.git")


def tree_of(made: GitDir, lines: str) -> str:
    """Return the SHA of a tree with exactly these entries, even if their names are invalid."""
    command = ["git", "-C", str(made.path), "mktree"]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def unsafe(path: Path) -> GitDir:
    """A repository whose newest tree has names that lead out of it, or into git's own folder."""
    made = GitDir.create(path)
    made.commit("Begin", {"a.py": USE})
    blob = made.git("rev-parse", "HEAD:a.py")
    inner = tree_of(made, f"100644 blob {blob}\tout.py\n")
    lines = [f"040000 tree {inner}\t{name}\n" for name in ("..", ".", ".GIT")]
    tree = tree_of(made, f"100644 blob {blob}\ta.py\n" + "".join(lines))
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    made.git("update-ref", "refs/heads/main", made.git(*who, "commit-tree", "-p", "HEAD", "-m", "Out", tree))
    return made


def test_a_tree_with_paths_outside_is_not_fetched(served: Forge, outside: str, tmp_path: Path) -> None:
    clone_mirror(outside, str(tmp_path / "m.git"))
    made = unsafe(tmp_path / "unsafe")
    made.git("push", "-q", "--force", str(served.root / "r.git"), "main")
    before = ls_remote(str(tmp_path / "m.git"))
    with pytest.raises(RemoteError, match=r"hasDot|fsck"):
        fetch_mirror(str(tmp_path / "m.git"))
    with pytest.raises(RemoteError, match=r"hasDot|fsck"):
        clone_mirror(outside, str(tmp_path / "fresh.git"))
    assert ls_remote(str(tmp_path / "m.git")) == before
    assert not (tmp_path / "fresh.git").exists()


def test_a_folder_of_this_machine_with_such_a_tree_has_no_such_files(tmp_path: Path) -> None:
    made = unsafe(tmp_path / "unsafe")
    with (
        open_repository(str(made.path)) as repository,
        Walker(repository, read_plan(PLAN, "plan.yaml")) as walker,
    ):
        tip = repository.resolve("main")
        assert [path for path, _ in repository.files(tip)] == [b"a.py"]
        assert set(repository.left_out(tip)) == {b"../out.py", b"./out.py", b".GIT/out.py"}
        assert repository.changes(repository.resolve("main~1"), tip) == []
        assert list(next(walker.walk([tip])).files) == ["a.py"]


def test_a_damaged_mirror_is_known_and_stays_until_a_new_one_is_whole(tmp_path: Path) -> None:
    (sha,) = write_history(tmp_path / "r.git", [Commit({"a.py": USE})])
    clone_mirror(str(tmp_path / "r.git"), str(tmp_path / "mirrors" / "1"))
    made = tmp_path / "mirrors" / "1"
    assert is_sound(str(made))
    loosen(made)
    (made / "objects" / sha[:2] / sha[2:]).unlink()
    assert not is_sound(str(made))
    (tmp_path / "r.git").rename(tmp_path / "away.git")
    with pytest.raises(RemoteError):
        renew_mirror(str(tmp_path / "r.git"), str(made))
    assert [path.name for path in made.parent.iterdir()] == ["1"]
    renew_mirror(str(tmp_path / "away.git"), str(made))
    assert is_sound(str(made))
    assert [path.name for path in made.parent.iterdir()] == ["1"]


def test_what_a_killed_process_of_the_same_number_left_does_not_stop_a_new_mirror(tmp_path: Path) -> None:
    write_history(tmp_path / "r.git", [Commit({"a.py": USE})])
    made = tmp_path / "mirrors" / "1"
    for state in ("renewed", "damaged"):
        left = made.with_name(f"1.{state}-{os.getpid()}")
        (left / "objects").mkdir(parents=True)
    made.mkdir()
    renew_mirror(str(tmp_path / "r.git"), str(made))
    assert is_sound(str(made))
    assert [path.name for path in made.parent.iterdir()] == ["1"]
