"""Finds the lines that an edit replaced between two versions of a file.

Format: the manual page git-diff ("Generating patch text with -p"); only the headers of the hunks are read.
"""

import re

from scanner.git.command import GitError, run
from scanner.model import Edit

_HUNK = re.compile(rb"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
_OPTIONS = (
    *("--no-color", "--no-ext-diff", "--no-textconv", "--text", "--unified=0", "--inter-hunk-context=0"),
    *("--diff-algorithm=histogram", "--indent-heuristic", "--ws-error-highlight=none"),
    "--ignore-all-space",  # moving code into a block edits none of its lines
)


def edits_between(git_dir: str, before: str, after: str) -> tuple[Edit, ...]:
    """Return what was edited between two blobs, in text order; nothing if one of them can't be read.

    git always compares them in the same order, because its result may depend on it: the edits from one blob
    to another are those in the other direction, reversed.
    """
    first, second = sorted((before, after))
    try:
        patch = run(["diff", *_OPTIONS, "--end-of-options", first, second], git_dir=git_dir)
    except GitError:
        return ()
    edits = (Edit(*_lines(hunk)) for hunk in _HUNK.finditer(patch))
    return tuple(edits if first == before else (edit.reversed() for edit in edits))


def _lines(hunk: re.Match[bytes]) -> tuple[range, range]:
    """Return the numbers of the lines of both sides of a hunk."""
    starts, sizes = hunk.group(1, 3), hunk.group(2, 4)
    old, new = (
        range(int(start), int(start) + (1 if size is None else int(size)))
        for start, size in zip(starts, sizes, strict=True)
    )
    return old, new
