"""Determines from git's output why a remote repository could not be read, and explains how to fix the
problem.
"""

import re

from scanner.git.command import GitError, Reason, RemoteError
from scanner.git.fsck import defects
from scanner.git.local import explain_folder

# Messages from git, curl, ssh and the large forges. The first match determines the reason.
_PATTERNS: dict[Reason, re.Pattern[str]] = {
    "disk full": re.compile(r"No space left on device|Disk quota exceeded"),
    "owner": re.compile(r"dubious ownership"),
    "moved": re.compile(r"returned error: 30[12378]|was moved to '[^']+'"),
    "damaged": re.compile(r"repository corruption on the remote side"),
    "other": re.compile(r"bad object|did not send all necessary objects|unresolved delta|inflate|corrupt"),
    "no answer": re.compile(r"did not complete in|timed out|Operation too slow", re.IGNORECASE),
    "host key": re.compile(r"Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED"),
    "not found": re.compile(
        r"not found|error: 404|not appear to be a git repository|does not exist|no longer exists",
        re.IGNORECASE,
    ),
    "refused": re.compile(
        r"Authentication failed|could not read (?:Username|Password)|error: 40[13]|Permission denied"
        r"|access denied|not authorized",
        re.IGNORECASE,
    ),
    "unreachable": re.compile(
        r"unable to access|resolve host|connection (?:refused|reset|closed)|no route to|network is|hung up",
        re.IGNORECASE,
    ),
}
_ADVICE: dict[Reason, str] = {
    "damaged": "run git fsck there and repair it, or track another clone of it",
    "disk full": "free space on the disk that stores this product's data",
    "host key": "compare the server's ssh key with the one that was accepted before; if its change is known, "
    "accept the new one",
    "moved": "track it at its new address",
    "no answer": "check the load of its server; the request is repeated automatically",
    "not found": "check the address, and that the account has access",
    "other": "check that git can read that address from here (git ls-remote), and check this machine's disk",
    "refused": "check the user name, password or key, and its access rights",
    "unreachable": "check the address, and that its server is up and can be reached from here",
}
# For a folder with another owner, git advises changing the user's configuration, which has no effect here.
_OWNER = (
    "the folder belongs to another user, so git refuses to read it; git's setting safe.directory is not read "
    "here. Give the folder to the user that this product runs as (chown -R), run the product as the folder's "
    "owner, or track a clone that the product's user has made (git clone --mirror)"
)
_UNSAFE = (
    "git refuses such objects, because their paths are ambiguous or could harm a checkout. Nothing was "
    "read; rewrite the history without them (git filter-repo), or track a clone that does not have them"
)
_TARGET = re.compile(r"was moved to '(?P<to>[^']+)'")
# git may report thousands of harmless defects before the line that says what went wrong.
_NOISE = re.compile(r"^(?:warning|remote: warning): [^\n]*\n?", re.MULTILINE)
# git's lines that say nothing about what happened, and what it puts before those that do.
_USELESS = re.compile(
    r"^(?:fatal: )?(?:Could not read from remote repository\.|Please make sure you have the correct access "
    r"rights|and the repository exists\.)\s*\n?",
    re.MULTILINE,
)
_PREFIX = re.compile(r"^(?:(?:remote: )?(?:fatal|error|ERROR): |remote: )", re.MULTILINE)
_PLAIN: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"could not read (?:Username|Password)"),
        "the server asks for a user name and a password or token, and none that it accepts was given",
    ),
    (
        re.compile(r"not appear to be a git repository"),
        "there is no git repository at this path on the server",
    ),
    (
        re.compile(
            r"not valid: is this a git repository|expected flush|invalid content-type|bad line length"
        ),
        "the server answers, but not as a git server; perhaps this is the address of a web page",
    ),
    (
        re.compile(r"not our ref"),
        "it lacks commits that its own branches refer to, so it is damaged or incomplete",
    ),
    (re.compile(r"error: 404"), "the server has nothing at this address"),
    (re.compile(r"error: 401"), "the server refused the user name, password or token"),
    (re.compile(r"error: 403"), "the server doesn't let this account read the repository"),
    (
        re.compile(r"error: (?P<status>5\d\d)"),
        "the server has a problem of its own and answers with an error",
    ),
    (
        re.compile(r"SSL certificate problem|certificate verif|self.signed certificate"),
        "this machine doesn't trust the server's TLS certificate; add its authority to the machine's "
        "certificates",
    ),
    (re.compile(r"hung up unexpectedly|early EOF"), "the server ended the connection in the middle"),
)
"""What git's messages mean that only its developers would understand."""
# For a folder, these say less than a look at it.
_OF_FOLDERS: set[Reason] = {"not found", "refused"}
_OF_FOLDER = re.compile(r"not a git repository|bad config")
_LONGEST = 2000


def reason_of(words: str) -> Reason:
    """Return the reason why git could not read a remote repository, judging by its output."""
    if defects(words):
        return "unsafe"
    return next((reason for reason, pattern in _PATTERNS.items() if pattern.search(words)), "other")


def advice(reason: Reason) -> str:
    """Return how to fix a failure with this reason."""
    return _ADVICE[reason]


def failure(address: str, error: GitError, moved_to: str = "") -> RemoteError:
    """Return the error for an address that git could not read: what is wrong, and how to fix it.

    `moved_to` is the new address to which the server redirects.
    """
    said = str(error)
    reason = reason_of(said)
    if address.startswith("/") and (reason in _OF_FOLDERS or _OF_FOLDER.search(said)):
        words, reason = explain_folder(address, without_noise(said))
        return RemoteError(f"{address}: {words}", reason)
    if reason == "owner":
        return RemoteError(f"{address}: {_OWNER}", reason)
    if reason == "unsafe":
        return RemoteError(f"{address}: {defects(said)}: {_UNSAFE}", reason)
    target = moved_to or (named["to"] if (named := _TARGET.search(said)) else "")
    if reason == "moved" and target:
        return RemoteError(f"{address}: the repository has moved to {target}; {_ADVICE[reason]}", reason)
    return RemoteError(f"{address}: {in_words(said).removesuffix('.')}; {_ADVICE[reason]}", reason)


def without_noise(said: str) -> str:
    """Return git's message without the lines that say nothing and without prefixes."""
    lines = _PREFIX.sub("", _USELESS.sub("", _NOISE.sub("", said))).strip()
    return lines[-_LONGEST:] or said[-_LONGEST:]


def in_words(said: str) -> str:
    """Return git's message without noise, and with a plain sentence for what is obscure."""
    told = without_noise(said)
    plain = next((words for pattern, words in _PLAIN if pattern.search(said)), "")
    return f"{plain} (git: {told})" if plain else told
