"""Commits with one defect each that git-fsck(1) names, written byte by byte on top of a bare repository."""

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

WHO = "Ann Author <ann@example.org> 1700600000 +0000"

# Author lines of old tools.
IDENTITIES: Mapping[str, str] = {
    "badTimezone": "Ann Author <ann@example.org> 1700600000 +051800",
    "badEmail": "Ann Author <ann@<example.org> 1700600000 +0000",
    "badName": "Ann> Author <ann@example.org> 1700600000 +0000",
    "missingEmail": "Ann Author 1700600000 +0000",
    "missingNameBeforeEmail": "<ann@example.org> 1700600000 +0000",
    "missingSpaceBeforeEmail": "Ann Author<ann@example.org> 1700600000 +0000",
    "missingSpaceBeforeDate": "Ann Author <ann@example.org>1700600000 +0000",
    "badDate": "Ann Author <ann@example.org> x1700600000 +0000",
    "badDateOverflow": "Ann Author <ann@example.org> 99999999999999999999 +0000",
    "zeroPaddedDate": "Ann Author <ann@example.org> 01700600000 +0000",
}
Entries = Callable[[bytes, bytes], list[tuple[bytes, bytes, bytes]]]

# Modes, names and objects of a tree, from a blob and a tree.
HARMLESS_TREES: Mapping[str, Entries] = {
    "zeroPaddedFilemode": lambda blob, tree: [(b"0100644", b"n.py", blob), (b"040000", b"sub", tree)],
    "nullSha1": lambda blob, _: [(b"100644", b"n.py", blob), (b"160000", b"sub", bytes(20))],
    "badFilemode": lambda blob, tree: [(b"100664", b"n.py", blob), (b"40000", b"sub", tree)],
}
DANGEROUS: Mapping[str, Entries] = {
    "hasDot": lambda blob, tree: [(b"40000", b".", tree), (b"100644", b"n.py", blob)],
    "hasDotdot": lambda blob, tree: [(b"40000", b"..", tree), (b"100644", b"n.py", blob)],
    "gitmodulesBlob": lambda blob, tree: [(b"40000", b".gitmodules", tree), (b"100644", b"n.py", blob)],
    "hasDotgit": lambda blob, tree: [(b"40000", b".git", tree), (b"100644", b"n.py", blob)],
    "fullPathname": lambda blob, _: [(b"100644", b"n.py", blob), (b"100644", b"up/n.py", blob)],
    "duplicateEntries": lambda blob, _: [(b"100644", b"n.py", blob), (b"100644", b"n.py", blob)],
    "treeNotSorted": lambda blob, _: [(b"100644", b"o.py", blob), (b"100644", b"n.py", blob)],
    "gitmodulesSymlink": lambda blob, _: [(b"120000", b".gitmodules", blob), (b"100644", b"n.py", blob)],
}
HARMLESS = (
    *IDENTITIES,
    *HARMLESS_TREES,
    "multipleAuthors",
    "missingAuthor",
    "missingCommitter",
    "nulInCommit",
)


def push_defect(folder: Path, name: str, text: str = "x = 1\n") -> str:
    """Put a commit with the named defect on top of main of a bare repository; its SHA. It adds n.py."""
    blob = _write(folder, "blob", text.encode())
    tree = _write_tree(folder, [(b"100644", b"n.py", bytes.fromhex(blob))])
    entries = {**HARMLESS_TREES, **DANGEROUS}.get(name)
    if entries:
        tree = _write_tree(folder, entries(bytes.fromhex(blob), bytes.fromhex(tree)))
    parent = _git(folder, b"", "rev-parse", "main")
    made = _write(folder, "commit", _commit(name, tree, parent))
    _git(folder, b"", "update-ref", "refs/heads/main", made)
    return made


def _commit(name: str, tree: str, parent: str) -> bytes:
    author = f"author {IDENTITIES.get(name, WHO)}\n"
    author = {"missingAuthor": "", "multipleAuthors": author * 2}.get(name, author)
    committer = "" if name == "missingCommitter" else f"committer {WHO}\n"
    said = b"Old\0tools\n" if name == "nulInCommit" else b"Old tools\n"
    return f"tree {tree}\nparent {parent}\n{author}{committer}\n".encode() + said


def _write_tree(folder: Path, entries: list[tuple[bytes, bytes, bytes]]) -> str:
    return _write(folder, "tree", b"".join(mode + b" " + name + b"\0" + of for mode, name, of in entries))


def _write(folder: Path, kind: str, raw: bytes) -> str:
    return _git(folder, raw, "hash-object", "-t", kind, "--literally", "-w", "--stdin")


def _git(folder: Path, given: bytes, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, input=given, check=True, capture_output=True)
    return done.stdout.decode().strip()
