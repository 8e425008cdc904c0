"""What the commands print, in the shape of values; one format a file turns them into lines of text.

A format offers some of `scan`, `history` and `check`; each yields lines without their line ends.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from scanner.model import RISKS, Comparison, Fault, Finding, Revision, Tally
from scanner.plan import Plan

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Scan:
    """One revision, judged: all findings, and all that could not be read."""

    revision: Revision
    plan: Plan
    tally: Tally
    findings: tuple[Finding, ...]
    unparsed: tuple[Fault, ...]
    skipped: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One commit of a history: its totals, and how many findings it brought, took away or suppressed.

    `restored` are those that count again, as the comment that suppressed them is gone or ran out.
    """

    revision: Revision
    plan: Plan
    tally: Tally
    new: int
    fixed: int
    newly_suppressed: int
    restored: int
    unparsed: tuple[Fault, ...]
    skipped: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """What a change brought. `reason` says why this base; `doubts` are changed files nobody can judge.

    `ran_out` are of the findings that count again those whose file the change did not touch: their comment's
    last day lies between the two commits.
    """

    base: Revision
    head: Revision
    reason: str
    plan: Plan
    comparison: Comparison
    doubts: tuple[Fault, ...]
    ran_out: tuple[Finding, ...] = ()

    @property
    def brought(self) -> tuple[Finding, ...]:
        """What fails the check: new findings, and those whose comment it took away."""
        restored = tuple(move.after for move in self.comparison.restored)
        return (*self.comparison.new, *(finding for finding in restored if finding not in self.ran_out))

    @property
    def suppressed(self) -> tuple[Finding, ...]:
        """What the change suppresses, be it new or not."""
        return (*(move.after for move in self.comparison.suppressed), *self.comparison.silent)


def worst_first(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Findings by file, in order of line; the file with the worst risk first, then the one with most."""
    files: dict[str, list[Finding]] = {}
    for finding in findings:
        files.setdefault(finding.path, []).append(finding)
    for found in files.values():
        found.sort(key=lambda f: (f.line, f.column, f.rule, f.role))
    return sorted(files.values(), key=_badness)


def printable(text: str) -> str:
    """The text on one line, every character that could steer a terminal written as an escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _badness(found: list[Finding]) -> tuple[list[int], str]:
    counts = [-sum(f.risk == risk and not f.suppressed for f in found) for risk in RISKS]
    return counts, found[0].path
