"""Runs git through GitPython's command interface, as `transfer` does for commands that copy a repository.

Every process is hardened: no prompts, no system or user configuration, no hooks, no lazy fetching, only the
transports that the caller allows, and output as bytes. Nothing in a repository is ever executed or checked
out.
"""

import os
import shlex
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import IO, Any, Literal, cast

from git.cmd import Git
from git.exc import GitCommandError, GitCommandNotFound

_ENVIRONMENT = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_SSH_COMMAND": os.environ.get("GIT_SSH_COMMAND", "ssh -o BatchMode=yes"),
}
_HARDENING = (
    f"core.hooksPath={os.devnull}",
    f"core.attributesFile={os.devnull}",
    "core.fsmonitor=false",
    "core.quotePath=false",
    "log.showSignature=false",
    "protocol.allow=never",
)
_TRACE = {"GIT_TRACE_CURL": "1", "GIT_TRACE_CURL_NO_DATA": "1", "GIT_TRACE_REDACT": "1"}
_PART_BYTES = 1 << 16


Reason = Literal[
    "unreachable",
    "refused",
    "host key",
    "owner",
    "not found",
    "moved",
    "no answer",
    "disk full",
    "address",
    "unsafe",
    "damaged",
    "other",
]
"""The reason why a remote repository was not read. "address" means that its address is not allowed, "unsafe"
that it contains objects that git refuses, "host key" that its server's ssh key is unknown or has changed.
"""


class GitError(Exception):
    """A repository problem that a person must fix. The message says what is wrong and how to fix it."""


class GitMissingError(GitError):
    """Git can't be run."""

    def __init__(self) -> None:
        super().__init__("git is not installed or not on the PATH: install git 2.36 or newer")


class NotARepositoryError(GitError):
    """The path is not a git repository, or is one that must not be read."""


class EmptyRepositoryError(GitError):
    """The repository has no commit."""


class UnknownRevisionError(GitError):
    """The repository does not contain the requested revision."""


class DamagedRepositoryError(GitError):
    """Commits or trees are missing or corrupt, so figures would be unreliable."""


class RemoteError(GitError):
    """A remote repository cannot be read, or is not allowed to be read. `reason` is the category of the
    problem.
    """

    def __init__(self, message: str, reason: Reason = "unreachable") -> None:
        super().__init__(message)
        self.reason: Reason = reason


def run(
    arguments: Sequence[str],
    *,
    git_dir: str | None = None,
    working_dir: str | None = None,
    config: Sequence[str] = (),
    timeout: float | None = None,
    own_config: bool = False,
    nothing: int | None = None,
    secret_config: Mapping[str, str] | None = None,
    ssh_options: Sequence[str] = (),
    trace: bool = False,
) -> bytes:
    """Return the standard output of one git command.

    `nothing` is the exit code for "none found", in which case the output is empty. `secret_config` contains
    settings that are passed in the environment, where no process list shows them. `own_config` reads the
    user's own configuration, which names trusted owners and the author. `ssh_options` are added to ssh's
    command. `trace` adds the headers of http requests, without secrets, to git's message.

    Raises `GitError` with git's own message if the command fails or takes longer than `timeout` seconds.
    """
    variables = environment(secret_config or {}, ssh_options, own_config=own_config)
    try:
        out = Git(working_dir or os.sep).execute(
            command_line(arguments, git_dir, config),
            env=variables | (_TRACE if trace else {}),
            stdout_as_string=False,
            strip_newline_in_stdout=False,
            kill_after_timeout=timeout,
        )
    except GitCommandNotFound as error:
        raise GitMissingError from error
    except GitCommandError as error:
        if nothing is not None and error.status == nothing:
            return b""
        raise GitError(_message(error)) from error
    return out


def run_for_status(
    arguments: Sequence[str], git_dir: str, config: Sequence[str], timeout: float
) -> tuple[int, bytes, str]:
    """Return the exit status, the standard output and the message of one git command whose status is an
    answer.

    The command is killed after `timeout` seconds; its status is then negative.
    """
    try:
        status, out, message = Git(os.sep).execute(
            command_line(arguments, git_dir, config),
            env=environment({}),
            with_extended_output=True,
            with_exceptions=False,
            stdout_as_string=False,
            strip_newline_in_stdout=False,
            kill_after_timeout=timeout,
        )
    except GitCommandNotFound as error:
        raise GitMissingError from error
    return status, out, message.strip()


