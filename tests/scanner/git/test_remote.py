"""Mirrors of real repositories: made whole or not at all, kept in step, and nothing unsafe is spoken to."""

import re
import shutil
import subprocess
from ipaddress import ip_address
from pathlib import Path

import pytest

from scanner import (
    GitError,
    RemoteError,
    clone_mirror,
    fetch_mirror,
    fetch_refs,
    ls_remote,
    open_repository,
)
from scanner.git import hosts
from scanner.git.address import redacted
from scanner.git.failures import failure, reason_of
from tests.scanner.gitdir import git
from tests.scanner.history import Commit, write_history


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    write_history(tmp_path / "origin.git", [Commit({"a.py": str(number)}) for number in range(3)])
    return tmp_path / "origin.git"


def test_a_mirror_is_bare_and_has_every_commit(origin: Path, tmp_path: Path) -> None:
    clone_mirror(str(origin), str(tmp_path / "deep" / "mirror.git"))
    with open_repository(str(tmp_path / "deep" / "mirror.git")) as mirror:
        assert mirror.count(mirror.resolve("main")) == 3
    assert not (tmp_path / "deep" / "mirror.git" / ".git").exists()
    assert [entry.name for entry in (tmp_path / "deep").iterdir()] == ["mirror.git"]


def test_a_mirror_follows_its_origin_also_where_it_was_forced_or_a_branch_is_gone(
    origin: Path, tmp_path: Path
) -> None:
    git(origin, "branch", "old")
    clone_mirror(str(origin), str(tmp_path / "mirror.git"))
    git(origin, "update-ref", "refs/heads/main", "main~2")
    git(origin, "branch", "-D", "old")
    git(origin, "branch", "new")
    fetch_mirror(str(tmp_path / "mirror.git"))
    assert ls_remote(str(tmp_path / "mirror.git")) == ls_remote(str(origin))
    assert set(ls_remote(str(origin))) == {"HEAD", "refs/heads/main", "refs/heads/new"}


def test_a_mirror_of_an_earlier_release_loses_refs_but_no_object(origin: Path, tmp_path: Path) -> None:
    """Earlier releases fetched all refs, such as those of all pull requests."""
    mirror = tmp_path / "mirror.git"
    git(origin, "tag", "v1", "main~1")
    person = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    head = git(origin, *person, "commit-tree", "main^{tree}", "-p", "main", "-m", "x")
    git(origin, "update-ref", "refs/pull/1/head", head)
    subprocess.run(["git", "clone", "-q", "--mirror", str(origin), str(mirror)], check=True)
    assert "refs/pull/1/head" in ls_remote(str(mirror))
    fetch_mirror(str(mirror))
    assert set(ls_remote(str(mirror))) == {"HEAD", "refs/heads/main", "refs/tags/v1"}
    with open_repository(str(mirror)) as read:
        assert read.has(head)
    fetch_refs(str(mirror), ["+refs/pull/1/head:refs/kept/1"], str(origin))
    fetch_mirror(str(mirror))
    assert ls_remote(str(mirror))["refs/kept/1"] == head
    with pytest.raises(RemoteError):
        fetch_refs(
            str(mirror), ["+refs/heads/main:refs/kept/2", "+refs/pull/2/head:refs/kept/3"], str(origin)
        )
    assert not {"refs/kept/2", "refs/kept/3"} & set(ls_remote(str(mirror)))


def test_a_clone_that_fails_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    with pytest.raises(RemoteError, match="nothing"):
        clone_mirror(str(tmp_path / "nothing"), str(tmp_path / "mirrors" / "mirror.git"))
    assert list((tmp_path / "mirrors").iterdir()) == []


def test_a_mirror_that_is_there_is_not_overwritten(origin: Path, tmp_path: Path) -> None:
    clone_mirror(str(origin), str(tmp_path / "mirror.git"))
    with pytest.raises(RemoteError, match="already exists"):
        clone_mirror(str(origin), str(tmp_path / "mirror.git"))


def test_an_origin_that_went_away_is_an_error_and_the_mirror_stays(origin: Path, tmp_path: Path) -> None:
    clone_mirror(str(origin), str(tmp_path / "mirror.git"))
    origin.rename(tmp_path / "elsewhere")
    with pytest.raises(RemoteError, match=r"origin\.git"):
        fetch_mirror(str(tmp_path / "mirror.git"))
    with open_repository(str(tmp_path / "mirror.git")) as mirror:
        assert mirror.resolve("main")


