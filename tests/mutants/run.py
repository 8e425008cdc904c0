"""A run: records the tests, draws the sample, and hands the mutants to the lanes."""

import argparse
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from queue import Queue

from tests.mutants import database
from tests.mutants.copies import Copy
from tests.mutants.lane import Lane
from tests.mutants.line_map import LineMap
from tests.mutants.mutant import Mutant
from tests.mutants.report import KILLED, describe, report
from tests.mutants.results import Results
from tests.mutants.sample import area_of, draw, find_all, leave_out, read_equivalent
from tests.mutants.selection import Selection


class Run:
    """What all parts of a run share."""

    def __init__(self, root: Path, folder: Path, node: str) -> None:
        self._root = root
        self._folder = folder
        self._node = node
        self._map = folder / "map"
        self._map.mkdir(exist_ok=True)
        self._results = Results(folder / "results.jsonl")

    def record(self, modules: list[str]) -> None:
        """Run the test modules that have changed since they were recorded, and record their lines."""
        outdated = LineMap(self._map / "map.sqlite", self._root).outdated(modules)
        if not outdated:
            return
        print(f"Recording {len(outdated)} test modules", flush=True)
        for file in (self._map / "raw").glob("*"):
            file.unlink()
        environment = {
            **os.environ,
            "MUTANTS_MAP": str(self._map),
            "PYTHONPATH": str(Path(__file__).with_name("site")),
        }
        python = str(self._root / ".venv" / "bin" / "python")
        command = [python, "-m", "pytest", "-q", "-p", "tests.mutants.recorder", "--tb=short", *outdated]
        subprocess.run(command, cwd=self._root, env=environment, check=False)

    def judge(self, options: argparse.Namespace) -> None:
        """Try every mutant of the sample that has no result yet, and print the report."""
        mutants = find_all(self._root, self._node)
        declared = read_equivalent(Path(__file__).with_name("equivalent.yaml"), mutants)
        drawn = draw(mutants, options.seed, options.count)
        sample = leave_out(drawn, declared)
        chosen = [each for each in sample if options.only in area_of(each.path) or options.only in each.path]
        if options.again:
            known = self._results.known
            self._results.forget({name for name, outcome in known.items() if outcome.state not in KILLED})
        waiting = [each for each in chosen if each.identity not in self._results.known]
        if waiting:
            self._try(waiting, options.jobs)
        print(*report(chosen, self._results.known, len(drawn) - len(sample)), sep="\n")

    def _try(self, waiting: list[Mutant], jobs: int) -> None:
        lanes = [self._lane(number) for number in range(jobs)]
        free: Queue[Lane] = Queue()
        for lane in lanes:
            free.put(lane)
        selection = Selection(self._root, LineMap(self._map / "map.sqlite", self._root), lanes[0].collect())
        tests = {mutant.identity: selection.tests_for(mutant) for mutant in waiting}
        try:
            with ThreadPoolExecutor(jobs) as threads:
                list(threads.map(partial(self._try_one, free, tests), waiting))
            self._check_killers(lanes[0], waiting)
        finally:
            for lane in lanes:
                lane.close()

    def _lane(self, number: int) -> Lane:
        copy = Copy(self._root, self._folder / f"lane{number}")
        name = f"mutants{number}"
        if number == 0:
            database.make_template(copy.folder, str(copy.folder / ".venv" / "bin" / "python"))
        environment = {
            **os.environ,
            "DATABASE_URL": database.url_of(name),
            "DATA_DIR": f"{os.environ['DATA_DIR']}-{number}",
        }
        return Lane(copy, self._node, environment, partial(database.renew, name))

    def _try_one(self, free: "Queue[Lane]", tests: dict[str, list[str]], mutant: Mutant) -> None:
        lane = free.get()
        try:
            outcome = lane.judge(mutant, tests[mutant.identity])
        finally:
            free.put(lane)
        if outcome.state != "undecided":
            self._results.add(mutant.identity, outcome)
        line = describe(mutant, outcome)
        print(f"{outcome.state:<9} {outcome.seconds:>5} s {outcome.tests:>4} tests  {line}", flush=True)

    def _check_killers(self, lane: Lane, tried: list[Mutant]) -> None:
        """Forget what was killed by a test that also fails without a mutant, as on a busy machine."""
        known = self._results.known
        killers = {each.identity: known[each.identity].killer for each in tried if each.identity in known}
        failing = lane.failing(sorted({killer for killer in killers.values() if "::" in killer}))
        if failing:
            print(
                "These tests fail without a mutant; what they killed counts as not tried:",
                *sorted(failing),
                sep="\n",
            )
            self._results.forget({name for name, killer in killers.items() if killer in failing})
