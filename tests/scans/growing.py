"""Commits on top of a bare repository's main branch, each a day after the one before, from tomorrow on.

So evidence that arrives now counts from its commit on, as it does for commits of today.
"""

import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from tests.scans.upstream import git

DAY = 86_400
START = (int(time.time()) // DAY + 1) * DAY


def grow(folder: Path, files: Mapping[str, str | None], rename: tuple[str, str] | None = None) -> str:
    """Commit files (None deletes) or the renaming of a file; return the new tip."""
    known = set(git(folder, "ls-tree", "-r", "--name-only", "main").splitlines())
    number = int(git(folder, "rev-list", "--count", "--all", "--reflog"))
    stream = f"commit refs/heads/main\ncommitter A <a@example.org> {START + number * DAY} +0000\n"
    stream += "data 0\nfrom refs/heads/main^0\n"
    if rename and rename[0] in known and rename[0] != rename[1]:
        stream += f"R {rename[0]} {rename[1]}\n"
    for path, text in sorted(files.items(), key=lambda item: item[1] is not None):
        stream += (
            f"D {path}\n" if text is None else f"M 644 inline {path}\ndata {len(text.encode())}\n{text}\n"
        )
    command = ["git", "fast-import", "--quiet", "--force"]
    subprocess.run(command, cwd=folder, input=stream.encode(), check=True)
    return git(folder, "rev-parse", "main")
