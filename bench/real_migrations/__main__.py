"""`python -m bench.real_migrations CLONE REV PLAN`: what `fix` does to a real repository, and what it breaks.

The fixes of a revision are applied to a copy. Every Python file is imported before and after, the changed
ones each in a process of its own; the tests are collected; ruff judges the order of imports; and a second
`fix` has to change nothing. All code of the repository runs in a sandbox: without a network, with a home of
its own, and with nothing else to write to. A sample of the places is printed, so that a person can
judge them.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from bench.real_migrations.checks import Check, compare_imports, compare_order, compare_tests
from bench.real_migrations.sandbox import Sandbox
from scanner import Plan, ReportStore, Selection, Series, open_repository, read_plan, rewrite_revision

_AUTHOR = ("-c", "user.name=bench", "-c", "user.email=bench@localhost")


@dataclass(frozen=True, slots=True)
class _Place:
    """One finding: where it is, what became of it, and the line of code."""

    path: str
    line: int
    rule: str
    outcome: str
    text: str


def main() -> int:
    """Print the table; 1 if anything is worse than before."""
    options = _options()
    plan = read_plan(Path(options.plan).read_bytes(), options.plan)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        before, after = (
            _copy(options.clone, options.revision, folder / word) for word in ("before", "after")
        )
        began, computing = time.monotonic(), _computing()
        found = _fix(before, plan, options.path)
        print(
            f"fix: {time.monotonic() - began:.1f} s, {_computing() - computing:.1f} s of computing",
            flush=True,
        )
        _apply(after, found)
        _print_findings(found, options.draw, options.seed)
        roots = tuple(root.rstrip("/") for root in options.import_path or plan.scope.source_roots)
        sandbox = Sandbox(folder, options.python, roots)
        print(f"sandbox: {'namespaces of its own' if sandbox.is_closed else 'NOT CLOSED'}", flush=True)
        for copy in (before, after):
            for command in options.prepare:
                sandbox.shell(command, copy)
        changed = [rewrite.path for rewrite in found.files]
        checks = [_second(after, plan, options.path), compare_order(before, after, changed)]
        checks.append(compare_imports(sandbox, before, after, set(changed), options.seconds))
        checks.append(compare_tests(sandbox, before, after, options.tests))
        return _print_checks(checks)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.real_migrations", description=__doc__)
    parser.add_argument("clone")
    parser.add_argument("revision")
    parser.add_argument("plan")
    parser.add_argument("--python", default=sys.executable, help="has the dependencies of the repository")
    parser.add_argument("--path", action="append", default=[], help="fix only these files (globs)")
    parser.add_argument(
        "--import-path", action="append", help="PYTHONPATH, instead of the plan's source roots"
    )
    parser.add_argument("--prepare", action="append", default=[], help="a shell command to run in each copy")
    parser.add_argument("--tests", action="append", default=[], help="what pytest collects; all by default")
    parser.add_argument("--seconds", type=int, default=60, help="limit for the import of one module")
    parser.add_argument("--draw", type=int, default=50, help="number of places to print")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def _copy(clone: str, revision: str, target: Path) -> Path:
    for command in (
        ["git", "clone", "--quiet", "--shared", "--no-checkout", clone, str(target)],
        ["git", "-C", str(target), "checkout", "--quiet", "--detach", _resolve(clone, revision)],
    ):
        subprocess.run(command, check=True)
    return target


def _resolve(clone: str, revision: str) -> str:
    command = ["git", "-C", clone, "rev-parse", "--verify", f"{revision}^{{commit}}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _computing() -> float:
    return sum(os.times()[:4])


def _fix(copy: Path, plan: Plan, paths: list[str]) -> Series:
    store = ReportStore()
    try:
        with open_repository(str(copy)) as repository:
            head = repository.resolve("HEAD")
            selection = Selection(paths=tuple(paths))
            return rewrite_revision(repository, head, plan, store, selection=selection, processes=2)
    finally:
        store.close()


def _apply(copy: Path, found: Series) -> None:
    if not found.files:
        return
    subprocess.run(["git", "-C", str(copy), "apply", "--index"], input=found.patch, check=True)
    subprocess.run(["git", "-C", str(copy), *_AUTHOR, "commit", "--quiet", "-m", "Fix"], check=True)


def _second(after: Path, plan: Plan, paths: list[str]) -> Check:
    """Fix the result once more; each file that changes again is an error."""
    again = tuple(f"{rewrite.path} changes again" for rewrite in _fix(after, plan, paths).files)
    return Check("files that a second run leaves", len(again), 0, again)


def _print_findings(found: Series, draw: int, seed: int) -> None:
    places = _places(found)
    counts = Counter(place.outcome for place in places)
    fixed = counts.pop("fixed", 0)
    print(
        f"{len(places)} findings, {fixed} fixed in {len(found.files)} files, {len(found.guides)} with a guide"
    )
    for outcome, count in counts.most_common():
        print(f"  {count:>5} left: {outcome}")
    drawn = sorted(
        random.Random(seed).sample(places, min(draw, len(places))),
        key=lambda place: (place.path, place.line),
    )
    print(f"{len(drawn)} of them, drawn with seed {seed}:")
    for number, place in enumerate(drawn, start=1):
        print(f"  {number:>2} {place.path}:{place.line} {place.rule}: {place.outcome}\n       {place.text}")


def _places(found: Series) -> list[_Place]:
    """Return every finding in a fixed order."""
    after = {rewrite.path: rewrite.after for stage in found.stages for rewrite in stage.rewrites}
    fixed = {finding for rewrite in found.files for finding in rewrite.fixed}
    places = [_Place(one.path, one.line, f"{one.rule}/{one.role}", "fixed", one.snippet) for one in fixed]
    for left in found.refused:
        text = _line(after.get(left.path), left.line)
        places.append(_Place(left.path, left.line, f"{left.rule}/{left.role}", left.reason, text))
    return sorted(places, key=lambda place: (place.path, place.line, place.rule, place.outcome, place.text))


def _line(content: bytes | None, number: int) -> str:
    lines = (content or b"").splitlines()
    return lines[number - 1].decode("utf-8", "replace").strip() if 0 < number <= len(lines) else ""


def _print_checks(checks: list[Check]) -> int:
    print(f"{'check':<34}{'before':>9}{'after':>9}{'worse':>7}")
    for check in checks:
        print(f"{check.name:<34}{check.before:>9}{check.after:>9}{len(check.worse):>7}")
    for check in checks:
        for line in check.worse:
            print(f"  {check.name}: {line}")
    return int(any(check.worse for check in checks))


if __name__ == "__main__":
    sys.exit(main())
