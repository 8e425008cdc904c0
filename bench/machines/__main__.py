"""`python -m bench.machines --broker postgres|redis|rabbitmq --runs 5`: prints times and faults.

A web server and three worker machines share one Postgres. Many repositories are tracked at once. A machine is
killed while it records a long history, comes back with nothing and works alone: it makes patches, previews of
an edited plan and file pages. The program ends with 1 if anything is lost, or if a problem is ever shown.

With `--minutes`, no run is begun that would probably end later. With `--results FILE`, each run is added to
that file, and those that it has of this broker and these sizes count as done, so a series can be continued.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.machines.ground import ground
from bench.machines.machine import may_unshare
from bench.machines.story import Result, Story


def main() -> int:
    """Run the story several times, each over a new database."""
    parser = argparse.ArgumentParser(prog="python -m bench.machines", description=__doc__)
    parser.add_argument("--broker", choices=("postgres", "redis", "rabbitmq"), default="postgres")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--repositories", type=int, default=18)
    parser.add_argument("--commits", type=int, default=600, help="commits of the long history")
    parser.add_argument("--keep-logs", type=Path, help="copy the logs of the machines to this folder")
    parser.add_argument("--minutes", type=float, default=60, help="minutes in which the last run should end")
    parser.add_argument("--results", type=Path, help="a file that keeps the runs between calls")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that all machines are stopped
    series = Series(options)
    until = time.monotonic() + 60 * options.minutes
    longest = 0.0
    while len(series.runs) < options.runs and time.monotonic() + longest < until:
        began = time.monotonic()
        series.add(run(options))
        longest = max(longest, time.monotonic() - began)
    return series.report(options.runs)


class Series:
    """The runs of one kind, those of earlier calls included."""

    def __init__(self, options: argparse.Namespace) -> None:
        """Read the file of results, if there is one."""
        self._file: Path | None = options.results
        self._kind = {
            "broker": options.broker,
            "repositories": options.repositories,
            "commits": options.commits,
            "space": "namespaces" if may_unshare() else "process groups",
        }
        lines = self._file.read_text().splitlines() if self._file and self._file.exists() else []
        kept = [json.loads(line) for line in lines]
        self.runs = [one for one in kept if all(one[name] == value for name, value in self._kind.items())]
        for number, one in enumerate(self.runs, 1):
            self._print(number, one)

    def add(self, result: Result) -> None:
        """Print a run, and keep it."""
        load = round(os.getloadavg()[0], 1)
        one = {**self._kind, "seconds": result.seconds, "faults": result.faults, "load": load}
        self.runs.append(one)
        self._print(len(self.runs), one)
        if self._file:
            with self._file.open("a") as file:
                file.write(json.dumps(one) + "\n")

    def _print(self, number: int, one: dict[str, Any]) -> None:
        times = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in one["seconds"].items())
        faults = f"{len(one['faults'])} faults"
        print(f"{one['broker']}, run {number} ({one['space']}): {times}; {faults}; load {one['load']}")
        print(*one["faults"], sep="\n", end="\n" if one["faults"] else "", flush=True)

    def report(self, wanted: int) -> int:
        """Print how many runs there are, and return 1 if any of them lost something, otherwise 0."""
        faults = sum(len(one["faults"]) for one in self.runs)
        left = f", {wanted - len(self.runs)} to be done" if len(self.runs) < wanted else ""
        print(f"{len(self.runs)} of {wanted} runs with {self._kind['broker']}{left}: {faults} faults")
        return bool(faults)


def run(options: argparse.Namespace) -> Result:
    """Run the story once."""
    with tempfile.TemporaryDirectory(prefix="bench-machines-") as name:
        folder = Path(name)
        try:
            with ground(folder, options.broker) as environment:
                story = Story(folder, environment, small=options.repositories, length=options.commits)
                result = story.run()
        finally:
            if options.keep_logs:
                shutil.copytree(folder, options.keep_logs, dirs_exist_ok=True, ignore=_all_but_logs)
    return result


def _all_but_logs(_folder: str, names: list[str]) -> list[str]:
    return [name for name in names if not name.endswith(".log")]


if __name__ == "__main__":
    sys.exit(main())
