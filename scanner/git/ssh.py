"""Gives ssh a private key and the known keys of a host, neither of which is written to a disk."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from scanner.git.command import GitError, Reason, RemoteError
from scanner.git.failures import advice, failure

_END_OF_KEY = "-----END OPENSSH PRIVATE KEY-----"
_SECONDS_TO_CONNECT = 20
_SETTINGS = (
    "IdentitiesOnly=yes",
    "IdentityAgent=none",
    "PreferredAuthentications=publickey",
    "GlobalKnownHostsFile=/dev/null",
    "StrictHostKeyChecking=yes",
    "UpdateHostKeys=no",
    f"ConnectTimeout={_SECONDS_TO_CONNECT}",
    "ServerAliveInterval=15",
    "ServerAliveCountMax=4",
)


@dataclass(frozen=True, slots=True)
class SshAccess:
    """A private key in OpenSSH's format, and the lines of a `known_hosts` file for its host.

    `text` is both in one text, which takes the place of the `user:password` of an https address.
    """

    private_key: str
    host_keys: str = ""

    @classmethod
    def parse(cls, text: str) -> "SshAccess | None":
        """Return the parts of a text, or None if it contains no private key."""
        key, end, host_keys = text.partition(_END_OF_KEY)
        return cls(f"{key}{end}\n", host_keys.strip()) if end else None

    @property
    def text(self) -> str:
        """Return the key and the host's keys in one text."""
        return f"{self.private_key.strip()}\n{self.host_keys.strip()}\n"


@dataclass(frozen=True, slots=True)
class SshHost:
    """A host's address that was checked, its port, and the name under which its keys are known."""

    address: str
    port: int
    alias: str


@contextmanager
def identity_options(access: SshAccess | None) -> Iterator[tuple[str, ...]]:
    """Yield the options with which ssh uses only this key, and accepts only these keys of its host."""
    if access is None:
        yield ()
        return
    with ExitStack() as stack:
        key = stack.enter_context(_readable(access.private_key))
        known = stack.enter_context(_readable(f"{access.host_keys}\n"))
        yield (f"IdentityFile={key}", f"UserKnownHostsFile={known}", *_SETTINGS)


@contextmanager
def _readable(text: str) -> Iterator[str]:
    """Yield the path of a text that only this user can read. On Linux, it exists in memory alone, so that
    nothing is left of it after this process.
    """
    if not hasattr(os, "memfd_create"):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(text)
            file.flush()
            yield file.name
        return
    descriptor = os.memfd_create("ssh")
    try:
        os.fchmod(descriptor, 0o600)
        with os.fdopen(os.dup(descriptor), "w") as file:
            file.write(text)
        yield f"/proc/{os.getpid()}/fd/{descriptor}"
    finally:
        os.close(descriptor)


def ask_host_keys(host: SshHost, shown: str) -> str:
    """Return the keys that a host shows, as lines of a `known_hosts` file. No key of this side is used.

    `shown` is the address as messages show it. Raises `RemoteError` if the host shows none.
    """
    seconds = str(_SECONDS_TO_CONNECT)
    command = ["ssh-keyscan", "-T", seconds, "-p", str(host.port), "--", host.address.strip("[]")]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=3 * _SECONDS_TO_CONNECT
        )
    except FileNotFoundError:
        words = f"{shown}: ssh is not installed. Debian: apt-get install openssh-client"
        raise RemoteError(words, "other") from None
    except subprocess.TimeoutExpired:
        raise failure(shown, GitError("the connection timed out")) from None
    keys = {tuple(line.split()[1:3]) for line in done.stdout.splitlines() if not line.startswith("#")}
    if not keys:
        said = (done.stderr.strip().splitlines() or ["it shows no host key"])[-1]
        reason: Reason = "no answer" if "timed out" in said.lower() else "unreachable"
        raise RemoteError(f"{shown}: no ssh server answers there ({said}); {advice(reason)}", reason)
    return "\n".join(f"{host.alias} {' '.join(key)}" for key in sorted(keys))
