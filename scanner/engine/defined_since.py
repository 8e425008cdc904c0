"""Finds the commit that introduced a dotted name, for plan steps that add something new."""

import re
from collections.abc import Iterator

from scanner.engine.analyzer import defined_scopes
from scanner.git.batch import Missing
from scanner.git.repository import Repository
from scanner.model import RepoPath, encode_path
from scanner.plan import Plan


def defines(text: bytes, name: str) -> bool:
    """Return whether a module's text defines a class, global or function with this name.

    A method's name includes its class, as in `Class.method`.
    """
    if name in defined_scopes(text):
        return True
    return (
        re.search(rb"^" + re.escape(name.encode()) + rb"[ \t]*(:[^=\n]+)?=(?!=)", text, re.MULTILINE)
        is not None
    )


def defined_since(repository: Repository, plan: Plan, tip: str, dotted: str) -> str | None:
    """Return the commit in the first-parent history of `tip` since which a dotted name has been defined.

    Returns None if the tip does not define it.
    """
    for path, name in _candidate_files(plan, dotted):
        if not _defines_at(repository, tip, path, name):
            continue
        first = None
        for sha in repository.touching(tip, encode_path(path)):
            if not _defines_at(repository, sha, path, name):
                break
            first = sha
        return first
    return None


def _candidate_files(plan: Plan, dotted: str) -> Iterator[tuple[RepoPath, str]]:
    """Yield files that may define the name, and its name within each; the longest module name first."""
    parts = dotted.split(".")
    for split in range(len(parts) - 1, 0, -1):
        module, name = "/".join(parts[:split]), ".".join(parts[split:])
        for root in plan.scope.source_roots:
            folder = "" if root == "." else f"{root}/"
            for path in (f"{folder}{module}.py", f"{folder}{module}/__init__.py"):
                yield RepoPath(path), name


def _defines_at(repository: Repository, sha: str, path: RepoPath, name: str) -> bool:
    text = repository.content(sha, path)
    return not isinstance(text, Missing) and defines(text, name)
