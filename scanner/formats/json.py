"""Formats scans, checks and histories as JSON; docs/formats.md describes the schema.

A scan or check is one object; a history is one object per line.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from scanner.formats import MOVEMENT, SCHEMA, Check, Row, Scan
from scanner.model import Fault, Finding, Revision, Tally
from scanner.plan import Plan


def scan(report: Scan) -> Iterator[str]:
    """Yield the figures and all findings of one revision."""
    yield _line(
        {
            **_figures(report.revision, report.plan, report.tally),
            "findings": [_finding(finding) for finding in report.findings],
            **_faults(report.unparsed, report.skipped),
        }
    )


def history(rows: Iterable[Row]) -> Iterator[str]:
    """Yield one object per commit in the given order, as soon as each is known."""
    for row in rows:
        yield _line(
            {
                **_figures(row.revision, row.plan, row.tally),
                **_faults(row.unparsed, row.skipped),
                "committed_at": row.revision.committed_at.isoformat(),
                "author": row.revision.author,
                "subject": row.revision.subject,
                **{name: getattr(row.movement, name) for name in MOVEMENT},
            }
        )


def check(report: Check) -> Iterator[str]:
    """Yield the new, fixed, moved, suppressed and restored findings between two revisions."""
    comparison = report.comparison
    yield _line(
        {
            "schema": SCHEMA,
            "base": report.base.sha,
            "base_reason": report.reason,
            "other_bases": list(report.other_bases),
            "head": report.head.sha,
            "plan": _plan(report.plan),
            "new": [_finding(finding) for finding in comparison.new],
            "fixed": [_finding(finding) for finding in comparison.fixed],
            "moved": [
                {"before": _finding(move.before), "after": _finding(move.after), "by": move.rung}
                for move in comparison.moved
            ],
            "suppressed": [_finding(finding) for finding in report.suppressed],
            "restored": [_finding(move.after) for move in comparison.restored],
            "ran_out": [_finding(finding) for finding in report.ran_out],
            "cannot_tell": [_fault(fault) for fault in report.doubts],
        }
    )


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)


def _plan(plan: Plan) -> dict[str, str]:
    return {"name": plan.name, "digest": plan.digest}


def _figures(revision: Revision, plan: Plan, tally: Tally) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "commit": revision.sha,
        "plan": _plan(plan),
        "compliance": {
            "percent": tally.percent,
            "clean": tally.clean,
            "files": tally.files,
            "categories": list(plan.compliance_counts),
        },
        "violations": tally.violations,
        "files_with_violations": tally.files_with_violations,
        "suppressed": tally.suppressed,
        "sites": {"old": tally.old_sites, "new": tally.new_sites},
        "by": {
            name: {key: part.violations for key, part in parts.items()} for name, parts in tally.by.items()
        },
        "files_by": {
            name: {key: part.files_with_violations for key, part in parts.items()}
            for name, parts in tally.by.items()
        },
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "end_line": finding.end_line,
        "end_column": finding.end_column,
        "rule": finding.rule,
        "role": finding.role,
        "symbol": finding.symbol,
        "scope": finding.scope,
        "risk": finding.risk,
        "category": finding.category,
        "issues": list(finding.issues),
        "phases": list(finding.phases),
        "fingerprint": finding.fingerprint,
        "message": finding.message,
        "suppressed": finding.suppressed,
        **({"reason": finding.reason} if finding.suppressed else {}),
    }


def _faults(unparsed: tuple[Fault, ...], skipped: tuple[Fault, ...]) -> dict[str, Any]:
    return {
        "unparsed": [_fault(fault) for fault in unparsed],
        "skipped": [{"path": fault.path, "reason": fault.reason} for fault in skipped],
    }


def _fault(fault: Fault) -> dict[str, Any]:
    return {"path": fault.path, "line": fault.line, "reason": fault.reason}
