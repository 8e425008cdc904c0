"""Manages bare mirrors of other repositories, using only transports that are safe with untrusted hosts."""

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from scanner.git.address import Remote, permit, redacted
from scanner.git.command import DamagedRepositoryError, GitError, RemoteError, run
from scanner.git.failures import failure, reason_of
from scanner.git.fsck import CHECK_IN_PLACE, CHECK_ON_TRANSFER, defects
from scanner.git.refs import REFSPECS, leave_out_other_refs, read_origin, set_refspecs
from scanner.git.ssh import identity_options
from scanner.git.transfer import Watch, transfer
from scanner.model import decode_path, encode_path

# Marks a mirror whose origin lacks file contents, in which case cloning it again would not help.
_INCOMPLETE = "incomplete-origin"
_FSCK = ("fsck", "--no-dangling", "--no-progress")
_SECONDS_TO_ASK = 60
# A transfer that stays below this rate for this long is considered stalled.
_LIMITS = ("http.lowSpeedLimit=1000", "http.lowSpeedTime=60", "http.followRedirects=false")
# Matches the redirect target in git's trace of its requests.
_LOCATION = re.compile(r"Recv header: location:\s*(\S+)", re.IGNORECASE)
_SERVICE = "/info/refs"
_UNWATCHED = Watch()


@dataclass(frozen=True, slots=True)
class Listing:
    """The refs in a remote repository (full name -> SHA), and its default branch if the server names one.

    Bytes in their names that are not UTF-8 are written as in paths (`decode_path`). No name has a backslash.
    """

    refs: dict[str, str]
    default_branch: str = ""


def clone_mirror(url: str, path: str, access: str = "", watch: Watch = _UNWATCHED) -> None:
    """Clone a repository, given by URL or local folder, into a new bare mirror at `path`.

    `access` contains the credentials that `split_access` removed from the address, or the text of an
    `SshAccess` for an ssh address. `watch` limits the time
    and is told the progress. A failed clone leaves nothing behind. Raises `RemoteError` if the address is
    refused or cannot be read.
    """
    remote = permit(url, access)
    target = Path(path)
    if target.exists():
        raise RemoteError(f"{path}: already exists; fetch into it, or remove it first")
    _clone(remote, target, watch)


