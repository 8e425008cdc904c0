"""The values that commands print, and one module per format that turns them into lines.

A format has some of the methods `scan`, `history` and `check`; each yields lines without line endings.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from scanner.model import RISKS, Comparison, Fault, Finding, Movement, Revision, Tally
from scanner.plan import Plan

SCHEMA = 1

MOVEMENT = ("new", "fixed", "newly_suppressed", "restored", "moved_in", "moved_out")
"""The numbers of a movement that a history prints."""


@dataclass(frozen=True, slots=True)
class Scan:
    """One scanned revision, with all findings and all files that could not be read."""

    revision: Revision
    plan: Plan
    tally: Tally
    findings: tuple[Finding, ...]
    unparsed: tuple[Fault, ...]
    skipped: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One commit in a history: its totals, and how it changed the number of violations."""

    revision: Revision
    plan: Plan
    tally: Tally
    movement: Movement
    unparsed: tuple[Fault, ...]
    skipped: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """The effect of a change.

    `reason` explains the choice of the base, and `other_bases` are further ones if the branches have merged
    each other; `doubts` are changed files that cannot be judged. `ran_out` are findings that count again in
    files that the change did not touch, because their suppression expired between the two commits.
    """

    base: Revision
    head: Revision
    reason: str
    plan: Plan
    comparison: Comparison
    doubts: tuple[Fault, ...]
    ran_out: tuple[Finding, ...] = ()
    other_bases: tuple[str, ...] = ()

    @property
    def brought(self) -> tuple[Finding, ...]:
        """Return the findings that fail the check: new ones, and those whose suppression was removed."""
        restored = tuple(move.after for move in self.comparison.restored)
        return (*self.comparison.new, *(finding for finding in restored if finding not in self.ran_out))

    @property
    def suppressed(self) -> tuple[Finding, ...]:
        """Return the findings that the change suppresses, whether or not they are new."""
        return (*(move.after for move in self.comparison.suppressed), *self.comparison.silent)


def worst_first(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Return findings grouped by file; files with the worst risk, then with the most findings, come first."""
    files: dict[str, list[Finding]] = {}
    for finding in findings:
        files.setdefault(finding.path, []).append(finding)
    for found in files.values():
        found.sort(key=lambda f: (f.line, f.column, f.rule, f.role))
    return sorted(files.values(), key=_badness)


def printable(text: str) -> str:
    """Return text without characters that could control a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _badness(found: list[Finding]) -> tuple[list[int], str]:
    counts = [-sum(f.risk == risk and not f.suppressed for f in found) for risk in RISKS]
    return counts, found[0].path
