"""Estimates how large a repository is before it is cloned: its size, and the commits of one branch."""

import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scanner.git.address import Remote, permit
from scanner.git.command import GitError, RemoteError, run
from scanner.git.local import git_dir_of
from scanner.git.remote import branch_ref, transfer_from
from scanner.git.transfer import Watch

SAMPLE_SECONDS = 6.0
"""Seconds for which a clone is tried. A small repository is complete by then."""

COMMIT_SECONDS = 20.0
"""Seconds within which the commits, without the contents of files, must have arrived."""

_RECEIVED = re.compile(
    r"receiving objects: +\d+% \((?P<done>\d+)/(?P<all>\d+)\), (?P<size>[\d.]+) (?P<unit>bytes|KiB|MiB|GiB)"
)
_UNITS = {"bytes": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is known of a repository before it is cloned. None means that it could not be found out.

    `size` is that of a clone in bytes, and `rate` the bytes that arrived in a second. `times` are the commit
    times of the branch's first-parent commits, newest first, in seconds since 1970.
    """

    size: int | None
    rate: float | None
    times: tuple[int, ...] | None


class _EnoughError(Exception):
    """Ends a transfer that is only a sample."""


def estimate(
    url: str, branch: str, scratch: str, access: str = "", tell: Callable[[str], None] | None = None
) -> Estimate:
    """Estimate the size of a repository and list the times of a branch's commits.

    `scratch` is a folder that doesn't exist and is removed again. `tell` is told what is being done, and may
    end the estimate with an exception. What the server doesn't say in time remains unknown. Raises
    `RemoteError` only if the address is not permitted.
    """
    remote = permit(url, access)
    told = tell or (lambda _: None)
    folder = Path(scratch)
    try:
        if remote.transport == "file":
            return Estimate(_size_of_folder(remote), None, _times(remote.address, branch))
        size, rate = _sample(remote, folder, told)
        _remove(folder)
        return Estimate(size, rate, _times_of_remote(remote, branch, folder, told))
    finally:
        _remove(folder)


def _size_of_folder(remote: Remote) -> int | None:
    """Return the size of a local repository's objects in bytes (git-count-objects(1))."""
    try:
        told = run(["count-objects", "-v"], git_dir=git_dir_of(remote.address)).decode().splitlines()
    except GitError:
        return None
    figures = dict(line.split(": ", 1) for line in told if ": " in line)
    return (int(figures.get("size", 0)) + int(figures.get("size-pack", 0))) << 10


def _times(folder: str, branch: str) -> tuple[int, ...] | None:
    arguments = ["log", "--first-parent", "--format=%ct", branch_ref(branch), "--"]
    try:
        words = run(arguments, git_dir=git_dir_of(folder), timeout=COMMIT_SECONDS)
    except GitError:
        return None
    return tuple(map(int, words.split()))


def _sample(remote: Remote, folder: Path, tell: Callable[[str], None]) -> tuple[int | None, float | None]:
    """Clone for some seconds. Return the size, extrapolated unless the clone is complete, and the rate."""
    began = time.monotonic()
    heard = ""

    def look(progress: str) -> None:
        nonlocal heard
        heard = progress if _RECEIVED.match(progress) else heard
        tell("asking for the size")
        if time.monotonic() - began > SAMPLE_SECONDS:
            raise _EnoughError

    arguments = ["clone", "--bare", "--", remote.address, str(folder)]
    try:
        transfer_from(arguments, remote, Watch(SAMPLE_SECONDS * 3, look))
    except (_EnoughError, RemoteError):
        return _extrapolated(heard, time.monotonic() - began)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return size, size / max(time.monotonic() - began, 0.1)


def _extrapolated(progress: str, seconds: float) -> tuple[int | None, float | None]:
    found = _RECEIVED.match(progress)
    if found is None or not int(found["done"]):
        return None, None
    received = float(found["size"]) * _UNITS[found["unit"]]
    return int(received * int(found["all"]) / int(found["done"])), received / seconds


def _times_of_remote(
    remote: Remote, branch: str, folder: Path, tell: Callable[[str], None]
) -> tuple[int, ...] | None:
    """Return the times of a remote branch's commits, if the server can send commits alone."""

    def look(_: str) -> None:
        tell("counting the commits")

    alone = ["--single-branch", "--no-tags", "--filter=tree:0"]
    arguments = [
        "clone",
        "--bare",
        "--quiet",
        *alone,
        f"--branch={branch}",
        "--",
        remote.address,
        str(folder),
    ]
    try:
        transfer_from(arguments, remote, Watch(COMMIT_SECONDS, look))
    except RemoteError:
        return None
    return _times(str(folder), branch)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
