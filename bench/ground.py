"""What is measured on: a repository, its checkout, the blobs of its history, one more commit."""

import os
import random
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench import generated

_LOG = ("git", "log", "--raw", "--no-abbrev", "--no-renames", "-z", "--format=", "--diff-merges=first-parent")
_TOUCHED = 20


@dataclass(frozen=True, slots=True)
class Ground:
    """`scanned` is the revision whose tree is scanned, `line` the one whose history is walked."""

    repository: Path
    scanned: str
    line: str
    checkout: Path
    whole: Path
    work: Path

    @property
    def cache(self) -> Path:
        """Where our reports are kept while this is measured."""
        return self.work / "cache"


def lay(work: Path) -> Ground:
    """The repository named by BENCH_REPO with the plan BENCH_PLAN, or a generated one.

    BENCH_REV and BENCH_LINE name the two revisions; both are HEAD otherwise.
    """
    named = os.environ.get("BENCH_REPO")
    if named:
        repository, whole = Path(named).resolve(), Path(os.environ["BENCH_PLAN"]).resolve()
    else:
        repository = generated.write(work / "generated.git", files=4000, commits=400)
        whole = Path(__file__).with_name("generated-plan.yaml")
    scanned = os.environ.get("BENCH_REV", "HEAD")
    ground = Ground(
        repository, scanned, os.environ.get("BENCH_LINE", scanned), work / "checkout", whole, work
    )
    ground.checkout.mkdir()
    with subprocess.Popen(
        ["git", "archive", scanned, "*.py"], cwd=repository, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as archive:
        subprocess.run(["tar", "-x", "-C", str(ground.checkout)], stdin=archive.stdout, check=True)
    (ground.checkout / ".semgrepignore").touch()  # without one semgrep leaves out tests by its own defaults
    return ground


def blobs(ground: Ground, *, first_parent: bool) -> Path:
    """A file with the names of all Python blobs of the history, one a line: what any reader must read."""
    options = ("--first-parent",) if first_parent else ()
    log = subprocess.run(
        [*_LOG, *options, ground.line, "--", "*.py"], cwd=ground.repository, capture_output=True, check=True
    ).stdout
    fields = (entry.split() for entry in log.split(b"\0") if entry.startswith(b":"))
    names = sorted({entry[3] for entry in fields} - {b"0" * 40})
    path = ground.work / f"blobs-{'line' if first_parent else 'all'}"
    path.write_bytes(b"\n".join(names) + b"\n")
    return path


def commit(ground: Ground) -> tuple[Path, str, str]:
    """A repository that borrows the other's objects, with one more commit that touches twenty files.

    Gives its path, the parent's SHA and the commit's.
    """
    folder = Path(tempfile.mkdtemp(suffix=".git", dir=ground.work))
    subprocess.run(["git", "init", "-q", "--bare", str(folder)], check=True)
    objects = _git(ground.repository, "rev-parse", "--path-format=absolute", "--git-path", "objects").decode()
    (folder / "objects" / "info" / "alternates").write_text(objects)
    parent = _git(ground.repository, "rev-parse", f"{ground.scanned}^{{commit}}").decode().strip()
    listed = _git(folder, "ls-tree", "-r", "-z", "--name-only", parent).split(b"\0")
    paths = [path for path in listed if path.endswith(b".py") and b'"' not in path and b"\n" not in path]
    head = "commit refs/heads/more\ncommitter Bench <bench@example.org> 1800000000 +0000\n"
    stream = bytearray(f"{head}data 0\nfrom {parent}\n".encode())
    for path in random.Random(parent).sample(paths, min(_TOUCHED, len(paths))):
        text = b"# one more line\n" + _git(folder, "cat-file", "blob", f"{parent}:{os.fsdecode(path)}")
        stream += b'M 100644 inline "' + path + b'"\n' + f"data {len(text)}\n".encode() + text + b"\n"
    subprocess.run(["git", "fast-import", "--quiet"], cwd=folder, input=bytes(stream), check=True)
    return folder, parent, _git(folder, "rev-parse", "more").decode().strip()


def _git(folder: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=True).stdout
