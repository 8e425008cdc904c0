"""Draws the sample: every area in proportion to its size, every operator as often as the others.

Mutants are ordered by a hash of the seed and their identity, so a change of the code only replaces mutants of
the lines that it touches, and the results of the others stay valid.
"""

import hashlib
import json
import subprocess
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from tests.mutants.mutant import OPERATORS, Mutant, number
from tests.mutants.python_source import mutants_of

LEAST = 5  # mutants of an area, so that its percentage says something
EQUIVALENT_SHARE = 0.05
AREAS = {
    "scanner/fixes": "rewrite",
    "scanner": "scanner",
    "static/js": "javascript",
    "compliance/api": "api",
    "compliance/views": "views",
    "compliance/queries": "views",
    "compliance/templatetags": "views",
    "compliance/embedded": "local",
    "compliance/management": "local",
    "compliance/server": "local",
    "compliance/progress": "forecast and verdict",
    "compliance/work": "claims and waivers",
    "compliance/charts": "charts",
    "compliance/scans": "scans",
    "compliance/notifications": "notices",
    "compliance/evidence": "evidence",
    "compliance/integrations": "webhooks",
    "compliance/jobs": "jobs",
    "compliance/management/demo": "demonstration",
    "compliance/accounts": "people",
    "compliance/people": "people",
    "compliance": "shared",
}


class SampleError(Exception):
    """The list of equivalent mutants is wrong; the message says how."""


def area_of(path: str) -> str:
    """Return the area in whose row of the report a file is counted."""
    return next(area for folder, area in AREAS.items() if path.startswith(f"{folder}/"))


def find_all(root: Path, node: str) -> list[Mutant]:
    """Return every mutant of the product, without migrations."""
    found: list[Mutant] = []
    for package in ("scanner", "compliance"):
        for file in sorted((root / package).rglob("*.py")):
            path = file.relative_to(root).as_posix()
            if "/migrations/" not in path:
                found += mutants_of(path, file.read_bytes())
    scripts = sorted(file.relative_to(root).as_posix() for file in (root / "static" / "js").rglob("*.js"))
    return found + find_in_scripts(root, scripts, node)


def find_in_scripts(root: Path, paths: list[str], node: str) -> list[Mutant]:
    """Return the mutants of scripts; acorn counts characters, which become bytes here."""
    command = [node, str(Path(__file__).with_name("javascript.js")), *paths]
    done = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    by_path: dict[str, list[Mutant]] = defaultdict(list)
    texts = {path: (root / path).read_text(encoding="utf-8") for path in paths}
    for row in json.loads(done.stdout):
        text = texts[row["path"]]
        start, end = (len(text[: row[name]].encode()) for name in ("start", "end"))
        by_path[row["path"]].append(Mutant(**{**row, "start": start, "end": end}))
    return [mutant for mutants in by_path.values() for mutant in number(mutants)]


def draw(mutants: Iterable[Mutant], seed: int, count: int) -> list[Mutant]:
    """Return the sample; the same seed draws the same mutants, and a larger count adds to a smaller one's."""
    areas: dict[str, list[Mutant]] = defaultdict(list)
    for mutant in mutants:
        areas[area_of(mutant.path)].append(mutant)
    total = sum(map(len, areas.values()))
    sizes = {
        area: max(min(LEAST, count // len(areas)), count * len(found) // total)
        for area, found in areas.items()
    }
    while sum(sizes.values()) != count:
        largest = max(sizes, key=lambda area: (sizes[area], area))
        sizes[largest] += 1 if sum(sizes.values()) < count else -1
    return [mutant for area in sorted(areas) for mutant in _rotate(areas[area], seed)[: sizes[area]]]


def _rotate(mutants: list[Mutant], seed: int) -> list[Mutant]:
    """Return mutants in the order in which they are drawn, the operators taking turns."""
    places: dict[str, int] = defaultdict(int)
    order = []
    for mutant in sorted(mutants, key=lambda each: _hash(seed, each)):
        order.append((places[mutant.operator], OPERATORS.index(mutant.operator), mutant))
        places[mutant.operator] += 1
    return [mutant for _, _, mutant in sorted(order, key=lambda each: each[:2])]


def _hash(seed: int, mutant: Mutant) -> str:
    return hashlib.sha256(f"{seed}:{mutant.identity}".encode()).hexdigest()


def read_equivalent(file: Path, mutants: Iterable[Mutant]) -> dict[str, str]:
    """Return the identities of the mutants that are declared equivalent, each with its reason."""
    known: dict[tuple[Any, ...], list[Mutant]] = {}
    for each in mutants:
        known.setdefault((each.path, each.scope, each.was, each.becomes), []).append(each)
    declared: dict[str, str] = {}
    rows: list[dict[str, Any]] = yaml.safe_load(file.read_text(encoding="utf-8")) or []
    for row in rows:
        same = known.get((row["path"], row["scope"], row["was"], row["becomes"]), [])
        words = f"{row['path']} is “{row['was']}” -> “{row['becomes']}”"
        if len(same) > 1 and "repeat" not in row:
            numbers = ", ".join(f"{each.repeat} (line {each.line})" for each in same)
            raise SampleError(f"{file}: more than one mutant of {words}; add `repeat`, one of {numbers}.")
        chosen = [each for each in same if each.repeat == row.get("repeat", each.repeat)]
        if not chosen:
            raise SampleError(f"{file}: no mutant of {words}; remove it.")
        declared[chosen[0].identity] = row["reason"]
    return declared


def leave_out(sample: list[Mutant], declared: dict[str, str]) -> list[Mutant]:
    """Return the sample without the equivalent mutants, of which there may only be a few."""
    rest = [mutant for mutant in sample if mutant.identity not in declared]
    if len(sample) - len(rest) > len(sample) * EQUIVALENT_SHARE:
        raise SampleError(
            f"{len(sample) - len(rest)} of {len(sample)} mutants are declared equivalent; "
            f"at most {EQUIVALENT_SHARE:.0%} may be."
        )
    return rest