def test_a_folder_that_is_not_a_mirror_is_not_fetched(origin: Path) -> None:
    with pytest.raises(GitError, match="is not a mirror"):
        fetch_mirror(str(origin))


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c touch% /tmp/never",
        "file:///etc",
        "http://example.org/r.git",
        "git://example.org/r.git",
        "--upload-pack=touch /tmp/never",
        "-u./never",
        "https://127.0.0.1/r.git",
        "https://localhost/r.git",
        "https://[::1]/r.git",
        "https://[::ffff:127.0.0.1]/r.git",
        "https://[64:ff9b::7f00:1]/r.git",
        "https://[2002:7f00:1::]/r.git",
        "https://[fe80::1%25lo]/r.git",
        "https://2130706433/r.git",
        "https://169.254.169.254/latest/meta-data",
        "ssh://-oProxyCommand=never/r.git",
        "git@127.0.0.1:r.git",
        "https://0/r.git",
        "https:///r.git",
        "relative/path",
        "",
    ],
)
def test_an_address_that_is_not_safe_is_refused(tmp_path: Path, url: str) -> None:
    for attempt in (lambda: clone_mirror(url, str(tmp_path / "m.git")), lambda: ls_remote(url)):
        with pytest.raises(RemoteError):
            attempt()
    assert list(tmp_path.iterdir()) == []


def own_addresses() -> list[str]:
    """The addresses of this machine's interfaces, as the kernel lists them, without local ones."""
    routes = Path("/proc/net/fib_trie").read_text()
    found = re.findall(r"\|-- (\S+)\n\s+/32 host LOCAL", routes)
    for line in Path("/proc/net/if_inet6").read_text().splitlines():
        found.append(str(ip_address(bytes.fromhex(line.split()[0]))))
    return sorted({at for at in found if not (ip_address(at).is_loopback or ip_address(at).is_link_local)})


@pytest.mark.parametrize("form", ["https://{}/r.git", "https://{}:8443/r.git", "ssh://git@{}/r.git"])
def test_the_machine_s_own_interfaces_are_refused(tmp_path: Path, form: str) -> None:
    for address in own_addresses():
        url = form.format(f"[{address}]" if ":" in address else address)
        with pytest.raises(RemoteError, match="cannot be a repository's host"):
            ls_remote(url)


@pytest.mark.parametrize("address", ["192.0.2.77", "198.51.100.1", "2001:db8::1", "10.1.2.3", "8.8.8.8"])
def test_other_machines_are_not_taken_for_this_one(address: str) -> None:
    assert address in own_addresses() or not hosts.is_own(address)


def test_no_message_shows_a_password(tmp_path: Path) -> None:
    url = "https://user:secret@no-such-host.invalid/r.git"
    assert redacted(url) == "https://no-such-host.invalid/r.git"
    with pytest.raises(RemoteError) as caught:
        clone_mirror(url, str(tmp_path / "m.git"))
    assert "secret" not in str(caught.value)


def test_an_unknown_host_is_named_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RemoteError, match=r"'no-such-host\.invalid' cannot be found: .*; check the address"):
        clone_mirror("https://no-such-host.invalid/r.git", str(tmp_path / "m.git"))
    with pytest.raises(RemoteError) as caught:
        ls_remote("https://no-such-host.invalid/r.git")
    assert "Errno" not in str(caught.value)


def test_a_hook_of_the_origin_or_the_mirror_is_not_run(origin: Path, tmp_path: Path) -> None:
    clone_mirror(str(origin), str(tmp_path / "mirror.git"))
    trap = tmp_path / "trap"
    for folder in (origin, tmp_path / "mirror.git"):
        for name in ("reference-transaction", "post-checkout", "pre-auto-gc", "post-update", "upload-pack"):
            hook = folder / "hooks" / name
            hook.parent.mkdir(exist_ok=True)
            hook.write_text(f"#!/bin/sh\ntouch {trap}\n")
            hook.chmod(0o755)
    git(origin, "-c", "core.hooksPath=/dev/null", "branch", "more")
    trap.unlink(missing_ok=True)
    fetch_mirror(str(tmp_path / "mirror.git"))
    assert "refs/heads/more" in ls_remote(str(tmp_path / "mirror.git"))
    assert not trap.exists()


