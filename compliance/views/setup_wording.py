"""The sentences of the page on which a repository is added."""

import math
from datetime import date

from compliance.lib.wording import count_of
from compliance.models import Repository, RepositorySetup

Kind = Repository.Trouble

_PRIVATE = {Kind.REFUSED, Kind.NOT_FOUND}
"""The answers of servers to those who may not read a private repository."""


def needs_credentials(setup: RepositorySetup) -> bool:
    """Return true if a token or a connection may help, because the server didn't let anyone in."""
    return setup.trouble_kind in _PRIVATE and setup.url.startswith("https://")


def needs_deploy_key(setup: RepositorySetup) -> bool:
    """Return true if the repository is read with a deploy key, which the server may not know yet."""
    return not setup.url.startswith(("/", "https://"))


def estimate_sentences(setup: RepositorySetup) -> list[str]:
    """Return what is known of the repository's size, and of the time that its first scan takes."""
    known = setup.estimate
    if not known:
        return []
    found = []
    commits, size = known.get("commits"), known.get("size")
    if commits is None:
        found.append(
            "The number of commits is unknown, because the server can't send commits alone, or not in time."
        )
    else:
        since = f" since {date.fromisoformat(known['since']):%-d %B %Y}" if known.get("since") else ""
        found.append(
            f"History: {count_of(commits, 'commit')}{since} on {setup.default_branch}, merges counted once."
        )
    if size is None:
        found.append("The size is unknown, because the server didn't begin to send the repository in time.")
    else:
        found.append(f"Size of the clone: about {_size(size)}.")
    if seconds := known.get("seconds"):
        low, high = seconds
        found.append(
            f"Time: {_span(low, high)} for the clone and the whole history, depending on the plan. The "
            "newest commit is shown first."
        )
    return found


def _size(size: int) -> str:
    for unit, scale in (("GB", 10**9), ("MB", 10**6)):
        if size >= scale:
            return f"{size / scale:.1f} {unit}"
    return "1 MB or less"


def _span(low: int, high: int) -> str:
    if high < 90:
        return "less than two minutes"
    least, most = max(low // 60, 1), math.ceil(high / 60)
    if most >= 120:
        least, most = max(low // 3600, 1), math.ceil(high / 3600)
        return f"{least} to {most} hours" if least < most else count_of(most, "hour")
    return f"{least} to {most} minutes" if least < most else count_of(most, "minute")
