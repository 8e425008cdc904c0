"""The memory of a process and all that it started, read from /proc while they run (proc(5))."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_EVERY = 0.1
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Memory:
    """In MB: the largest process at its highest, each process at its highest added up, and all at one moment.

    The sum counts what forked processes share once for each of them (VmHWM), so it is an upper bound; the
    moment divides it among them (PSS), but is only looked at ten times a second. `private` is the part of it
    that no file stands behind: git maps whole packs, and gives them back when others need the memory.
    """

    largest: float = 0.0
    summed: float = 0.0
    together: float = 0.0
    private: float = 0.0


NOTHING = Memory()


class Sampler:
    """Watches a process in the background until it is stopped."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._highest: dict[int, float] = {}
        self._together = self._private = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._done.wait(_EVERY):
            together = private = 0.0
            for pid in _family(self._pid):
                now = _read(pid, "smaps_rollup")
                together += now.get("Pss", 0.0)
                private += now.get("Pss_Anon", 0.0)
                highest = _read(pid, "status").get("VmHWM", 0.0)
                self._highest[pid] = max(self._highest.get(pid, 0.0), highest)
            self._together = max(self._together, together)
            self._private = max(self._private, private)

    def stop(self) -> Memory:
        """What was seen; call it once the process has ended."""
        self._done.set()
        self._thread.join()
        return Memory(
            max(self._highest.values(), default=0.0),
            sum(self._highest.values()),
            self._together,
            self._private,
        )


def _family(pid: int) -> Iterator[int]:
    """A process and its descendants."""
    yield pid
    with suppress(OSError):
        for thread in (_PROC / str(pid) / "task").iterdir():
            for child in (thread / "children").read_text().split():
                yield from _family(int(child))


def _read(pid: int, file: str) -> dict[str, float]:
    """The figures of a process that are in kB, in MB; none of one that is gone."""
    with suppress(OSError):
        lines = (line.split() for line in (_PROC / str(pid) / file).read_text().splitlines())
        return {line[0].rstrip(":"): int(line[1]) / 1024 for line in lines if line[-1:] == ["kB"]}
    return {}
