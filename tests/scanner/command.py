"""`python -m scanner` as a person or a script runs it: a process of its own."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
