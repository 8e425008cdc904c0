"""The rows of the table: each a work of ours against what another tool takes for the same."""

import os
import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import plans
from bench.ground import Ground, blobs, commit
from bench.timing import Command, Pair, Run, median, pair, python
from scanner import Walker, compare, open_repository, read_plan

RUNS = int(os.environ.get("BENCH_RUNS", "3"))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `measure` gives None where the other tool is not installed."""

    work: str
    against: str
    goal: float
    measure: Callable[[], Pair | None]


def rows(ground: Ground) -> Iterator[Row]:
    """Every comparison in the order of the table; nothing is run before it is asked for."""
    names = plans.symbols(ground.whole)
    one = plans.one_rule(ground.work, names)
    ruff = _ruff(ground, names)
    cold = _forget(ground)

    def against(ours: Command, theirs: Command | None, runs: int = RUNS) -> Callable[[], Pair | None]:
        return lambda: pair(ours, theirs, runs, cold) if theirs else None

    whole = _engine(ground, "scan", ground.scanned, ground.whole)
    yield Row(
        "cold scan, one rule", "ruff TID251", 1.0, against(_engine(ground, "scan", ground.scanned, one), ruff)
    )
    yield Row("cold scan, whole plan", "ast-grep", 0.5, against(whole, _ast_grep(ground, names)))
    yield Row("cold scan, whole plan", "semgrep", 0.2, against(whole, _semgrep(ground, names)))
    yield Row("one commit, warm: check", "ruff on the tree", 0.2, lambda: _warm_check(ground, ruff))
    yield Row("one commit, warm: walker", "ruff on the tree", 0.2, lambda: _warm_walker(ground, ruff))
    for words, plan in (("one rule", one), ("whole plan", ground.whole)):
        yield Row(f"history, {words}", "git cat-file", 4.0, _history(ground, plan, cold))
        yield Row(f"all commits, {words}", "git cat-file", 4.0, _history(ground, plan, cold, "--all-commits"))


def _history(ground: Ground, plan: Path, cold: Callable[[], None], *options: str) -> Callable[[], Pair]:
    """Our `history` once, against git handing over the same contents."""
    ours = _engine(ground, "history", ground.line, plan, *options)

    def measure() -> Pair:
        names = blobs(ground, first_parent=not options)
        return pair(ours, Command(["git", "cat-file", "--batch"], ground.repository, names), 1, cold)

    return measure


def _engine(ground: Ground, verb: str, revision: str, plan: Path, *options: str) -> Command:
    """Our `scan` or `history` of a revision under one plan."""
    asked = ("--rev", revision, "--plan", str(plan), "--format", "json", *options)
    return Command(python("-m", "scanner", verb, str(ground.repository), *asked), Path.cwd())


def _ruff(ground: Ground, names: list[str]) -> Command:
    settings = plans.ruff_configuration(ground.work, names)
    options = ("--no-cache", "--select", "TID251", "--config", str(settings), "--exit-zero", ".")
    return Command(python("-m", "ruff", "check", *options), ground.checkout)


def _ast_grep(ground: Ground, names: list[str]) -> Command | None:
    found = shutil.which("ast-grep")
    pattern = f"{names[0].rpartition('.')[2]}($$$)"
    return Command([found, "run", "-p", pattern, "-l", "py", "."], ground.checkout) if found else None


def _semgrep(ground: Ground, names: list[str]) -> Command | None:
    """semgrep made to look at every file: no ignore file, no bound on sizes, nothing asked of git."""
    found = shutil.which("semgrep")
    rules = plans.semgrep_rules(ground.work, names)
    quiet = ("--metrics=off", "--disable-version-check", "--no-git-ignore", "--max-target-bytes=0")
    return Command([found, "scan", *quiet, "--config", str(rules), "."], ground.checkout) if found else None


def _warm_check(ground: Ground, ruff: Command) -> Pair:
    """`check` of one more commit as a process of its own, its parent in the store."""
    repository, parent, head = commit(ground)
    plan = ("--plan", str(ground.whole), "--format", "json")
    kept = repository / "cache-of-parent"
    shutil.rmtree(ground.cache, ignore_errors=True)
    Command(python("-m", "scanner", "scan", str(repository), "--rev", parent, *plan), Path.cwd())()
    shutil.copytree(ground.cache, kept)

    def know_the_parent() -> None:
        shutil.rmtree(ground.cache)
        shutil.copytree(kept, ground.cache)

    ours = ("-m", "scanner", "check", str(repository), "--base", parent, "--head", head, *plan)
    return pair(Command(python(*ours), Path.cwd()), ruff, RUNS, know_the_parent)


def _warm_walker(ground: Ground, ruff: Command) -> Pair:
    """The same commit visited by a walker that stands at its parent, as in a push of several commits.

    Its computing is that of this process alone; the twenty files are read by a child.
    """
    repository, parent, head = commit(ground)
    measured: list[tuple[Run, Run]] = []
    for _ in range(RUNS):
        with (
            open_repository(str(repository)) as opened,
            Walker(opened, read_plan(ground.whole.read_bytes(), str(ground.whole)), processes=2) as walker,
        ):
            next(walker.walk([parent]))
            wall, cpu = time.perf_counter(), time.process_time()
            compare(next(walker.walk([head])).difference)
            ours = Run(time.perf_counter() - wall, time.process_time() - cpu)
        measured.append((ours, ruff()))
    ratio = statistics.median(ours.wall / theirs.wall for ours, theirs in measured)
    return Pair(median([ours for ours, _ in measured]), median([theirs for _, theirs in measured]), ratio)


def _forget(ground: Ground) -> Callable[[], None]:
    """What makes the next run of ours a cold one."""
    return lambda: shutil.rmtree(ground.cache, ignore_errors=True)
