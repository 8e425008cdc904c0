"""What the commands print, in the shape of values; one format a file turns them into lines of text.

A format offers some of `scan`, `history` and `check`; each yields lines without their line ends.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from scanner.plan import Plan
from scanner.values import RISKS, Comparison, Fault, Finding, Revision, Tally

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
    """One commit of a history: its totals, and how many findings it brought and took away."""

    revision: Revision
    plan: Plan
    tally: Tally
    new: int
    fixed: int
    unparsed: tuple[Fault, ...]
    skipped: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """What a change brought. `reason` says why this base; `doubts` are changed files nobody can judge."""

    base: Revision
    head: Revision
    reason: str
    plan: Plan
    comparison: Comparison
    doubts: tuple[Fault, ...]


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