def run_with_input(arguments: Sequence[str], git_dir: str, text: bytes, config: Sequence[str] = ()) -> bytes:
    """Return the standard output of one git command that reads `text` from its standard input.

    Raises `GitError` with git's own message if the command fails.
    """
    process = Process(arguments, git_dir, config)
    try:
        process.send(text)
        process.stdin.close()
        out = process.stdout.read()
        process.finish()
    finally:
        process.close()
    return out


def stream(arguments: Sequence[str], git_dir: str) -> Iterator[bytes]:
    """Yield the standard output of one git command in chunks. Closing the generator early ends the command.

    Raises `GitError` with git's own message if the command fails, after all output has been read.
    """
    process = Process(arguments, git_dir)
    try:
        while part := process.stdout.read(_PART_BYTES):
            yield part
        process.finish()
    finally:
        process.close()


def environment(
    secret_config: Mapping[str, str], ssh_options: Sequence[str] = (), *, own_config: bool = False
) -> dict[str, str]:
    """Return the environment variables of a git process; for the settings, see `run`."""
    found = {k: v for k, v in _ENVIRONMENT.items() if not (own_config and k.startswith("GIT_CONFIG"))}
    found |= _settings(secret_config)
    if ssh_options:
        added = "".join(f" -o {shlex.quote(option)}" for option in ssh_options)
        found["GIT_SSH_COMMAND"] = _ENVIRONMENT["GIT_SSH_COMMAND"] + added
    return found


def command_line(arguments: Sequence[str], git_dir: str | None, config: Sequence[str]) -> list[str]:
    """Return the words of a hardened git command."""
    options = [part for setting in (*_HARDENING, *config) for part in ("-c", setting)]
    location = [f"--git-dir={git_dir}"] if git_dir else []
    return ["git", *options, *location, *arguments]


def _settings(config: Mapping[str, str]) -> dict[str, str]:
    """Return settings as the environment variables from which git reads them (GIT_CONFIG_COUNT)."""
    pairs = {f"GIT_CONFIG_KEY_{number}": key for number, key in enumerate(config)}
    pairs |= {f"GIT_CONFIG_VALUE_{number}": value for number, value in enumerate(config.values())}
    return {**pairs, "GIT_CONFIG_COUNT": str(len(config))}


def _message(error: GitCommandError) -> str:
    """Return git's own message without the text that GitPython adds."""
    text = error.stderr.strip()
    text = text.removeprefix("stderr:").strip().strip("'").strip()
    return text or f"git ended with status {error.status}"


class Process:
    """A long-running git process that responds to one request after another."""

    def __init__(self, arguments: Sequence[str], git_dir: str, config: Sequence[str] = ()) -> None:
        try:
            handle: Any = Git(os.sep).execute(
                command_line(arguments, git_dir, config),
                istream=-1,  # subprocess.PIPE
                as_process=True,
                env=_ENVIRONMENT,
            )
        except GitCommandNotFound as error:
            raise GitMissingError from error
        self._handle = handle
        self.stdin = cast("IO[bytes]", self._handle.proc.stdin)
        self.stdout = cast("IO[bytes]", self._handle.proc.stdout)
        self._complaints: deque[bytes] = deque(maxlen=20)
        # git would block if the pipe for standard error were full, so it must be read continuously.
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        self._complaints.extend(self._handle.proc.stderr)

    def send(self, request: bytes) -> None:
        """Send a request. If the process has ended, the error is raised when the response is read."""
        with suppress(BrokenPipeError):
            self.stdin.write(request)
            self.stdin.flush()

    def complaint(self) -> str:
        """Return the last lines that the process wrote to standard error, once it has ended."""
        self._listener.join(timeout=5)
        return b"".join(self._complaints).decode("utf-8", "replace").strip()

    def finish(self) -> None:
        """Wait for the process to end after its output has been read. Raises `GitError` if it failed."""
        status = self._handle.proc.wait()
        if status != 0:
            raise GitError(self.complaint() or f"git ended with status {status}")

    def close(self) -> None:
        """End the process and wait for it."""
        process = self._handle.proc
        if process is None:
            return
        with suppress(BrokenPipeError):
            self.stdin.close()
        self.stdout.close()
        if process.poll() is None:
            process.terminate()
        process.wait()
        self._listener.join(timeout=5)
        process.stderr.close()
        self._handle.proc = None
