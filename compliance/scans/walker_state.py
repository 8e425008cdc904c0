"""Keeps what the walker knows about the newest recorded commit: in this process between jobs, and in Postgres
for other processes and machines.

A process may use what it kept only if no other has recorded a commit since then, which the newest part in
Postgres shows. Otherwise, it loads the parts. Neither reads a file that no commit has changed.
"""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db.models import QuerySet

from compliance.models import PlanVersion, WalkPart
from compliance.scans.recording import recording
from compliance.scans.scan import Scan
from scanner import Repository, Visit, Walker, WalkMemory, engine_version

MOST_FILES = 200_000
"""Number of files, in all kept states together, above which a process forgets the least recently used ones.
A file takes about 1 kB.
"""

LARGEST = 64 * 1024 * 1024
"""Maximum size of a saved state in bytes, which half a million files have. A larger one isn't saved, so each
push reads the whole tree.
"""

_SMALL = 64 * 1024
"""Total size of steps that never needs to be replaced by a full state."""


@dataclass
class _Kept:
    """What this process knows, least recently used first, with the number of the newest part.

    The keys are plan versions; what is known of a version's incomplete history has the negative key.
    """

    states: OrderedDict[int, tuple[int, WalkMemory]] = field(default_factory=OrderedDict)

    def put(self, version: int, part: int, memory: WalkMemory) -> None:
        """Keep what is known, and forget what was used least recently if it is too much."""
        self.states[version] = part, memory
        self.states.move_to_end(version)
        while sum(kept.size for _, kept in self.states.values()) > MOST_FILES:
            self.states.popitem(last=False)


_kept = _Kept()


def _start(version: PlanVersion, git: Repository, walker: Walker) -> WalkPart | None:
    """Let a walker start at the newest recorded commit. Return the newest part, or None if what is known
    can't be used.
    """
    kept = _kept.states.pop(version.pk, None)
    newest = parts_of(version).only("pk", "sha", "rows_agree").last()
    if newest is None or walker.memory is not None or not git.has(newest.sha):
        return None
    if kept is not None and kept[0] == newest.pk:
        walker.continue_from(kept[1])
    elif not _load(version, walker):
        return None
    return newest


def _load(version: PlanVersion, walker: Walker) -> bool:
    parts = list(parts_of(version))
    start = max((number for number, part in enumerate(parts) if part.is_full), default=None)
    if start is None:
        return False
    full, *steps = (bytes(part.body) for part in parts[start:])
    return walker.load(full, steps)


@contextmanager
def borrowed(version: PlanVersion, git: Repository, walker: Walker) -> Iterator[None]:
    """Let a walker start at the newest recorded commit, and visit any revisions. If that succeeds, it returns
    to that commit afterwards, and what it knows is kept for the next job.
    """
    part = _start(version, git, walker)
    yield
    if part is None:
        return
    for _ in walker.walk([part.sha]):
        pass
    if (memory := walker.memory) is not None:
        _kept.put(version.pk, part.pk, memory)


class WalkerState:
    """The saved state of one scan's walker."""

    def __init__(self, scan: Scan) -> None:
        self._scan = scan
        self._steps: list[Visit] = []
        self._part: int | None = None
        self.rows_agree = False

    def restore(self) -> None:
        """Let the walker start at the newest recorded commit, or at one that a force push has removed."""
        scan = self._scan
        found = _start(scan.version, scan.git, scan.walker)
        if found is not None:
            self._part, self.rows_agree = found.pk, found.rows_agree

    def note(self, visit: Visit) -> None:
        """Add the step to a visit, which the next `write` saves."""
        self._steps.append(visit)

    def write(self) -> None:
        """Save the steps since the last call, in the transaction that records the last one's commit."""
        for visit in self._steps if self._part is not None else ():
            self._add(visit.revision.sha, visit.saved_step(), is_full=False)
        self._steps = []

    def finish(self) -> None:
        """Keep what the walker knows about the newest recorded commit, and replace the saved steps if there
        are many.
        """
        scan, memory = self._scan, self._scan.walker.memory
        if memory is None:
            return
        if self._part is None or _are_steps_large(scan.version):
            body = scan.walker.save()
            with recording(scan):
                self.write_full(memory.sha, body)
        if self._part is not None:
            _kept.put(scan.version.pk, self._part, memory)

    def write_full(self, sha: str, body: bytes) -> None:
        """Replace all parts by what the walker knew at a commit, in the caller's transaction."""
        scan = self._scan
        former = WalkPart.objects.filter(plan__repository=scan.repository)
        (former if scan.is_active else former.filter(plan=scan.version)).delete()
        self._part = None
        if len(body) <= LARGEST:
            self._add(sha, body, is_full=True)

    def _add(self, sha: str, body: bytes, *, is_full: bool) -> None:
        part = WalkPart.objects.create(
            plan=self._scan.version,
            engine=engine_version(),
            sha=sha,
            is_full=is_full,
            size=len(body),
            body=body,
        )
        self._part = part.pk


def continue_history(scan: Scan) -> None:
    """Let the walker of a backfill start where an earlier run of this process ended.

    That only saves work: wherever it starts, the walker reads what differs from there.
    """
    _, memory = _kept.states.pop(-scan.version.pk, (0, None))
    if memory is not None and scan.git.has(memory.sha):
        scan.walker.continue_from(memory)


def keep_history(scan: Scan) -> None:
    """Keep what the walker of a backfill knows for the next run, which reads the commits below."""
    if (memory := scan.walker.memory) is not None:
        _kept.put(-scan.version.pk, 0, memory)


def parts_of(version: PlanVersion) -> QuerySet[WalkPart]:
    """Return the parts of this engine under a plan version in their order."""
    return WalkPart.objects.filter(plan=version, engine=engine_version()).order_by("pk")


def _are_steps_large(version: PlanVersion) -> bool:
    sizes = list(parts_of(version).values_list("is_full", "size"))
    full = sum(size for is_full, size in sizes if is_full)
    return sum(size for is_full, size in sizes if not is_full) > max(full / 2, _SMALL)
