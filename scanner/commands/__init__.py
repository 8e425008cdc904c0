"""The subcommands of `python -m scanner`, one module each. Only `scanner.__main__` exits the process."""

import sys
from collections.abc import Iterable


class UsageError(Exception):
    """A request that cannot be carried out; the message says how to fix it."""


def write(lines: Iterable[str]) -> None:
    """Write lines to standard output as UTF-8, whatever the locale, flushing after each line."""
    for line in lines:
        sys.stdout.buffer.write(line.encode("utf-8", "backslashreplace") + b"\n")
        sys.stdout.buffer.flush()


def warn(message: str) -> None:
    """Write one line to standard error."""
    sys.stderr.write(message + "\n")
