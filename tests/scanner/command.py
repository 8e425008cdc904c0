"""`python -m scanner` as a person or a script runs it: a process of its own, unless many are needed."""

import io
import json
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scanner.__main__ import main

PROJECT = Path(__file__).parents[2]


@dataclass
class Ran:
    """How one run ended."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> dict[str, Any]:
        """Standard output as one JSON object."""
        return dict(json.loads(self.out))

    @property
    def values(self) -> list[dict[str, Any]]:
        """Standard output as one JSON object a line."""
        return [json.loads(line) for line in self.out.splitlines()]


def run(*arguments: object) -> Ran:
    """One run, at most a minute long."""
    command = [sys.executable, "-m", "scanner", *map(str, arguments)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False)
    return Ran(done.returncode, done.stdout, done.stderr)


def check_here(folder: Path, plan: Path, target: str, head: str) -> tuple[int, dict[str, Any]]:
    """The exit code of `check` in this process, and its JSON object."""
    raw, err = io.BytesIO(), io.StringIO()
    out = io.TextIOWrapper(raw, "utf-8")
    options = [str(folder), "--plan", str(plan), "--base", target, "--head", head]
    with redirect_stdout(out), redirect_stderr(err):
        code = main(["check", *options, "--format", "json"])
    assert code in {0, 1, 2}, err.getvalue()
    out.flush()
    return code, dict(json.loads(raw.getvalue().decode() or "{}"))
