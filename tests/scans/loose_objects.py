"""Writes git objects byte by byte, as no git command would, so that a repository can hold any metadata."""

import hashlib
import subprocess
import zlib
from collections.abc import Mapping
from pathlib import Path

Tree = Mapping[bytes, "bytes | Tree"]


class LooseObjects:
    """A bare repository whose objects, branches and tags are written as given."""

    def __init__(self, folder: Path) -> None:
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(folder)], check=True)
        self.folder = folder

    def write(self, kind: bytes, body: bytes) -> str:
        """Write an object and return its SHA."""
        raw = kind + b" %d\0" % len(body) + body
        sha = hashlib.sha1(raw, usedforsecurity=False).hexdigest()
        place = self.folder / "objects" / sha[:2] / sha[2:]
        if not place.exists():
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(zlib.compress(raw, 1))
        return sha

    def tree(self, files: Tree) -> str:
        """Write a tree with its subtrees, in the order in which git sorts entries."""
        entries = []
        for name, content in files.items():
            if isinstance(content, bytes):
                entries.append((name, b"100644", name, self.write(b"blob", content)))
            else:
                entries.append((name + b"/", b"40000", name, self.tree(content)))
        body = b"".join(
            mode + b" " + name + b"\0" + bytes.fromhex(sha) for _, mode, name, sha in sorted(entries)
        )
        return self.write(b"tree", body)

    def commit(self, tree: str, parents: list[str], header: bytes, message: bytes) -> str:
        """Write a commit. `header` contains the lines of its author and committer, and any further lines."""
        above = "".join(f"parent {parent}\n" for parent in parents)
        return self.write(b"commit", f"tree {tree}\n{above}".encode() + header + b"\n" + message)

    def refer(self, refs: Mapping[bytes, str], head: bytes) -> None:
        """Write all references at once, because a name can be too long for a file's."""
        lines = [sha.encode() + b" " + name for name, sha in sorted(refs.items())]
        packed = b"# pack-refs with: peeled fully-peeled sorted \n" + b"\n".join(lines) + b"\n"
        (self.folder / "packed-refs").write_bytes(packed)
        (self.folder / "HEAD").write_bytes(b"ref: " + head + b"\n")
