"""Branches and tags are listed over https without git, and only from the server that was checked."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scanner import RemoteError, list_remote, list_tips
from scanner.git import smart_http
from tests.scanner.git.tls import Forge, forge, permitted
from tests.scanner.history import Commit, write_history
from tests.scans.upstream import git

pytestmark = pytest.mark.slow


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Forge]:
    folder = tmp_path / "served" / "r.git"
    write_history(folder, [Commit({"a.py": "x = 1\n"}), Commit({"a.py": "x = 2\n"})])
    git(folder, "update-ref", "refs/heads/näme", "main~1")
    git(folder, "update-ref", "refs/pull/1/head", "main~1")
    git(folder, "-c", "user.name=A", "-c", "user.email=a@example.org", "tag", "-a", "-m", "One", "v1", "main")
    with forge(tmp_path / "served", tmp_path / "certificate.pem") as running:
        monkeypatch.setenv("GIT_SSL_CAINFO", str(tmp_path / "certificate.pem"))
        yield running


@pytest.fixture
def outside(served: Forge) -> Iterator[str]:
    """The address of the served repository, which is permitted."""
    with permitted():
        yield f"https://localhost:{served.port}/r.git"


def started_git(served: Forge) -> bool:
    return any(b"ls-remote" in words for words in served.arguments)


@pytest.mark.parametrize("version_2", [True, False])
def test_the_answer_is_that_of_git_without_a_process(served: Forge, outside: str, version_2: bool) -> None:
    served.speaks_version_2 = version_2
    told = list_tips(outside)
    assert not started_git(served)

    by_git = list_remote(outside)
    assert started_git(served)
    tips = {name: sha for name, sha in by_git.refs.items() if not name.startswith("refs/pull/")}
    assert (told.refs, told.default_branch) == (tips, by_git.default_branch)
    assert {"HEAD", "refs/heads/main", "refs/heads/näme", "refs/tags/v1"} == set(told.refs)


def test_a_connection_is_kept_and_the_version_is_asked_for_once(served: Forge, outside: str) -> None:
    first = list_tips(outside)
    for _ in range(3):
        assert list_tips(outside) == first
    git(served.root / "r.git", "update-ref", "refs/heads/main", "main~1")
    assert list_tips(outside).refs["refs/heads/main"] != first.refs["refs/heads/main"]

    assert served.connections == 1
    assert served.asked == ["/r.git/info/refs?service=git-upload-pack", *["/r.git/git-upload-pack"] * 5]


def test_a_server_that_no_longer_speaks_version_2_is_asked_again(served: Forge, outside: str) -> None:
    first = list_tips(outside)
    served.is_dumb = True
    git(served.root / "r.git", "update-server-info")

    assert list_tips(outside).refs.items() >= {("refs/heads/main", first.refs["refs/heads/main"])}
    assert started_git(served), "git reads such a server"


def test_an_empty_repository_has_no_tips(served: Forge, outside: str) -> None:
    git(served.root, "init", "-q", "--bare", "empty.git")
    for version_2 in (True, False):
        served.speaks_version_2 = version_2
        assert list_tips(outside.replace("r.git", "empty.git")).refs == {}
        smart_http._version_2.clear()
    assert not started_git(served)


def test_credentials_are_sent_and_a_refusal_is_explained(served: Forge, outside: str) -> None:
    served.password = "s3cr3t/+word"
    assert list_tips(outside, "ada:s3cr3t%2F%2Bword").refs
    assert not started_git(served)

    with pytest.raises(RemoteError) as caught:
        list_tips(outside, "ada:an0ther")
    assert caught.value.reason == "refused"
    assert "an0ther" not in str(caught.value)


def test_a_redirect_is_not_followed(served: Forge, outside: str, tmp_path: Path) -> None:
    with forge(tmp_path / "served", tmp_path / "other.pem") as inner:
        with (tmp_path / "certificate.pem").open("ab") as trusted:
            trusted.write((tmp_path / "other.pem").read_bytes())
        served.moved_to = f"https://localhost:{inner.port}"
        with pytest.raises(RemoteError) as caught:
            list_tips(outside)
        assert caught.value.reason == "moved"
        assert not inner.asked


def test_this_machine_and_a_certificate_for_another_name_are_refused(
    served: Forge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RemoteError) as caught:
        list_tips(f"https://localhost:{served.port}/r.git")
    assert caught.value.reason == "address"
    assert not served.asked

    def found(host: str, *_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    with permitted(), pytest.raises(RemoteError):
        list_tips(f"https://forge.example.org:{served.port}/r.git")
    assert not served.asked


def test_a_server_that_does_not_answer_is_given_up(
    served: Forge, outside: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    list_tips(outside)
    monkeypatch.setattr(smart_http, "_SECONDS", 0.2)
    served.answering.clear()
    try:
        with pytest.raises(RemoteError) as caught:
            list_tips(outside)
    finally:
        served.answering.set()
    assert caught.value.reason == "no answer"
    assert not started_git(served)


def test_headers_that_arrive_byte_by_byte_are_given_up(
    served: Forge, outside: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each byte is in time, the whole answer is not."""
    monkeypatch.setattr(smart_http, "_SECONDS", 1.0)
    ended = threading.Event()

    def drip(handler: Any) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        try:
            while not ended.wait(0.05):
                handler.wfile.write(b"X")
                handler.wfile.flush()
        except OSError:
            ended.set()

    monkeypatch.setattr("tests.scanner.git.tls._Handler.do_GET", drip)
    try:
        with pytest.raises(RemoteError) as caught:
            list_tips(outside)
    finally:
        ended.set()
    assert caught.value.reason == "no answer"


def test_settings_that_only_git_knows_are_left_to_git(
    served: Forge, outside: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_SSL_NO_VERIFY", "0")
    assert list_tips(outside).refs
    assert started_git(served)
