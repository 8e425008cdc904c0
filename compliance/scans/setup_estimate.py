"""Says how long the first scan of a repository will take, before it begins."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from compliance.scans import remote_branches
from compliance.scans.depth import Depth, estimated_commits, months_of, plausible_days
from compliance.scans.history_rate import seconds_per_commit
from scanner import Estimate, estimate, split_access

BYTES_PER_SECOND = 5_000_000
"""The rate of a clone whose server didn't send enough to measure it."""

SECONDS_PER_COMMIT = (0.005, 0.03)
"""Time to evaluate one commit of the history, in a small and in a large repository (docs/measurements.md)."""


def describe_estimate(found: Estimate, free: int) -> dict[str, Any]:
    """Return what is shown and stored of an estimate: the size and the free space in bytes, the number of
    commits, that of each month, the dates of the first and the last one, the time of the clone in seconds,
    and the shortest and longest time in seconds for the whole history. What is unknown is null.
    """
    clone = found.size / (found.rate or BYTES_PER_SECOND) if found.size is not None else None
    first, last = plausible_days(found.times or ())
    told = {
        "size": found.size,
        "commits": len(found.times) if found.times is not None else None,
        "months": months_of(found.times) if found.times is not None else None,
        "since": first.isoformat() if first else None,
        "until": last.isoformat() if last else None,
        "clone": round(clone, 1) if clone is not None else None,
        "free": free,
    }
    return {**told, "seconds": estimate_for(told, Depth())["seconds"]}


def estimate_address(url: str, branch: str = "") -> tuple[str, dict[str, Any]]:
    """Return the branch that would be tracked at an address, and its estimate. Raises `GitError` and
    `TroubleError` as `remote_branches.query` does.
    """
    url, access = split_access(url)
    branch, _ = remote_branches.query(url, branch, access)
    folder = Path(settings.DATA_DIR) / "mirrors"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = estimate(url, branch, str(folder / f"estimate.unfinished-{os.getpid()}"), access)
    return branch, describe_estimate(found, shutil.disk_usage(folder).free)


def estimate_for(known: Mapping[str, Any], depth: Depth) -> dict[str, Any]:
    """Return the number of commits that a choice reads, about, the size of the clone in bytes, and the
    shortest and longest time in seconds for both. What is unknown is null.

    The clone is complete whatever is read of it, because blame and the merge bases of pull requests need
    every commit.
    """
    months, clone = known.get("months"), known.get("clone")
    commits: int | None
    if months is not None:
        commits = estimated_commits(depth, months)
    else:
        commits = known.get("commits") if depth.is_whole else depth.commits
    seconds = seconds_for(commits, clone) if commits is not None and clone is not None else None
    return {"commits": commits, "size": known.get("size"), "seconds": seconds}


def seconds_for(commits: int, clone: float = 0.0) -> list[int]:
    """Return the shortest and longest time in seconds for a number of commits after a clone of so many
    seconds.
    """
    low, high = seconds_per_commit() or SECONDS_PER_COMMIT
    return [round(clone + commits * low), round(clone * 1.5 + commits * high) + 5]
