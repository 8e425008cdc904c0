"""Checks that the lock files were made from the requirements, before packages are installed from them.

Uses the standard library only, because nothing is installed yet.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
LOCKS = {
    f"{name}.txt": f"{name}.lock"
    for name in ("requirements", "requirements-dev", "deploy/requirements-build", "deploy/requirements-node")
}

_PIN = re.compile(r"^([\w.-]+)(?:\[[\w,]+\])?==([^\s\\;]+)")


def problems(folder: Path = PROJECT) -> Iterator[str]:
    """Yield a message for each package that a lock file lacks, or has in another version."""
    for name, lock in LOCKS.items():
        locked = _pins(folder / lock) if (folder / lock).exists() else {}
        for package, version in _pins(folder / name).items():
            if locked.get(package) != version:
                found = f"{package}=={locked[package]}" if package in locked else "nothing"
                yield f"{name} has {package}=={version}, but {lock} has {found}."


def _pins(path: Path) -> dict[str, str]:
    """Return the versions of the packages that a file pins, by their normalised names."""
    found = (_PIN.match(line) for line in path.read_text().splitlines())
    return {re.sub(r"[-_.]+", "-", match[1]).lower(): match[2] for match in found if match}


if __name__ == "__main__":
    if found := list(problems()):
        sys.exit("\n".join([*found, "Run `make lock`, which needs a package index, and commit the result."]))
