"""The state of the disk on which a folder lies."""

import os
import shutil
from pathlib import Path

LEAST_SPACE = 100 * 2**20
"""Number of free bytes below which neither a push nor a log can be stored reliably."""


def free_bytes(folder: Path) -> int | None:
    """Return the free bytes for a folder, or None if it can't be read."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def is_writable(folder: Path) -> bool:
    """Return false if a folder is on a read-only disk, belongs to somebody else, or is gone."""
    return os.access(folder, os.W_OK | os.X_OK)


def describe_folder_problem(folder: Path) -> str:
    """Return why the data folder can't be relied on, or an empty string."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return f"the data folder cannot be read: {error.strerror}"
    if free < LEAST_SPACE:
        return f"{free // 2**20} MB left for the data folder"
    return (
        ""
        if is_writable(folder)
        else "the data folder cannot be written: it is on a read-only disk or not ours"
    )
