"""Keeps mirrors small and sound: merges their packs, checks their objects, and removes what killed processes
left behind.
"""

import os
import re
import shutil
import time
from contextlib import suppress
from pathlib import Path

from scanner.git.command import run
from scanner.git.remote import is_sound

MOST_PACKS = 30
MOST_LOOSE = 4000
"""Numbers of packs, and of objects outside packs, above which reading a mirror becomes noticeably slower.
git's own limits for `gc --auto` are 50 and 6,700.
"""

CHECK_EVERY = 30 * 86400.0
"""Seconds after which all objects of a mirror are checked again. Reading doesn't notice wrong bytes that can
still be unpacked.
"""

_SECONDS = 600
_ABANDONED = 3600.0
_CHECKED = "objects-checked"
_BOUNDS = ("pack.threads=1", "pack.windowMemory=256m")
# Names that `scanner.git.remote` gives to folders until they are complete, and `scanner.git.merge` to its
# workspaces, with the id of the process.
_PARTIAL = re.compile(r".+\.(?:unfinished|renewed|damaged|merges-\w+)-(\d+)")


def needs_upkeep(path: str) -> bool:
    """Return true if a mirror has many packs or loose objects, or has not been checked for a long time."""
    objects = Path(path) / "objects"
    if sum(1 for _ in (objects / "pack").glob("*.pack")) > MOST_PACKS:
        return True
    # git distributes objects evenly over 256 folders, so one of them is enough for an estimate.
    if sum(1 for _ in (objects / "17").glob("*")) * 256 > MOST_LOOSE:
        return True
    return time.time() - _checked_at(Path(path)) > CHECK_EVERY


def keep_up(path: str) -> bool:
    """Merge the packs of a mirror, and check its objects if that is due. Return False if one is damaged.

    Every object is kept, including those of commits that a force push removed. Small packs are merged first,
    so the work is in proportion to what has arrived. Pages may read the mirror meanwhile.

    Raises `GitError` if git fails or takes too long, in which case the mirror remains as it was.
    """
    folder = Path(path)
    _remove_partial_packs(folder / "objects" / "pack")
    if time.time() - _checked_at(folder) > CHECK_EVERY:
        if not is_sound(path, _SECONDS):
            return False
        (folder / _CHECKED).touch()
    run(["repack", "--geometric=2", "-d", "-q"], git_dir=path, config=_BOUNDS, timeout=_SECONDS)
    return True


def remove_abandoned(folder: Path) -> list[str]:
    """Remove incomplete clones of killed processes from a folder of mirrors, and return their names."""
    removed = []
    for entry in folder.glob("*.*-*"):
        match = _PARTIAL.fullmatch(entry.name)
        if match and not _is_running(int(match[1])) and time.time() - _written_at(entry) > _ABANDONED:
            shutil.rmtree(entry, ignore_errors=True)
            removed.append(entry.name)
    return removed


def remove_unfinished(mirror: Path) -> list[str]:
    """Remove all incomplete clones of one mirror, and return their names.

    The caller must make sure that no other process is cloning it.
    """
    removed = []
    for entry in mirror.parent.glob(f"{mirror.name}.*-*"):
        if _PARTIAL.fullmatch(entry.name):
            shutil.rmtree(entry, ignore_errors=True)
            removed.append(entry.name)
    return removed


def _checked_at(folder: Path) -> float:
    """Return the time of the last check. A clone checks every object, so it counts as one."""
    for name in (_CHECKED, "config"):
        with suppress(OSError):
            return (folder / name).stat().st_mtime
    return 0.0


def _remove_partial_packs(folder: Path) -> None:
    """Remove the files of git processes that were killed. git itself removes only its own."""
    for pattern in ("tmp_*", ".tmp-*"):
        for file in folder.glob(pattern):
            with suppress(OSError):
                if time.time() - file.stat().st_mtime > _ABANDONED:
                    file.unlink()


def _written_at(folder: Path) -> float:
    times = [0.0]
    for entry in (folder, *(folder / "objects" / "pack").glob("*")):
        with suppress(OSError):
            times.append(entry.stat().st_mtime)
    return max(times)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
