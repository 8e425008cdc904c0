"""Converts the engine's values to columns of rows."""

from collections.abc import Collection, Iterable
from dataclasses import astuple, dataclass
from typing import Any

from compliance.lib.field_types import storable
from compliance.models import Change, Commit, File, FileState, PlanVersion, Snapshot, Violation
from compliance.scans.file_steps import count_files, count_gone, count_outside
from scanner import Comparison, Difference, FileResult, Finding, Move, Tally, count_movement

ViolationKey = tuple[str, str]
"""The path and fingerprint that identify a finding within one revision."""


@dataclass(frozen=True, slots=True)
class State:
    """The state of a file, in the columns of FileState. A new row begins whenever it changes."""

    category: str
    violations: int
    suppressed: int
    old_sites: int
    new_sites: int
    tainted: bool
    unparsed: str
    unparsed_line: int
    skipped: str

    @classmethod
    def of(cls, result: FileResult) -> "State":
        """Return the state that the engine reports."""
        violations = len(result.violations)
        return cls(
            category=result.category,
            violations=violations,
            suppressed=len(result.findings) - violations,
            old_sites=result.old_sites,
            new_sites=result.new_sites,
            tainted=result.tainted,
            unparsed=clean_text(result.unparsed.reason) if result.unparsed else "",
            unparsed_line=result.unparsed.line if result.unparsed else 0,
            skipped=clean_text(result.skipped.reason) if result.skipped else "",
        )

    @classmethod
    def of_row(cls, row: FileState) -> "State":
        """Return the recorded state."""
        return cls(*(getattr(row, name) for name in cls.__slots__))

    def columns(self) -> dict[str, Any]:
        """Return the values by column name."""
        return dict(zip(self.__slots__, astuple(self), strict=True))


def clean_text(text: str) -> str:
    """Return text without NUL characters, which Postgres can't store."""
    return storable(text)


def key_of(finding: Finding) -> ViolationKey:
    """Return the key of a finding."""
    return finding.path, finding.fingerprint


def all_suppressed(results: Iterable[FileResult | None]) -> dict[ViolationKey, Finding]:
    """Return the suppressed findings in these files by their keys."""
    return {key_of(f): f for result in results if result for f in result.findings if f.suppressed}


def columns(finding: Finding, counted: Collection[str]) -> dict[str, Any]:
    """Return a finding as columns of Violation. `counted` are the categories that count."""
    return {
        "rule": finding.rule,
        "role": finding.role,
        "symbol": clean_text(finding.symbol),
        "scope": clean_text(finding.scope),
        "risk": finding.risk,
        "category": finding.category,
        "message": clean_text(finding.message),
        "snippet": clean_text(finding.snippet),
        "line": finding.line,
        "column": finding.column,
        "end_line": finding.end_line,
        "end_column": finding.end_column,
        "fingerprint": finding.fingerprint,
        "issues": list(finding.issues),
        "phases": list(finding.phases),
        "counted": finding.category in counted,
        "suppressed": finding.suppressed,
        "reason": clean_text(finding.reason),
    }


def violation(plan: PlanVersion, file: File, finding: Finding, counted: Collection[str]) -> Violation:
    """Return a row for a finding that is open at both ends."""
    return Violation(
        plan=plan,
        file=file,
        origin_path=finding.path,
        origin_fingerprint=finding.fingerprint,
        **columns(finding, counted),
    )


def change(  # noqa: PLR0917  (one value each)
    commit: Commit,
    plan: PlanVersion,
    kind: Change.Kind,
    finding: Finding,
    violation: Violation,
    counted: Collection[str],
    move: Move | None = None,
) -> Change:
    """Return the row for a commit's effect on a finding. For a move, `finding` is the one after the move."""
    row = Change(
        commit=commit,
        plan=plan,
        violation=violation,
        kind=kind,
        rule=finding.rule,
        role=finding.role,
        symbol=clean_text(finding.symbol),
        risk=finding.risk,
        category=finding.category,
        counted=finding.category in counted,
        path=finding.path,
        line=finding.line,
        snippet=clean_text(finding.snippet),
        fingerprint=finding.fingerprint,
    )
    if move:
        row.rung = move.rung
        row.old_path, row.old_line = move.before.path, move.before.line
        row.old_snippet, row.old_fingerprint = clean_text(move.before.snippet), move.before.fingerprint
    return row


def snapshot(  # noqa: PLR0917  (one value each)
    commit: Commit,
    plan: PlanVersion,
    tally: Tally,
    comparison: Comparison,
    step: Difference,
    counted: Collection[str],
) -> Snapshot:
    """Return a commit's figures, compared with its first parent."""
    movement = count_movement(comparison, counted)
    return Snapshot(
        commit=commit,
        plan=plan,
        files=tally.files,
        clean=tally.clean,
        violations=tally.violations,
        files_with_violations=tally.files_with_violations,
        old_sites=tally.old_sites,
        new_sites=tally.new_sites,
        suppressed=tally.suppressed,
        unparsed=tally.unparsed,
        skipped=tally.skipped,
        new=movement.new,
        fixed=movement.fixed,
        newly_suppressed=movement.newly_suppressed,
        restored=movement.restored,
        moved=movement.moved,
        moved_in=movement.moved_in,
        moved_out=movement.moved_out,
        **count_files(step, counted),
        fixed_gone=count_gone(step, comparison, counted),
        outside=count_outside(comparison, counted),
        by={
            dimension: {key: [part.violations, part.files_with_violations] for key, part in keys.items()}
            for dimension, keys in tally.by.items()
        },
        category_files=dict(tally.category_files),
    )
