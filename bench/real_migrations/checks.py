"""What is compared before and after a fix: imports, collected tests, and the order of imports."""

import json
import os
import re
import subprocess
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.real_migrations.sandbox import Sandbox
from bench.timing import python

_IMPORTER = Path(__file__).with_name("importer.py").read_text(encoding="utf-8")
_BATCH = 25
_Module = tuple[str, str]  # its dotted name, and its path
_TEST = re.compile(r"\S+::\S.*")
_BROKEN = re.compile(r"ERROR (\S+)")
_UNSORTED = re.compile(r"^(.*?):\d+:\d+: I001")


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison: how many succeeded before and after, and what is worse than it was."""

    name: str
    before: int
    after: int
    worse: tuple[str, ...]


def compare_imports(
    sandbox: Sandbox, before: Path, after: Path, changed: Collection[str], seconds: int
) -> Check:
    """Import every Python file of both copies: each changed one in a process of its own, others in batches.

    Where a file of a batch differs, it is imported by itself in both copies.
    """
    modules = list(_modules(sandbox, before))
    others = [module for module in modules if module[1] not in changed]
    batches = [[module] for module in modules if module[1] in changed]
    batches += [others[at : at + _BATCH] for at in range(0, len(others), _BATCH)]
    first, second = (_imported(sandbox, copy, batches, seconds) for copy in (before, after))
    alone = [[one] for one in others if first.get(one[1]) is None or first[one[1]] != second.get(one[1])]
    for found, copy in (first, before), (second, after):
        found.update(_imported(sandbox, copy, alone, seconds) if alone else {})
    worse = [
        f"{path}: {second[path]} (before: {first[path] or 'imported'})"
        for _, path in modules
        if second[path] and second[path] != first[path]
    ]
    was, now = (sum(not error for error in found.values()) for found in (first, second))
    return Check(f"modules imported, of {len(modules)}", was, now, tuple(worse))


def _imported(sandbox: Sandbox, copy: Path, batches: list[list[_Module]], seconds: int) -> dict[str, str]:
    asked = {"batches": batches, "seconds": seconds, "at_once": len(os.sched_getaffinity(0))}
    said = sandbox.run(["-c", _IMPORTER], copy, json.dumps(asked), seconds=36_000)
    found: dict[str, str] = json.loads(said)
    return found


def _modules(sandbox: Sandbox, copy: Path) -> Iterator[_Module]:
    """Yield the dotted name and the path of every Python file; the name is empty if the path has none."""
    listed = subprocess.run(
        ["git", "-C", str(copy), "ls-files", "-z", "*.py"], capture_output=True, check=True, text=True
    ).stdout
    roots = sorted(sandbox.import_path, key=len, reverse=True)
    for path in sorted(filter(None, listed.split("\0"))):
        inside = next((root for root in roots if root == "." or path.startswith(f"{root}/")), None)
        parts = Path(path).relative_to(inside or ".").with_suffix("").parts
        if parts[-1] == "__init__":
            parts = parts[:-1]
        named = inside is not None and bool(parts) and all(part.isidentifier() for part in parts)
        yield (".".join(parts) if named else "", path)


def compare_tests(sandbox: Sandbox, before: Path, after: Path, tests: Sequence[str]) -> Check:
    """Collect the test suites of both copies."""
    first, second = (_collected(sandbox, copy, tests) for copy in (before, after))
    worse = [] if first[0] else ["pytest collects nothing from the revision itself"]
    worse += [f"{path} cannot be collected" for path in sorted(second[1] - first[1])]
    worse += [f"{test} is no longer collected" for test in sorted(first[0] - second[0])]
    return Check("tests collected", len(first[0]), len(second[0]), tuple(worse))


def _collected(sandbox: Sandbox, copy: Path, tests: Sequence[str]) -> tuple[set[str], set[str]]:
    """Return the tests, and the files that pytest cannot collect."""
    options = ("-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider")
    said = sandbox.run([*options, "--continue-on-collection-errors", *tests], copy)
    lines = said.replace(str(copy), ".").splitlines()
    broken = {found[1] for line in lines if (found := _BROKEN.match(line))}
    return {line for line in lines if _TEST.fullmatch(line) and not _BROKEN.match(line)}, broken


def compare_order(before: Path, after: Path, changed: Sequence[str]) -> Check:
    """Let ruff judge the imports of the changed files, under the settings of the repository."""
    first, second = (_unsorted(copy, changed) for copy in (before, after))
    worse = [f"{path} is no longer sorted" for path in sorted(second - first)]
    return Check(
        "files with sorted imports", len(changed) - len(first), len(changed) - len(second), tuple(worse)
    )


def _unsorted(copy: Path, changed: Sequence[str]) -> set[str]:
    """Return the files with unsorted imports; a configuration that this ruff rejects is not applied."""
    options = (
        "--no-cache",
        "--select",
        "I001",
        "--output-format",
        "concise",
        "--no-force-exclude",
        "--quiet",
    )
    for more in ((), ("--isolated",)):
        command = python("-m", "ruff", "check", *options, *more, "--", *changed)
        done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
        if done.returncode in {0, 1}:
            break
    else:
        raise RuntimeError(f"ruff: {done.stderr[-500:]}")
    return {found[1] for line in done.stdout.splitlines() if (found := _UNSORTED.match(line))}
