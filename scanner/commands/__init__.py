"""The commands of `python -m scanner`, one per file; only `scanner.__main__` ends the process."""

import sys
from collections.abc import Iterable


class UsageError(Exception):
    """A request that cannot be fulfilled; the message says how to fix it."""


def write(lines: Iterable[str]) -> None:
    """Write lines to standard output as UTF-8 in every locale, each one immediately."""
    for line in lines:
        sys.stdout.buffer.write(line.encode("utf-8", "backslashreplace") + b"\n")
        sys.stdout.buffer.flush()


def warn(message: str) -> None:
    """Write one line to standard error."""
    sys.stderr.write(message + "\n")
