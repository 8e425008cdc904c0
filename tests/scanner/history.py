"""Real repositories for tests, written in one go by `git fast-import`."""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LINK = "120000"
SUBMODULE = "160000"
EXECUTABLE = "100755"
REGULAR = "100644"

# Content, or mode and content; None deletes.
Entry = bytes | str | tuple[str, bytes] | None


@dataclass(frozen=True)
class Commit:
    """Changes by path (text or bytes) on top of parents: positions in the history, the base first."""

    files: Mapping[Any, Entry] = field(default_factory=dict)
    parents: tuple[int, ...] | None = None
    subject: str = "Change"
    author: str = "Ann Author <ann@example.org>"
    when: str = ""


def write_history(folder: Path, commits: Sequence[Commit], branch: str = "main") -> list[str]:
    """A bare repository in a new folder; the commits' SHAs. Each commit is a day after the one before."""
    subprocess.run(["git", "init", "-q", "--bare", "-b", branch, str(folder)], check=True)
    stream = bytearray(b"feature done\n")
    for number, commit in enumerate(commits):
        stream += _commit(number, commit, branch)
    stream += b"done\n"
    marks = folder / "marks"
    subprocess.run(
        ["git", "fast-import", "--quiet", f"--export-marks={marks}"],
        input=bytes(stream),
        cwd=folder,
        check=True,
        env={"PATH": "/usr/bin:/bin", "GIT_CONFIG_GLOBAL": "/dev/null"},
    )
    shas = dict(line.split() for line in marks.read_text().splitlines())
    return [shas[f":{number + 1}"] for number in range(len(commits))]


def _commit(number: int, commit: Commit, branch: str) -> bytes:
    parents = commit.parents if commit.parents is not None else ((number - 1,) if number else ())
    when = commit.when or f"{1_700_000_000 + number * 86_400} +0000"
    who = f"{commit.author} {when}"
    out = bytearray(f"commit refs/heads/{branch}\nmark :{number + 1}\n".encode())
    out += f"author {who}\ncommitter {who}\n".encode() + _data(commit.subject.encode())
    for kind, parent in zip(("from", *["merge"] * len(parents)), parents, strict=False):
        out += f"{kind} :{parent + 1}\n".encode()
    if not parents and number:
        out = bytearray(
            out.replace(b"commit refs", b"reset refs/heads/%b\n\ncommit refs" % branch.encode(), 1)
        )
    # Deletions first, so that a file may take the place of a folder and the other way round.
    for path, entry in sorted(commit.files.items(), key=lambda item: item[1] is not None):
        name = _quoted(path.encode() if isinstance(path, str) else path)
        if entry is None:
            out += b"D " + name + b"\n"
            continue
        mode, content = entry if isinstance(entry, tuple) else (REGULAR, entry)
        raw = content.encode() if isinstance(content, str) else content
        if mode == SUBMODULE:
            out += b"M 160000 " + raw + b" " + name + b"\n"
        else:
            out += f"M {mode} inline ".encode() + name + b"\n" + _data(raw)
    return bytes(out) + b"\n"


def _data(raw: bytes) -> bytes:
    return f"data {len(raw)}\n".encode() + raw + b"\n"


def _quoted(path: bytes) -> bytes:
    return b'"' + path.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n") + b'"'
