"""Whether every place that ruff's TID251 reports is found too, and what is found beyond it, by role.

`python -m bench.agreement REPO REV SYMBOL...`: both look for the same dotted names in the same tree.
"""

import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from bench import plans
from bench.timing import python

Place = tuple[str, int]


def main(repository: str, revision: str, *symbols: str) -> int:
    """Print one row; 1 where ruff found something that we missed."""
    with tempfile.TemporaryDirectory(prefix="agreement-") as name:
        folder = Path(name)
        theirs, unread = _ruff(repository, revision, folder, list(symbols))
        ours = _scan(repository, revision, folder, list(symbols))
    places = {(f["path"], line) for f in ours for line in range(f["line"], f["end_line"] + 1)}
    missed = sorted(theirs - places)
    further = [f for f in ours if (f["path"], f["line"]) not in theirs]
    blind = [f for f in further if f["path"] in unread]
    roles = ", ".join(f"{role} {n:,}" for role, n in Counter(f["role"] for f in further).most_common())
    files = len({f["path"] for f in blind})
    print(f"{len(theirs):,} places by ruff, {len(missed)} of them missed")
    beyond = f"{len(blind)} of them in {files} files that ruff cannot parse"
    print(f"{len(further):,} further findings, {beyond}: {roles}")
    for path, line in missed:
        print(f"missed: {path}:{line}")
    return bool(missed)


def _ruff(repository: str, revision: str, folder: Path, symbols: list[str]) -> tuple[set[Place], set[str]]:
    """The places that ruff reports, and the files that it cannot parse."""
    checkout = folder / "checkout"
    checkout.mkdir()
    archive = subprocess.run(
        ["git", "-C", repository, "archive", revision, "*.py"], capture_output=True, check=False
    ).stdout
    subprocess.run(["tar", "-x", "-C", str(checkout)], input=archive, check=True)
    settings = plans.ruff_configuration(folder, symbols)
    options = ("--no-cache", "--select", "TID251", "--config", str(settings), "--output-format", "json")
    command = python("-m", "ruff", "check", *options, ".")
    found = json.loads(subprocess.run(command, cwd=checkout, capture_output=True, check=False).stdout)
    named = [(str(Path(f["filename"]).relative_to(checkout)), f["location"]["row"], f["code"]) for f in found]
    reported = {(path, row) for path, row, code in named if code == "TID251"}
    return reported, {path for path, _, code in named if code != "TID251"}


def _scan(repository: str, revision: str, folder: Path, symbols: list[str]) -> list[dict[str, Any]]:
    plan = plans.one_rule(folder, symbols)
    command = python(
        "-m", "scanner", "scan", repository, "--rev", revision, "--plan", str(plan), "--format", "json"
    )
    found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return list(found["findings"])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
