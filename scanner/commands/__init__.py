"""The commands of `python -m scanner`, one a file; only `scanner.__main__` ends the process."""

import sys
from collections.abc import Iterable


class UsageError(Exception):
    """A request that cannot be fulfilled as it stands; the message says what to change."""


def write(lines: Iterable[str]) -> None:
    """Lines to standard output as UTF-8, each as soon as it is there, whatever the locale says."""
    for line in lines:
        sys.stdout.buffer.write(line.encode("utf-8", "backslashreplace") + b"\n")
        sys.stdout.buffer.flush()


def warn(words: str) -> None:
    """One line to standard error."""
    sys.stderr.write(words + "\n")
