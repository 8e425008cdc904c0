"""Chooses the branch to track among those of a remote repository."""

from compliance.lib.field_types import LONGEST_REF
from compliance.scans.problems import Kind, TroubleError
from scanner import Listing, list_remote


def query(url: str, branch: str = "", access: str = "") -> tuple[str, str]:
    """Return the branch to track, by default the origin's default branch, and the SHA of its tip.

    `access` contains credentials as `user:password`. Raises `RemoteError` if the origin doesn't respond, and
    `TroubleError` if it has no such branch.
    """
    return choose(url, list_remote(url, access), branch)


def choose(url: str, listing: Listing, branch: str = "") -> tuple[str, str]:
    """Choose the branch to track in the same way as `query`, from refs that have already been listed."""
    heads = {
        name.removeprefix("refs/heads/"): sha
        for name, sha in listing.refs.items()
        if name.startswith("refs/heads/")
    }
    if not heads and listing.refs:
        words = f"{url} has no branch, only tags or other refs. Create a branch (git branch NAME REVISION)."
        raise TroubleError(words, Kind.BRANCH if branch else Kind.OTHER)
    if not heads:
        raise TroubleError(f"{url} has no commits on any branch yet. Commit something first.", Kind.EMPTY)
    branch = branch or _default_branch(listing, heads)
    if len(branch) > LONGEST_REF:
        words = (
            f"The name of the branch {branch[:100]}… is longer than {LONGEST_REF:,} characters. Rename it."
        )
        raise TroubleError(words, Kind.BRANCH)
    if branch not in heads:
        names = ", ".join(sorted(heads)[:5])
        raise TroubleError(f"{url} has no branch {branch!r}. Its branches are {names}.", Kind.BRANCH)
    return branch, heads[branch]


def _default_branch(listing: Listing, heads: dict[str, str]) -> str:
    """Return the default branch that the origin reports. If it reports none, as old servers do, guess."""
    if listing.default_branch in heads:
        return listing.default_branch
    same = [name for name, sha in heads.items() if sha == listing.refs.get("HEAD")]
    known = [name for name in ("main", "master", "trunk", "develop") if name in (same or heads)]
    return (known or same or sorted(heads))[0]
