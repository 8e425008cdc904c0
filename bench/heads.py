"""The repository on which the judging of pull requests is measured, and their heads.

BENCH_REPO and BENCH_PLAN name a repository and its plan; without them, one is generated.
"""

import os
import random
import subprocess
from pathlib import Path

from bench import generated

HEADS = int(os.environ.get("BENCH_HEADS", "100"))
_TOUCHED = 20


def origin(home: Path) -> tuple[Path, str, str]:
    """Return a clone of what is measured on, in which heads can be written, its branch, and the plan."""
    folder = home / "origin.git"
    if named := os.environ.get("BENCH_REPO"):
        subprocess.run(["git", "clone", "--quiet", "--bare", "--shared", named, str(folder)], check=True)
        return folder, _branch(folder), Path(os.environ["BENCH_PLAN"]).read_text()
    generated.write(folder, files=4000, commits=200)
    return folder, _branch(folder), Path(__file__).with_name("generated-plan.yaml").read_text()


def write_heads(folder: Path, branch: str) -> list[str]:
    """Write HEADS heads of pull requests to the branch, and return their SHAs. Each changes 20 files."""
    chance = random.Random(HEADS)
    bases = _git(folder, "rev-list", "--first-parent", f"--max-count={HEADS}", branch).split()
    stream = b""
    for number in range(HEADS):
        base = bases[number % len(bases)]
        listed = _git(folder, "ls-tree", "-r", "--name-only", base).splitlines()
        paths = chance.sample([path for path in listed if path.endswith(".py") and '"' not in path], _TOUCHED)
        stream += f"commit refs/pull/{number + 1}/head\n".encode()
        stream += b"committer B <b@example.org> 1800000000 +0000\n"
        stream += f"data 4\nHead\nfrom {base}\n".encode()
        for path in paths:
            text = _bytes(folder, "show", f"{base}:{path}") + f"\n\nmeasured = {number}\n".encode()
            stream += f"M 644 inline {path}\ndata {len(text)}\n".encode() + text + b"\n"
    subprocess.run(["git", "fast-import", "--quiet", "--force"], cwd=folder, input=stream, check=True)
    return [_git(folder, "rev-parse", f"refs/pull/{number + 1}/head") for number in range(HEADS)]


def _branch(folder: Path) -> str:
    return _git(folder, "symbolic-ref", "--short", "HEAD")


def _git(folder: Path, *arguments: str) -> str:
    return _bytes(folder, *arguments).decode().strip()


def _bytes(folder: Path, *arguments: str) -> bytes:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=True)
    return done.stdout
