"""Small programs that are run before and after their fixes. `programs/*.txt` are tables of them.

A case begins with `## name | options`, and each of its files with `=== path`. An option is `rewritten`,
`left: words of the reason`, `plan: old -> new` (by default pkg.old.f -> pkg.new.g), `rule: further YAML of
the rule` or `fixed: some text that a changed file must contain` or `without: some text that none may
contain`. A case without `rewritten` or `left` may be either. `main.py` is run; every other file exists in
each case, if the case does not say otherwise. tests/newer_python runs the same programs in a newer Python.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scanner.fixes.model import Rewrite, Selection
from scanner.fixes.rounds import rewrite_in
from scanner.model import RepoPath
from scanner.plan import Plan
from tests.scanner.fixes.trees import plan_of, workspace_of

_PASSES = 6
TABLES = Path(__file__).parent / "programs"
BASE = {
    "pkg/__init__.py": "",
    "pkg/old.py": "def f(*a, **k):\n    return ('result', a, k)\n\n\nother = 1\n",
    "pkg/new.py": "def g(*a, **k):\n    return ('result', a, k)\n",
}
# Runs the program in each folder that it is given in a child of its own, because starting an interpreter
# takes longer.
_SERVER = """
import os, runpy, sys
for line in sys.stdin:
    folder = line.strip()
    if (child := os.fork()) == 0:
        os.chdir(folder)
        os.dup2(os.open("output", os.O_CREAT | os.O_WRONLY, 0o600), 1)
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.dup2(0, 2)
        sys.path.insert(0, folder)
        try:
            runpy.run_path("main.py", run_name="__main__")
        except BaseException as error:
            print(f"{type(error).__name__}: {error}")
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(child, 0)
    print("done", flush=True)
"""


@dataclass
class Program:
    """One case: its files, and what must become of it."""

    name: str
    options: list[tuple[str, str]]
    files: dict[str, str] = field(default_factory=dict)

    def option(self, key: str, default: str = "") -> str:
        """Return the value of an option."""
        return next((value for name, value in self.options if name == key), default)

    @property
    def plan(self) -> Plan:
        """Return the plan of the case."""
        if rules := self.option("rules"):
            return plan_of(f"  - {rules}")
        old, _, new = self.option("plan", "pkg.old.f -> pkg.new.g").partition(" -> ")
        more = self.option("rule")
        replacement = f"symbol: {new}" + (f", {more}" if more else "")
        return plan_of(
            f"  - {{id: moved, kind: deprecated-symbol, symbols: [{old}], replacement: {{{replacement}}}}}"
        )


def programs(table: str) -> Iterator[Program]:
    """Yield the cases in a table."""
    current: Program | None = None
    path = ""
    for line in (TABLES / f"{table}.txt").read_text().splitlines():
        if line.startswith("## "):
            if current is not None:
                yield current
            name, *options = (part.strip() for part in line[3:].split(" | "))
            pairs = [option.partition(":") for option in options]
            current = Program(name, [(key.strip(), value.strip()) for key, _, value in pairs])
            path = ""
        elif line.startswith("=== ") and current is not None:
            path = line[4:].strip()
            current.files[path] = ""
        elif current is not None and path:
            current.files[path] += line + "\n"
    if current is not None:
        yield current


def every_program() -> Iterator[tuple[str, Program]]:
    """Yield the cases in all tables, each with the id of its test."""
    for table in sorted(TABLES.glob("*.txt")):
        for program in programs(table.stem):
            yield f"{table.stem}: {program.name}", program


def tree_of(program: Program) -> dict[str, str]:
    """Return the files of a case; a file of the base that it empties with `-` is left out."""
    plain = not program.option("plan") and not program.option("rules")
    files = {**(BASE if plain else {"pkg/__init__.py": ""}), **program.files}
    kept = {path: text for path, text in files.items() if text.strip() != "-"}
    return {path: text.rstrip("\n") + "\n" if text.strip() else "" for path, text in kept.items()}


class Runner:
    """An interpreter that runs programs: it reads folders from its input and answers with `done`."""

    def __init__(self, command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            command,
            env={"PATH": os.environ.get("PATH", ""), "PYTHONHASHSEED": "0", **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, folder: Path, files: Mapping[str, bytes | str]) -> str:
        """Write a program to a folder and return what it prints, with the error that ends it, if any."""
        for path, text in files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text if isinstance(text, bytes) else text.encode())
        assert self._process.stdin is not None
        self._process.stdin.write(f"{folder}\n")
        self._process.stdin.flush()
        answer = self.answer()
        assert answer == "done", answer
        return (folder / "output").read_text()

    def answer(self) -> str:
        """Return the next line that the interpreter writes."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().rstrip("\n")

    def close(self) -> None:
        """End the interpreter."""
        self._process.communicate()


def runner_of_this_python() -> Runner:
    """Return the interpreter that runs the tests, without its installed packages."""
    return Runner([sys.executable, "-S", "-s", "-c", _SERVER], {"PYTHONDONTWRITEBYTECODE": "1"})


def fixed(plan: Plan, files: Mapping[str, str]) -> tuple[dict[str, bytes], dict[RepoPath, Rewrite]]:
    """Return a tree with every fix, and the last result of each file; in one process, as a child is niced."""
    workspace = workspace_of(plan, files)
    results: dict[RepoPath, Rewrite] = {}
    waiting = workspace.notable()
    for _ in range(_PASSES):
        moved = False
        for path in waiting:
            results[path] = rewrite_in(workspace, path, Selection())
            moved = moved or results[path].changed
        waiting = [path for path in sorted(results) if any(one.waits for one in results[path].refused)]
        if not moved or not waiting:
            break
    return {path: text.encode() for path, text in files.items()} | {
        str(path): text for path, text in workspace.changed.items()
    }, results


def check(program: Program, folder: Path, runner: Runner) -> None:
    """Run a case before and after its fixes, and a second fix, which must change nothing."""
    files = tree_of(program)
    before = runner.run(folder / "before", files)
    assert "Error" not in before.splitlines()[-1], before
    after, results = fixed(program.plan, files)
    changed = {path: text.decode() for path, text in after.items() if text != files[path].encode()}
    reasons = [f"{result.path}:{r.line}: {r.reason}" for result in results.values() for r in result.refused]
    shown = "\n".join([*(f"=== {path}\n{text}" for path, text in changed.items()), *reasons])
    if changed:
        then = runner.run(folder / "after", after)
        assert then == before, f"prints {then!r} instead of {before!r}\n{shown}"
        again, _ = fixed(program.plan, {path: text.decode() for path, text in after.items()})
        moved = [path for path in again if again[path] != after[path]]
        assert not moved, f"a second run changes {moved}: {again[moved[0]].decode()}\n{shown}"
    names = [key for key, _ in program.options]
    if "rewritten" in names:
        assert changed, shown
        assert not reasons, shown
    for key, value in program.options:
        if key == "left":
            assert any(value in reason for reason in reasons), f"no reason says {value!r}\n{shown}"
        if key == "fixed":
            assert any(value in text for text in changed.values()), f"nothing contains {value!r}\n{shown}"
        if key == "without":
            assert all(value not in text for text in changed.values()), shown
