"""Runs the tests of one mutant after the other, in one copy of the product and with one database."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.mutants.copies import Copy
from tests.mutants.mutant import Mutant

SECONDS = 60.0  # for the tests of a mutant; pytest and Django start before the time counts
START = 30.0
MARK = "MUTANTS_LANE"
SCRIPTS = "tests/js"
FAILED = re.compile(r"^(?:FAILED|ERROR) (tests/\S.*?)(?: - .*)?$", re.MULTILINE)
MISSING = re.compile(r"^ERROR: not found: \S*?(tests/.*)$", re.MULTILINE)
NewDatabase = Callable[[], None]


@dataclass(frozen=True)
class Outcome:
    """What the tests said: `killed`, `time-out`, `survived`, `untested` where no test runs the line, or
    `undecided` where the tests could not even start without the mutant, or not in time.
    """

    state: str
    tests: int
    killer: str = ""
    seconds: float = 0.0


class Lane:
    """One copy with its database, its temporary folder and its environment."""

    def __init__(self, copy: Copy, node: str, environment: dict[str, str], renew: NewDatabase) -> None:
        self._copy = copy
        self._node = node
        self._renew = renew
        # Short: the names of sockets, which tests create below it, have a limit of 107 bytes.
        self._temporary = Path(tempfile.mkdtemp(prefix="mutants-", dir="/tmp"))
        self._temporary.chmod(0o711)
        self._python = str(copy.folder / ".venv" / "bin" / "python")
        self._environment = {**environment, MARK: str(self._temporary), "TMPDIR": str(self._temporary)}

    def close(self) -> None:
        """Remove what lies outside the copy."""
        shutil.rmtree(self._temporary, ignore_errors=True)

    def judge(self, mutant: Mutant, tests: list[str]) -> Outcome:
        """Plant the mutant and run its tests until one fails."""
        began = time.monotonic()
        with self._copy.plant(mutant):
            outcome = self._run_all(mutant, tests)
        if "::" not in outcome.killer and outcome.state in ("killed", "time-out"):
            without = self._run_scripts() if outcome.killer == SCRIPTS else self._run_all(mutant, tests)
            if without is not None and without.state in ("killed", "time-out"):
                outcome = Outcome("undecided", len(tests))
        return Outcome(outcome.state, outcome.tests, outcome.killer, round(time.monotonic() - began, 1))

    def collect(self) -> set[str]:
        """Return the addresses of all tests."""
        code, output = self._wait(
            [self._python, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "tests"],
            20 * SECONDS,
        )
        if code:
            raise SystemExit(f"The tests can't be collected:\n{output}")
        return {line for line in output.splitlines() if line.startswith("tests/") and "::" in line}

    def failing(self, tests: list[str]) -> set[str]:
        """Return the tests that fail although nothing is planted."""
        failed: set[str] = set()
        for group in _groups(tests):
            _, output = self._pytest(group, 60 * SECONDS, stop=False)
            failed.update(FAILED.findall(output))
        return failed

    def _run_all(self, mutant: Mutant, tests: list[str]) -> Outcome:
        if mutant.path.endswith(".js") and (outcome := self._run_scripts()):
            return outcome
        for group in _groups(tests):
            code, output = self._pytest(group, SECONDS)
            while (
                code == 4
                and (missing := set(MISSING.findall(output)))
                and (group := _without(group, missing))
            ):
                code, output = self._pytest(group, SECONDS)
            if code is None:
                return Outcome("time-out", len(tests))
            if code:
                return Outcome("killed", len(tests), next(iter(FAILED.findall(output)), "collection"))
        return Outcome("survived" if tests else "untested", len(tests))

    def _run_scripts(self) -> Outcome | None:
        """Run the unit tests of the scripts, and return the outcome unless all pass."""
        scripts = sorted(str(file) for file in (self._copy.folder / SCRIPTS).glob("*.test.js"))
        code, _ = self._wait([self._node, "--test", *scripts], SECONDS)
        return None if code == 0 else Outcome("killed" if code else "time-out", len(scripts), SCRIPTS)

    def _pytest(self, tests: list[str], seconds: float, *, stop: bool = True) -> tuple[int | None, str]:
        options = [
            "-q",
            "--no-header",
            "--tb=no",
            "-p",
            "no:cacheprovider",
            "-o",
            "console_output_style=classic",
        ]
        if not all(test.startswith("tests/scanner/") for test in tests):
            self._renew()
            options.append("--reuse-db")
        if stop:
            options.append("-x")
        return self._wait([self._python, "-m", "pytest", *options, *tests], seconds + START)

    def _wait(self, command: list[str], seconds: float) -> tuple[int | None, str]:
        """Return the exit code, None for a time-out, and what was printed; nothing stays behind."""
        log = self._copy.folder.with_suffix(".log")
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=self._copy.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
            try:
                code: int | None = process.wait(seconds)
            except subprocess.TimeoutExpired:
                code = None
            finally:
                self._end(process)
        for left in self._temporary.iterdir():
            shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)
        return code, log.read_text(encoding="utf-8", errors="replace")

    def _end(self, process: "subprocess.Popen[bytes]") -> None:
        """End the tests and every process that they started, whatever session it is in."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for other in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if other.environ().get(MARK) == str(self._temporary):
                    other.kill()


def _groups(tests: Iterable[str]) -> list[list[str]]:
    """Return the engine's tests, which start at once, and the others, which need a database."""
    engine = [test for test in tests if test.startswith("tests/scanner/")]
    others = [test for test in tests if not test.startswith("tests/scanner/")]
    return [group for group in (engine, others) if group]


def _without(tests: list[str], missing: set[str]) -> list[str]:
    """Return the tests that exist: the names of some are made of what a mutant changes."""
    return [test for test in tests if test not in missing]
