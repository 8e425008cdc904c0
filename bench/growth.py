"""How cost grows with files, commits and rules: three sizes each, and the line through them.

`python -m bench.growth`; the medians of BENCH_RUNS runs (3), cold, on generated repositories. Then what a
push costs in repositories of several sizes (see bench/pushes.py, which also runs alone).
"""

import os
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import generated
from bench.timing import Command, Run, median, python

RUNS = int(os.environ.get("BENCH_RUNS", "3"))
FILES = (1000, 2000, 4000)
COMMITS = (500, 1000, 2000)
RULES = (8, 16, 32)
_JSON = ("--format", "json")

# One of each is taken in turn, numbered.
_RULES = (
    "{{id: symbol-{n}, kind: deprecated-symbol, symbols: [shop.core.old.get_{n}, shop.core.old._{n}]}}",
    "{{id: argument-{n}, kind: missing-argument, callables: [.create_{n}], argument: user}}",
    "{{id: home-{n}, kind: canonical-import, names: {{Money{n}: shop.core.money}}}}",
    '{{id: pattern-{n}, kind: pattern, pattern: "legacy_{n}($$$)"}}',
)

_HEAD = (
    f"{'what grows':<20}{'size':>7}{'wall s':>9}{'cpu s':>9}{'largest MB':>12}{'at once':>9}{'private':>9}"
)


def plan(folder: Path, rules: int) -> Path:
    """Write a plan with so many rules; gives its path."""
    lines = [f"  - {_RULES[n % len(_RULES)].format(n=n)}\n" for n in range(rules)]
    path = folder / f"{rules}-rules.yaml"
    path.write_text(f"version: 1\nname: Growth\nrules:\n{''.join(lines)}")
    return path


def points(folder: Path) -> Iterator[tuple[str, int, Run]]:
    """What grows, how large it is, and what it costs."""
    whole = Path(__file__).with_name("generated-plan.yaml")
    for files in FILES:
        repository = generated.write(folder / f"{files}-files.git", files, commits=1)
        yield "files (scan)", files, _cold(folder, "scan", repository, whole, *_JSON)
        yield "files (fix)", files, _cold(folder, "fix", repository, whole)
    for commits in COMMITS:
        repository = generated.write(folder / f"{commits}-commits.git", files=500, commits=commits)
        yield (
            "commits (history)",
            commits,
            _cold(folder, "history", repository, whole, *_JSON, "--all-commits"),
        )
    repository = folder / f"{FILES[1]}-files.git"
    for rules in RULES:
        yield "rules (scan)", rules, _cold(folder, "scan", repository, plan(folder, rules), *_JSON)


def _cold(folder: Path, verb: str, repository: Path, plan: Path, *options: str) -> Run:
    command = Command(
        python("-m", "scanner", verb, str(repository), "--plan", str(plan), *options),
        Path.cwd(),
    )
    runs = []
    for _ in range(RUNS):
        shutil.rmtree(folder / "cache", ignore_errors=True)
        runs.append(command())
    return median(runs, command(sampled=True).memory)


def main() -> None:
    """Print the points and the lines through them."""
    print(_HEAD, flush=True)
    found: dict[str, list[tuple[int, Run]]] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        os.environ["XDG_CACHE_HOME"] = f"{name}/cache"
        for what, size, run in points(Path(name)):
            found.setdefault(what, []).append((size, run))
            memory = f"{run.memory.largest:>12.0f}{run.memory.together:>9.0f}{run.memory.private:>9.0f}"
            print(f"{what:<20}{size:>7}{run.wall:>9.2f}{run.cpu:>9.2f}{memory}", flush=True)
    for what, at in found.items():
        for unit, values in (("wall", [run.wall for _, run in at]), ("cpu", [run.cpu for _, run in at])):
            print(f"{what:<20} {unit:<5}{_line([size for size, _ in at], values)}")
    subprocess.run(python("-m", "bench.pushes"), check=True)  # a process of its own, with its own Postgres


def _line(sizes: list[int], values: list[float]) -> str:
    """Least squares: what one more costs, what none costs, and the largest deviation from the line."""
    slope, start = statistics.linear_regression(sizes, values)
    off = max(abs(value - start - slope * size) / value for size, value in zip(sizes, values, strict=True))
    return f"{slope * 1000:8.3f} ms each + {start:.2f} s; points at most {100 * off:.0f} % off the line"


if __name__ == "__main__":
    main()
