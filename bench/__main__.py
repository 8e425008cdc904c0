"""`make bench`: how long the engine takes beside tools that people know, measured in turn in one run.

BENCH_REPO, BENCH_PLAN, BENCH_REV (its tree) and BENCH_LINE (its history) name what to measure on; without
BENCH_REPO a generated repository of the same shape is. BENCH_RUNS is how often each pair runs (3; histories
once), BENCH_ROWS picks rows by words in them. `ast-grep` and `semgrep` are measured where they are installed
(bench/requirements.txt).
"""

import os
import tempfile
from pathlib import Path

from bench.ground import lay
from bench.rows import Row, rows

_HEAD = (
    f"{'work':<26}{'against':<18}{'ours s':>8}{'theirs':>8}{'ratio':>7}{'goal':>6}"
    f"{'cpu s':>8}{'theirs':>8}{'largest MB':>12}{'summed':>8}{'at once':>8}{'private':>8}{'load':>6}"
)


def main() -> None:
    """Print the table, each row as soon as it is measured."""
    print(_HEAD, flush=True)
    wanted = os.environ.get("BENCH_ROWS", "")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        ground = lay(Path(folder))
        os.environ["XDG_CACHE_HOME"] = str(ground.cache)
        for row in rows(ground):
            if wanted in f"{row.work} {row.against}":
                print(_line(row), flush=True)


def _line(row: Row) -> str:
    load = os.getloadavg()[0]
    measured = row.measure()
    if measured is None:
        return f"{row.work:<26}{row.against:<18} not installed: pip install -r bench/requirements.txt"
    ours, theirs = measured.ours, measured.theirs
    memory = (ours.memory.largest, ours.memory.summed, ours.memory.together, ours.memory.private)
    return (
        f"{row.work:<26}{row.against:<18}{ours.wall:>8.2f}{theirs.wall:>8.2f}{measured.ratio:>7.2f}{row.goal:>6.1f}"
        f"{ours.cpu:>8.2f}{theirs.cpu:>8.2f}"
        + "{:>12.0f}{:>8.0f}{:>8.0f}{:>8.0f}".format(*memory)
        + f"{load:>6.1f}"
    )


if __name__ == "__main__":
    main()
