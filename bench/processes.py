"""The CPU time of processes, from proc(5)."""

import os
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Processes:
    """The children of each process, and its CPU seconds, with those of its children that have ended."""

    children: dict[int, list[int]] = field(default_factory=dict)
    seconds: dict[int, float] = field(default_factory=dict)

    def below(self, process: int) -> list[int]:
        """Return the descendants of a process."""
        return [each for child in self.children.get(process, ()) for each in (child, *self.below(child))]

    def total(self, process: int) -> float:
        """Return the CPU seconds of a process and of all its descendants."""
        return self.seconds.get(process, 0) + sum(self.seconds[each] for each in self.below(process))


def read_processes() -> Processes:
    """Return all processes of this machine."""
    found, second = Processes(), os.sysconf("SC_CLK_TCK")
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        found.children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
        found.seconds[int(stat.parent.name)] = sum(map(int, fields[11:15])) / second
    return found
