"""What is distributed of the engine, and a repository with a change that it refuses."""

import subprocess
from pathlib import Path

from tests.scanner.gitdir import GitDir

PROJECT = Path(__file__).parents[2]
_PLAN = """\
version: 1
name: Small
rules: [{id: old, kind: deprecated-symbol, symbols: [pkg.old.get]}]
"""
_USE = "from pkg.old import get\nget()\n"


def good_and_bad(folder: Path) -> GitDir:
    """Make a repository with a use on main, a branch `good` without a new one, and `bad` with another use."""
    made = GitDir.create(folder)
    made.commit("Begin", {"ssot-plan.yaml": _PLAN, "app/a.py": _USE})
    made.git("checkout", "-q", "-b", "good")
    made.commit("Fine", {"app/b.py": "x = 1\n"})
    made.git("checkout", "-q", "-b", "bad", "main")
    made.commit("Worse", {"app/c.py": _USE})
    return made


def copy(place: Path) -> GitDir:
    """A repository of what is distributed, as it stands here: installing writes into the folder it reads."""
    source = place / "source"
    if source.exists():
        return GitDir(source)
    command = [
        "git",
        "ls-files",
        "-co",
        "--exclude-standard",
        "-z",
        "--",
        "scanner",
        "*.toml",
        "LICENSE",
        ".pre-commit*",
    ]
    listed = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    names = [name for name in listed.split("\0")[:-1] if (PROJECT / name).exists()]
    made = GitDir.create(source)
    made.commit("The scanner", {name: (PROJECT / name).read_bytes() for name in names})
    return made
