"""What the command line says of a repository: the other source that every page is held against."""

import json
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Told:
    """`scan` is `scanner scan`'s object, `line` those of `scanner history`, oldest first. All findings in the
    files `waived` are waived.
    """

    scan: dict[str, Any]
    line: list[dict[str, Any]]
    waived: frozenset[str] = frozenset()

    def of(self, dimension: str, key: str) -> tuple[int, int]:
        """Violations and files with violations of one slice."""
        return self.scan["by"][dimension].get(key, 0), self.scan["files_by"][dimension].get(key, 0)

    def at(self, sha: str) -> int:
        """The place of a commit on the line, from 0."""
        return next(place for place, row in enumerate(self.line) if row["commit"].startswith(sha))

    def percent(self, place: int) -> float | None:
        """The figure of the commit at this place, None without files."""
        figure: float | None = self.line[place]["compliance"]["percent"]
        return figure

    def points(self, place: int) -> float | None:
        """Points of percentage that the commit at this place won; None for the first."""
        if place == 0:
            return None
        before, after = self.percent(place - 1), self.percent(place)
        return None if before is None or after is None else round(after - before, 1)

    def week(self, now: datetime) -> float | None:
        """Points won in the week to now, or to the newest commit where that is older than a week."""
        newest = time_of(self.line[-1])
        until = now if now - newest <= timedelta(days=7) else newest
        past = [row for row in self.line[:-1] if time_of(row) <= until - timedelta(days=7)]
        if not past:
            return None
        return round(float(self.scan["compliance"]["percent"] - past[-1]["compliance"]["percent"]), 1)

    def findings(self, *, suppressed: bool = False) -> list[dict[str, Any]]:
        """The findings of the newest commit."""
        return [f for f in self.scan["findings"] if f["suppressed"] == suppressed]

    def with_waived(self, paths: set[str]) -> "Told":
        """The same, with all findings of these files waived, which changes none of the figures."""
        return replace(self, waived=frozenset(paths))


def time_of(row: dict[str, Any]) -> datetime:
    """When a commit was committed."""
    return datetime.fromisoformat(row["committed_at"])


def ask(repository: str, plan: str | None = None, revision: str = "HEAD") -> Told:
    """Run both commands. Raises CalledProcessError."""
    rows = _run("history", repository, plan, revision).splitlines()
    return Told(scan(repository, plan, revision), [json.loads(row) for row in rows])


def scan(repository: str, plan: str | None = None, revision: str = "HEAD") -> dict[str, Any]:
    """What one revision is under a plan. Raises CalledProcessError."""
    told: dict[str, Any] = json.loads(_run("scan", repository, plan, revision))
    return told


def _run(verb: str, repository: str, plan: str | None, revision: str) -> str:
    options = ["--rev", revision, "--format", "json", *(["--plan", plan] if plan else [])]
    command = [sys.executable, "-m", "scanner", verb, repository, *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
