"""Writes a bare git repository from trees in memory through a single `git fast-import` process.

For the stream format, see https://git-scm.com/docs/git-fast-import. Names, dates and order are fixed, so the
commits have the same SHAs on every machine.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

# The machine's git configuration must not affect the repository.
_CLEAN = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_TEMPLATE_DIR": "", "LC_ALL": "C"}


MAIN = "refs/heads/main"


@dataclass(frozen=True, slots=True)
class CommitWithTree:
    """A commit with its complete tree. `parents` names earlier commits, beginning with the one on its own
    branch. The last commit with a `ref` is where it points to.
    """

    name: str
    author: str
    at: datetime
    message: str
    tree: Mapping[str, str]
    parents: Sequence[str] = ()
    ref: str = MAIN


@dataclass(frozen=True, slots=True)
class Tag:
    """An annotated tag on a commit."""

    name: str
    on: str
    author: str
    at: datetime
    message: str


class WriteError(RuntimeError):
    """Raised if git rejects the input. The message is git's own."""


def write_repository(path: Path, snapshots: Sequence[CommitWithTree], tags: Sequence[Tag]) -> None:
    """Write a bare repository in which each reference points to its last snapshot.

    It is created next to `path` and moved there once it is complete. Raises FileExistsError if `path` is
    anything but an empty folder, or WriteError.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise FileExistsError(
            f"{path} is not empty. The demonstration can only be written to a new or empty folder"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    try:
        _git(draft, b"", "init", "--quiet", "--bare", "--object-format=sha1", "--initial-branch=main")
        _git(draft, b"".join(_stream(snapshots, tags)), "fast-import", "--quiet", "--done")
        draft.chmod(0o755)
        draft.replace(path)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _git(folder: Path, data: bytes, *command: str) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | _CLEAN
    done = subprocess.run(
        ["git", *command], cwd=folder, env=environment, input=data, capture_output=True, check=False
    )
    if done.returncode != 0:
        raise WriteError(f"git {command[0]}: {done.stderr.decode(errors='replace').strip()}")


def _stream(snapshots: Sequence[CommitWithTree], tags: Sequence[Tag]) -> Iterator[bytes]:
    marks = {snapshot.name: number for number, snapshot in enumerate(snapshots, start=1)}
    trees: dict[str, Mapping[str, str]] = {}
    for snapshot in snapshots:
        before = trees[snapshot.parents[0]] if snapshot.parents else {}
        trees[snapshot.name] = snapshot.tree
        yield from _commit(snapshot, marks, before)
    tips = {snapshot.ref: marks[snapshot.name] for snapshot in snapshots}
    for ref, mark in tips.items():
        yield f"reset {ref}\nfrom :{mark}\n\n".encode()
    for tag in tags:
        yield f"tag {tag.name}\nfrom :{marks[tag.on]}\ntagger {_signature(tag.author, tag.at)}\n".encode()
        yield _data(tag.message)
    yield b"done\n"


def _commit(snapshot: CommitWithTree, marks: Mapping[str, int], before: Mapping[str, str]) -> Iterator[bytes]:
    yield f"commit {snapshot.ref}\nmark :{marks[snapshot.name]}\n".encode()
    for role in ("author", "committer"):
        yield f"{role} {_signature(snapshot.author, snapshot.at)}\n".encode()
    yield _data(snapshot.message)
    for position, parent in enumerate(snapshot.parents):
        yield f"{'merge' if position else 'from'} :{marks[parent]}\n".encode()
    for path in sorted(before.keys() - snapshot.tree.keys()):
        yield f"D {path}\n".encode()
    for path, text in sorted(snapshot.tree.items()):
        if before.get(path) != text:
            yield f"M 100644 inline {path}\n".encode() + _data(text)
    yield b"\n"


def _signature(author: str, at: datetime) -> str:
    return f"{author} {int(at.timestamp())} {at:%z}"


def _data(text: str) -> bytes:
    raw = text.encode()
    return b"data %d\n%s\n" % (len(raw), raw)
