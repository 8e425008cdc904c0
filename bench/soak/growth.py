"""The memory of a cluster's processes and the size of its tables, over time."""

import threading
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from statistics import median

from bench.soak.cluster import Cluster

EVERY = 20.0
"""Seconds between two looks."""
WARM = 300.0
"""Age in seconds from which a process has loaded what it needs."""


class Growth(threading.Thread):
    """Looks at all processes until `finish`."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(daemon=True)
        self.cluster = cluster
        self._seen: dict[tuple[str, int], list[tuple[float, float]]] = defaultdict(list)
        self._ended = threading.Event()
        self._began = time.monotonic()

    def run(self) -> None:
        """Look at all processes."""
        while not self._ended.wait(EVERY):
            now = time.monotonic() - self._began
            for pid, role in self.cluster.processes():
                with suppress(OSError, KeyError):
                    self._seen[role, pid].append((now, private(pid)))

    def finish(self) -> list[str]:
        """End, and return a line for each role: the median memory of its processes early and late.

        The highest slope is that of the process that grew most from the time at which it was warm, for
        processes that were looked at for ten minutes from then on.
        """
        self._ended.set()
        self.join()
        lines = []
        for role in sorted({role for role, _ in self._seen}):
            of = {pid: looks for (name, pid), looks in self._seen.items() if name == role}
            everything = [look for looks in of.values() for look in looks]
            half = max(at for at, _ in everything) / 2
            early, late = ([mb for at, mb in everything if (at < half) == first] for first in (True, False))
            lines.append(
                f"{role}: {len(of)} processes; private memory, median: first half {median(early):.0f} MB, "
                f"second half {median(late):.0f} MB, highest {max(mb for _, mb in everything):.0f} MB; "
                f"{_slopes(of)}"
            )
        return lines


def _slopes(looks: dict[int, list[tuple[float, float]]]) -> str:
    slopes = []
    for seen in looks.values():
        warm = [(at, mb) for at, mb in seen if at - seen[0][0] >= WARM]
        if len(warm) * EVERY >= 600:
            third = len(warm) // 3
            first, last = median(mb for _, mb in warm[:third]), median(mb for _, mb in warm[-third:])
            slopes.append((last - first) / ((warm[-1][0] - warm[0][0]) * 2 / 3 / 3600))
    if not slopes:
        return "none lived long enough for a slope"
    return f"{len(slopes)} lived long, their growth: {min(slopes):+.0f} to {max(slopes):+.0f} MB an hour"


def private(pid: int) -> float:
    """Return the memory in MB that only this process holds. Raises OSError if it has ended."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss_Anon:"):
            return int(line.split()[1]) / 1024
    raise KeyError(pid)
