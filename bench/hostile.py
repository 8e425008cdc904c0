"""`python -m bench.hostile`: CPU seconds for texts made to be slow to read, at one size and at twice it.

The last column is their ratio: 2 is linear, 4 is quadratic.
"""

import os
import time
from collections.abc import Callable

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "compliance.settings")

from compliance.integrations.task_lists import task_list
from scanner.globs import path_matches
from scanner.python.source import Source

_READERS: dict[str, tuple[Callable[[int], object], int]] = {
    "glob of stars": (
        lambda size: path_matches(("**/*" + "a*" * 200 + "b",), "a/" * size + "a" * size),
        20_000,
    ),
    "glob of folders": (lambda size: path_matches(("**/a*/" * 300 + "b",), "a/" * size + "a" * size), 20_000),
    "comments": (lambda size: Source("a.py", b"# was: call_1()\n" * size + b"x = 1\n").words("x"), 100_000),
    "list markers": (lambda size: task_list("- " * size), 60_000),
    "quote markers": (lambda size: task_list(">" * size), 60_000),
    "task list": (lambda size: task_list("- [ ] a\n" * size), 8_000),
    "backticks": (lambda size: task_list("`" * size), 60_000),
}


def main() -> None:
    """Print one line for each reader."""
    print(f"{'text':<18}{'size':>9}{'cpu s':>9}{'twice':>9}{'ratio':>7}")
    for name, (read, size) in _READERS.items():
        once, twice = (min(_seconds(read, each) for _ in range(3)) for each in (size, 2 * size))
        print(f"{name:<18}{size:>9,}{once:>9.4f}{twice:>9.4f}{twice / once:>7.2f}", flush=True)


def _seconds(read: Callable[[int], object], size: int) -> float:
    start = time.process_time()
    read(size)
    return time.process_time() - start


if __name__ == "__main__":
    main()