def test_a_repository_with_holes_can_be_mirrored(tmp_path: Path) -> None:
    folder = tmp_path / "holes"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    for name in "ab":
        (folder / f"{name}.py").write_text(name)
    git(folder, "add", ".")
    git(folder, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-qm", "Two")
    blob = git(folder, "rev-parse", "HEAD:a.py")
    (folder / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    clone_mirror(str(folder), str(tmp_path / "mirror.git"))
    with open_repository(str(tmp_path / "mirror.git")) as mirror:
        assert len(mirror.files(mirror.resolve("main"))) == 2


def test_git_itself_is_asked_for_nothing_else(origin: Path, tmp_path: Path) -> None:
    """The origin's own configuration cannot add refs, submodules or another transport to a mirror."""
    clone_mirror(str(origin), str(tmp_path / "mirror.git"))
    subprocess.run(
        ["git", "-C", str(tmp_path / "mirror.git"), "config", "url.ext::never.insteadOf", str(origin)],
        check=True,
    )
    with pytest.raises(RemoteError, match="not allowed"):
        fetch_mirror(str(tmp_path / "mirror.git"))


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("fatal: Authentication failed for 'https://git.example.org/shop.git/'", "refused"),
        ("fatal: could not read Username for 'https://github.com': terminal prompts disabled", "refused"),
        ("git@example.org: Permission denied (publickey).\nfatal: Could not read from remote", "refused"),
        ("Host key verification failed.", "host key"),
        ("fatal: unable to access 'https://x/': The requested URL returned error: 403", "refused"),
        ("ERROR: Repository not found.\nfatal: Could not read from remote repository.", "not found"),
        ("fatal: unable to access 'https://x/': The requested URL returned error: 404", "not found"),
        ("fatal: '/srv/x' does not appear to be a git repository", "not found"),
        ("fatal: unable to access 'https://x/': Could not resolve host: x", "unreachable"),
        ("fatal: unable to access 'https://x/': Failed to connect to x port 443: refused", "unreachable"),
        ("fatal: unable to access 'https://x/': The requested URL returned error: 503", "unreachable"),
        ("ssh: connect to host x port 22: Connection timed out", "no answer"),
        ('Timeout: the command "git ls-remote" did not complete in 60 secs.', "no answer"),
        ("fatal: write error: No space left on device\nfatal: index-pack failed", "disk full"),
    ],
)
def test_messages_of_git_are_classified(words: str, reason: str) -> None:
    assert reason_of(words) == reason


def test_a_folder_is_explained_by_a_look_at_it(origin: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "inside" / ".git").mkdir(parents=True)
    (root / "inside" / "part").mkdir()
    (root / "old" / ".svn").mkdir(parents=True)
    (root / "tree").mkdir()
    (root / "tree" / ".git").write_text(f"gitdir: {root}/gone\n")
    (root / "file.bundle").touch()
    (root / "link").symlink_to(root / "nothing")
    shutil.copytree(origin, root / "broken.git")
    (root / "broken.git" / "HEAD").write_text("nothing\n")
    for name, words in {
        "": f"it contains repositories, such as {root}/broken.git",
        "inside/part": f"a folder inside the repository {root}/inside. Give that one",
        "old": "it belongs to Subversion",
        "tree": f"is gone ({root}/gone doesn't exist)",
        "file.bundle": "is a bundle; clone it (git clone --mirror file.bundle file.git)",
        "link": "is a symbolic link to something that doesn't exist",
        "gone/deeper": f"{root} exists, but gone isn't in it",
        "broken.git": "is a git repository that git can't open",
    }.items():
        with pytest.raises(RemoteError) as caught:
            ls_remote(str(root / name))
        assert words in str(caught.value), name
        assert not re.search("fatal|correct access rights|account", str(caught.value)), caught.value


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "ERROR: Repository not found.\nfatal: Could not read from remote repository.\n\nPlease make sure "
            "you have the correct access rights\nand the repository exists.",
            "a: Repository not found; check",
        ),
        (
            "fatal: could not read Username for 'https://x': terminal prompts disabled",
            "a: the server asks for",
        ),
        ("fatal: https://x/info/refs not valid: is this a git repository?", "not as a git server"),
        (
            "remote: error: hidden\nfatal: unable to access 'https://x/': error: 403",
            "doesn't let this account",
        ),
    ],
)
def test_messages_of_git_are_put_in_words(said: str, told: str) -> None:
    words = str(failure("a", GitError(said)))
    assert told in words
    assert "fatal" not in words


def test_a_folder_that_is_no_repository_or_is_gone_is_not_found(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "gone"):
        with pytest.raises(RemoteError) as caught:
            ls_remote(str(folder))
        assert caught.value.reason == "not found", caught.value
