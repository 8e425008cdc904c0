"""A clone has a time limit, tells its progress, and leaves neither processes nor files when it ends."""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scanner import RemoteError, Watch, clone_mirror, fetch_mirror
from scanner.git import transfer
from tests.scanner.git.processes import processes
from tests.scanner.git.tls import Forge, forge, permitted
from tests.scanner.history import Commit, write_history

pytestmark = pytest.mark.slow

CLONE = """
import sys
from ipaddress import ip_network
from scanner import Watch, clone_mirror, permit_networks
permit_networks([ip_network("127.0.0.0/8"), ip_network("::1/128")])
clone_mirror(sys.argv[1], sys.argv[2])
"""


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Forge]:
    many = {f"f{number}.py": f"x = {number}\n" for number in range(300)}
    write_history(tmp_path / "served" / "r.git", [Commit(many), Commit({"f1.py": "y = 1\n"})])
    with permitted(), forge(tmp_path / "served", tmp_path / "certificate.pem") as running:
        monkeypatch.setenv("GIT_SSL_CAINFO", str(tmp_path / "certificate.pem"))
        yield running
        running.answering.set()


def url(served: Forge) -> str:
    return f"https://localhost:{served.port}/r.git"


def wait(condition: Callable[[], object]) -> None:
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_the_progress_is_told(served: Forge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "_TELL_EVERY", 0.0)
    told: list[str] = []
    clone_mirror(url(served), str(tmp_path / "m.git"), watch=Watch(60, told.append))
    # On a busy machine, several lines are read at once, of which the newest is told.
    assert any(re.fullmatch(r"[a-z ]+: +\d+(% \(.*)?.*", words) for words in told), told

    subprocess.run(["git", "-C", served.root / "r.git", "update-ref", "refs/heads/b", "main"], check=True)
    fetch_mirror(str(tmp_path / "m.git"), watch=Watch(60, told.append))


def test_a_clone_that_takes_too_long_is_ended(served: Forge, tmp_path: Path) -> None:
    served.answering.clear()
    with pytest.raises(RemoteError, match="did not complete in 1 seconds") as caught:
        clone_mirror(url(served), str(tmp_path / "m.git"), watch=Watch(1))
    assert caught.value.reason == "no answer"
    assert not processes(url(served))
    assert not list(tmp_path.glob("m.git*"))


def test_a_clone_whose_progress_is_refused_is_ended(served: Forge, tmp_path: Path) -> None:
    def stop(_: str) -> None:
        if served.asked:
            raise KeyError("stop")

    served.answering.clear()
    with pytest.raises(KeyError):
        clone_mirror(url(served), str(tmp_path / "m.git"), watch=Watch(60, stop))
    assert not processes(url(served))
    assert not list(tmp_path.glob("m.git*"))


def test_a_clone_of_a_killed_process_ends_and_leaves_no_files(served: Forge, tmp_path: Path) -> None:
    served.answering.clear()
    killed = subprocess.Popen([sys.executable, "-c", CLONE, url(served), str(tmp_path / "m.git")])
    wait(lambda: served.asked)
    assert processes(url(served))

    killed.kill()
    killed.wait()
    wait(lambda: not processes(url(served)))
    wait(lambda: not list(tmp_path.glob("m.git*")))


def test_a_clone_tells_what_arrives_and_not_only_what_the_server_prepares(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_history(tmp_path / "r.git", [Commit({"a.py": str(number)}) for number in range(3)])
    monkeypatch.setattr(transfer, "_TELL_EVERY", -1.0)
    told: list[str] = []
    clone_mirror(str(tmp_path / "r.git"), str(tmp_path / "m.git"), watch=Watch(60, told.append))
    assert told[-1].startswith(("receiving objects: 100%", "resolving deltas: 100%")), told


def test_messages_are_kept_apart_from_progress(tmp_path: Path) -> None:
    complaint = transfer._Complaint()
    complaint.add(b"Cloning into bare repository 'm.git'...\nremote: Enumerating objects: 5, done.\n")
    complaint.add(b"Receiving objects:  45% (450/1000), 12.00 MiB | 2.00 MiB/s\rReceiving obj")
    assert complaint.progress == "receiving objects: 45% (450/1000), 12.00 MiB | 2.00 MiB/s"
    complaint.add(b"ects: 100% (1000/1000), done.\nremote: Total 5 (delta 0), reused 0\nfatal: early")
    complaint.add(b" EOF")
    assert complaint.text() == "fatal: early EOF"
    assert complaint.progress == "receiving objects: 100% (1000/1000), done."
