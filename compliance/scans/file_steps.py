"""Counts the causes of a commit's step in the number of files and of clean files, and its changes in
categories that aren't counted.
"""

from collections import Counter
from collections.abc import Collection, Set

from scanner import Comparison, Difference, FileResult, RepoPath


def count_files(step: Difference, counted: Collection[str]) -> dict[str, int]:
    """Return the values of the snapshot's columns that explain the step from the first parent.

    A renamed file is one file, which may become clean. It is one of the added and one of the gone files too.
    """
    sides = {
        path: (_side(before, counted), _side(after, counted))
        for path, (before, after) in step.changed.items()
    }
    found = Counter(
        files_added=sum(before is None and after is not None for before, after in sides.values()),
        files_gone=sum(before is not None and after is None for before, after in sides.values()),
    )
    for new, old in step.renames.items():
        (before, gone), (absent, after) = sides.get(old, (None, None)), sides.get(new, (None, None))
        if before is not None and gone is None and absent is None and after is not None:
            del sides[old]
            sides[new] = before, after
            found["files_renamed"] += 1
    for before, after in sides.values():
        if before is None or after is None:
            found["clean_added"] += bool(after)
            found["clean_gone"] += bool(before)
        else:
            found["became_clean"] += after and not before
            found["became_unclean"] += before and not after
    return dict(found)


def count_gone(step: Difference, comparison: Comparison, counted: Collection[str]) -> int:
    """Return how many of the fixed violations in counted categories were in files that were removed."""
    gone = removed_files(step)
    return sum(finding.category in counted and finding.path in gone for finding in comparison.fixed)


def removed_files(step: Difference) -> Set[RepoPath]:
    """Return the paths that are no files of the plan any more, without renamed files."""
    gone = {path for path, (_, after) in step.changed.items() if after is None}
    return gone.difference(step.renames.values())


def _side(result: FileResult | None, counted: Collection[str]) -> bool | None:
    """Return true if a file is clean, or None if the figures don't include it."""
    if result is None or result.skipped is not None or result.category not in counted:
        return None
    return result.clean


def count_outside(comparison: Comparison, counted: Collection[str]) -> dict[str, dict[str, int]]:
    """Return the number of changes of each kind in each category that isn't counted."""
    found: dict[str, Counter[str]] = {}
    kinds = {
        "new": [finding.category for finding in comparison.new],
        "fixed": [finding.category for finding in comparison.fixed],
        "suppressed": [move.after.category for move in comparison.suppressed],
        "restored": [move.after.category for move in comparison.restored],
        "moved": [move.after.category for move in comparison.moved],
    }
    for kind, categories in kinds.items():
        for category in categories:
            if category not in counted:
                found.setdefault(category, Counter())[kind] += 1
    return {category: dict(numbers) for category, numbers in sorted(found.items())}
