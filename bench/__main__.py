"""Measure this engine beside the tools people know and print the ratios.

    make bench [BENCH_REPO=<repository> BENCH_PLAN=<plan> BENCH_REV=<rev>] [BENCH_RUNS=3]

Without BENCH_REPO a generated repository of the same shape is measured. `ast-grep` and `semgrep` are measured
where they are installed (bench/requirements.txt).
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import generated, plans
from bench.timing import Command, Pair, pair, python

RUNS = int(os.environ.get("BENCH_RUNS", "3"))


@dataclass(frozen=True, slots=True)
class Ground:
    """What is measured on: a repository, a revision of it, its checkout, the plans."""

    repository: Path
    revision: str
    checkout: Path
    whole: Path
    work: Path

    @property
    def cache(self) -> Path:
        return self.work / "cache"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    work: str
    against: str
    goal: float
    pair: Pair | None


def lay_ground(work: Path) -> Ground:
    """The repository named by BENCH_REPO, or a generated one, and a checkout of its revision."""
    named = os.environ.get("BENCH_REPO")
    if named:
        repository, whole = Path(named).resolve(), Path(os.environ["BENCH_PLAN"]).resolve()
    else:
        repository = generated.write(work / "generated.git", files=4000, commits=400)
        whole = Path(__file__).with_name("generated-plan.yaml")
    revision = os.environ.get("BENCH_REV", "HEAD")
    checkout = work / "checkout"
    checkout.mkdir()
    with subprocess.Popen(
        ["git", "archive", revision, "*.py"],
        cwd=repository,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as archive:
        subprocess.run(["tar", "-x", "-C", str(checkout)], stdin=archive.stdout, check=True)
    return Ground(repository, revision, checkout, whole, work)


def line_of_blobs(ground: Ground) -> Path:
    """The names of all Python blobs on the first-parent line, one a line: what any reader must read."""
    log = subprocess.run(
        [
            *(
                "git",
                "log",
                "--first-parent",
                "-m",
                "--raw",
                "--no-abbrev",
                "--no-renames",
                "-z",
                "--format=",
            ),
            *(ground.revision, "--", "*.py"),
        ],
        cwd=ground.repository,
        capture_output=True,
        check=True,
    ).stdout
    fields = (entry.split() for entry in log.split(b"\0") if entry.startswith(b":"))
    blobs = sorted({entry[3] for entry in fields} - {b"0" * 40})
    path = ground.work / "blobs"
    path.write_bytes(b"\n".join(blobs) + b"\n")
    return path


def rows(ground: Ground) -> Iterator[Row]:
    """Every comparison in turn."""
    os.environ["XDG_CACHE_HOME"] = str(ground.cache)
    names = plans.symbols(ground.whole)
    one = plans.one_rule(ground.work, names)
    ruff_settings = plans.ruff_configuration(ground.work, names)
    ruff = Command(
        python(
            *("-m", "ruff", "check", "--no-cache", "--select", "TID251", "--config", str(ruff_settings)),
            *("--exit-zero", "."),
        ),
        ground.checkout,
    )
    yield Row(
        "cold scan, one rule",
        "ruff TID251",
        1.0,
        pair(engine(ground, "scan", one), ruff, RUNS, forget(ground)),
    )
    whole = engine(ground, "scan", ground.whole)
    for tool, goal, command in other_tools(ground, names):
        beside = pair(whole, command, RUNS, forget(ground)) if command else None
        yield Row("cold scan, whole plan", tool, goal, beside)
    history = engine(ground, "history", ground.whole)
    read = Command(["git", "cat-file", "--batch"], ground.repository, line_of_blobs(ground))
    yield Row("history, whole plan", "git cat-file --batch", 4.0, pair(history, read, 1, forget(ground)))


def engine(ground: Ground, verb: str, plan: Path) -> Command:
    """Our `scan` or `history` of the revision under one plan."""
    revision = ("--rev", ground.revision, "--plan", str(plan), "--format", "json")
    return Command(python("-m", "scanner", verb, str(ground.repository), *revision), Path.cwd())


def other_tools(ground: Ground, names: list[str]) -> Iterator[tuple[str, float, Command | None]]:
    """ast-grep and semgrep on the same checkout; None where one is not installed."""
    last = names[0].rpartition(".")[2]
    found = shutil.which("ast-grep")
    pattern = [str(found), "run", "-p", f"{last}($$$)", "-l", "py", "."]
    yield "ast-grep", 0.5, Command(pattern, ground.checkout) if found else None
    found = shutil.which("semgrep")
    rules = plans.semgrep_rules(ground.work, names)
    search = [str(found), "scan", "--metrics=off", "--disable-version-check", "--config", str(rules), "."]
    yield "semgrep", 0.2, Command(search, ground.checkout) if found else None


def forget(ground: Ground) -> Callable[[], None]:
    """What makes the next run of ours a cold one."""
    return lambda: shutil.rmtree(ground.cache, ignore_errors=True)


def main() -> None:
    """Print the table."""
    print(f"{'work':<26}{'against':<24}{'ours':>9}{'theirs':>9}{'ratio':>8}{'goal':>7}{'peak MB':>9}")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for row in rows(lay_ground(Path(folder))):
            if row.pair is None:
                print(f"{row.work:<26}{row.against:<24} not installed: pip install -r bench/requirements.txt")
                continue
            ours, theirs = row.pair.ours, row.pair.theirs
            print(
                f"{row.work:<26}{row.against:<24}{ours.wall:>8.2f}s{theirs.wall:>8.2f}s"
                f"{row.pair.ratio:>8.2f}{row.goal:>7.1f}{ours.peak:>9.0f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