def renew_mirror(url: str, path: str, access: str = "", watch: Watch = _UNWATCHED) -> None:
    """Replace a damaged mirror with a new clone, once the clone is complete.

    A failed clone leaves the old mirror unchanged. Raises `RemoteError` under the same conditions as
    `clone_mirror`.
    """
    target = Path(path)
    fresh = target.with_name(f"{target.name}.renewed-{os.getpid()}")
    old = target.with_name(f"{target.name}.damaged-{os.getpid()}")
    try:
        for left in (fresh, old):  # by a process of the same number that was killed
            shutil.rmtree(left, ignore_errors=True)
        _clone(permit(url, access), fresh, watch)
        if target.exists():
            target.rename(old)
        fresh.rename(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def fetch_mirror(path: str, url: str = "", access: str = "", watch: Watch = _UNWATCHED) -> None:
    """Update a mirror's branches and tags to the state of `url`, by default its origin, and delete those that
    no longer exist there.

    A mirror that an earlier release made has all other refs of its origin, too. They are deleted; no object
    is.
    """
    try:
        origin = read_origin(path)
    except GitError as error:
        words = f"{path}: is not a mirror made by a clone ({error}); clone it again"
        raise DamagedRepositoryError(words) from error
    if not origin.is_mirrored:
        raise DamagedRepositoryError(f"{path}: is not a mirror made by a clone; clone it again")
    remote = permit(url or origin.address, access)
    if remote.address != origin.address:
        run(["config", "remote.origin.url", remote.address], git_dir=path)
    leave_out_other_refs(path, origin)
    arguments = ["fetch", "--quiet", "--prune", "--force", "--no-auto-maintenance", "--no-write-fetch-head"]
    transfer_from([*arguments, "--", remote.address, *REFSPECS], remote, watch, git_dir=path)


def fetch_refs(
    path: str, refspecs: Sequence[str], url: str, access: str = "", watch: Watch = _UNWATCHED
) -> None:
    """Fetch some refs or commits of a repository into a mirror, which may be a clone of another one.

    A refspec is `source:destination`; its source is the full name of a ref, or a SHA. Raises `RemoteError` if
    the server doesn't have one of them, and fetches nothing then.
    """
    remote = permit(url, access)
    leave_out_other_refs(path, read_origin(path))
    arguments = ["fetch", "--quiet", "--atomic", "--force", "--no-tags", "--no-auto-maintenance"]
    arguments += ["--no-write-fetch-head", "--refmap=", "--", remote.address, *refspecs]
    transfer_from(arguments, remote, watch, git_dir=path)


def fetch_commit(path: str, sha: str, url: str, access: str = "") -> None:
    """Fetch one commit with its history into a mirror, although no branch or tag may refer to it.

    Raises `RemoteError` if the server no longer has it, or doesn't serve commits by their SHA.
    """
    remote = permit(url, access)
    arguments = ["fetch", "--quiet", "--no-auto-maintenance", "--no-write-fetch-head", "--no-tags"]
    transfer_from([*arguments, "--", remote.address, sha], remote, _UNWATCHED, git_dir=path)


def is_sound(path: str, seconds: float | None = None) -> bool:
    """Return true if a folder is an undamaged mirror with all objects reachable from its branches and
    tags.

    Raises `GitError` if a check takes longer than `seconds`.
    """
    try:
        run(["config", "--get", "remote.origin.mirror"], git_dir=path)
        for check in (
            "--connectivity-only",
            "--full",
        ):  # the quick check finds missing objects, the full one also damaged objects
            run([*_FSCK, check], git_dir=path, config=CHECK_IN_PLACE, timeout=seconds)
    except GitError as error:
        if seconds is not None and reason_of(str(error)) == "no answer":
            raise
        return False
    return True


def is_complete(path: str) -> bool:
    """Return true if a mirror's origin was not a partial clone when the mirror was cloned."""
    return not (Path(path) / _INCOMPLETE).exists()


def list_remote(url: str, access: str = "") -> Listing:
    """Return the default branch of a remote repository and all its refs, including `HEAD` if it exists."""
    return _list(permit(url, access))


def list_tips(url: str, access: str = "") -> Listing:
    """Return the default branch of a remote repository, its branches and tags, and `HEAD` if it exists.

    Unlike `list_remote`, this doesn't start git if the server speaks its usual protocol over https, and it
    may leave out other refs. It keeps connections open, so it is meant for repeated requests.
    """
    remote = permit(url, access)
    if remote.transport == "https":
        # The scanner alone doesn't need this library.
        from scanner.git.smart_http import list_refs  # noqa: PLC0415

        if (found := list_refs(remote)) is not None:
            return Listing(*found)
    return _list(remote)


def _list(remote: Remote) -> Listing:
    arguments = ["ls-remote", "--quiet", "--symref", "--", remote.address]
    with _explained(remote), identity_options(remote.ssh_access) as identity:
        raw = run(
            arguments,
            config=_config(remote),
            timeout=_SECONDS_TO_ASK,
            secret_config=dict(remote.secrets),
            ssh_options=(*remote.ssh_options, *identity),
        )
    refs: dict[str, str] = {}
    default = ""
    for line in raw.split(b"\n")[:-1]:
        value, name = (str(decode_path(part)) for part in line.split(b"\t", 1))
        if value.startswith("ref: "):
            default = value.removeprefix("ref: refs/heads/") if name == "HEAD" else default
        elif not name.endswith("^{}"):
            refs[name] = value
    return Listing(refs, default)


def ls_remote(url: str, access: str = "") -> dict[str, str]:
    """Return the refs in a remote repository (full name -> SHA), including `HEAD` if it has one."""
    return list_remote(url, access).refs


def default_branch(path: str) -> str:
    """Return the default branch of a mirror's origin when it was cloned, or as last recorded since then."""
    target = run(["symbolic-ref", "HEAD"], git_dir=path).rstrip(b"\n")
    return str(decode_path(target.removeprefix(b"refs/heads/")))


def branch_ref(branch: str) -> str:
    """Return the full name of a branch as an argument for git."""
    return "refs/heads/" + encode_path(branch).decode("utf-8", "surrogateescape")


def follow_default_branch(path: str, branch: str) -> None:
    """Record in a mirror that the default branch of its origin has changed."""
    run(["symbolic-ref", "HEAD", branch_ref(branch)], git_dir=path)


def _clone(remote: Remote, target: Path, watch: Watch) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f"{target.name}.unfinished-{os.getpid()}")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        _copy(remote, unfinished, watch)
        run(["config", "remote.origin.mirror", "true"], git_dir=str(unfinished))
        set_refspecs(str(unfinished))
        unfinished.rename(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _copy(remote: Remote, target: Path, watch: Watch) -> None:
    """Clone using git's protocol, so that a local folder is checked like a remote repository.

    git's own local clone performs no checks and shares files with the folder, so damage to one would damage
    both.
    """
    arguments = ["clone", "--bare", "--", remote.address, str(target)]
    try:
        transfer_from([*arguments[:1], "--no-local", *arguments[1:]], remote, watch)
    except RemoteError as error:
        if remote.transport != "file" or error.reason != "damaged":
            raise
        # A partial clone lacks file contents that the protocol would have to send, so the existing objects
        # are copied and checked.
        shutil.rmtree(target, ignore_errors=True)
        transfer_from([*arguments[:1], "--no-hardlinks", *arguments[1:]], remote, watch)
        _check_objects(remote, target)
        (target / _INCOMPLETE).touch()


def _check_objects(remote: Remote, target: Path) -> None:
    """Raise `RemoteError` for defects that a transfer would refuse, but not for missing objects."""
    try:
        run(
            ["fsck", "--strict", "--no-dangling", "--no-progress"], git_dir=str(target), config=CHECK_IN_PLACE
        )
    except GitError as error:
        if defects(str(error)):
            raise failure(remote.address, error) from error


def transfer_from(arguments: list[str], remote: Remote, watch: Watch, *, git_dir: str | None = None) -> None:
    """Run a git command that copies from a permitted address. Raises `RemoteError`."""
    with _explained(remote), identity_options(remote.ssh_access) as identity:
        transfer(
            arguments,
            watch,
            git_dir=git_dir,
            config=_config(remote),
            secret_config=dict(remote.secrets),
            ssh_options=(*remote.ssh_options, *identity),
        )


@contextmanager
def _explained(remote: Remote) -> Iterator[None]:
    """Raise git's errors as `RemoteError`, which says how to fix them."""
    try:
        yield
    except GitError as error:
        moved = reason_of(str(error)) == "moved" and remote.transport == "https"
        raise failure(remote.address, error, _find_target(remote) if moved else "") from error


def _config(remote: Remote) -> tuple[str, ...]:
    allowed = f"protocol.{remote.transport}.allow=always"
    return (allowed, *CHECK_ON_TRANSFER, "gc.autoDetach=false", *_LIMITS, *remote.config)


def _find_target(remote: Remote) -> str:
    """Return the address to which a server redirects, without credentials, or an empty string if it does
    not.
    """
    try:
        arguments, secrets = ["ls-remote", "--quiet", "--", remote.address], dict(remote.secrets)
        run(arguments, config=_config(remote), timeout=_SECONDS_TO_ASK, secret_config=secrets, trace=True)
    except GitError as error:
        if found := _LOCATION.findall(str(error)):
            target = urljoin(f"{remote.address.rstrip('/')}{_SERVICE}", found[-1])
            return redacted(target.partition(_SERVICE)[0])
    return ""
