"""File reports as compact JSON: what is kept on disk and what a reading process hands over."""

import json
from datetime import date
from typing import Any

from scanner.engine.analyzer import EMPTY, FileReport
from scanner.model import Suppression
from scanner.python.source import Place
from scanner.rules.base import Evidence, Hit


def pack(report: FileReport) -> bytes:
    """The bytes of a report; none for `EMPTY`, which most files have whatever their path is."""
    if report is EMPTY:
        return b""
    said = {rule: _evidence(evidence) for rule, evidence in report.evidence.items()}
    value: list[Any] = [report.skipped, said, report.fault, int(report.tainted), report.defined]
    value.append([[s.first, s.last, s.rules, s.reason, str(s.until or "")] for s in report.suppressions])
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


def unpack(raw: bytes) -> FileReport:
    """The report in these bytes. Raises ValueError or TypeError where they are no packed report."""
    if not raw:
        return EMPTY
    skipped, said, fault, tainted, defined, suppressions = json.loads(raw.decode("utf-8", "surrogatepass"))
    report = FileReport(
        {rule: _read_evidence(*value) for rule, value in said.items()},
        (fault[0], fault[1]) if fault else None,
        skipped,
        bool(tainted),
        tuple(defined),
        tuple(_read_suppression(*suppression) for suppression in suppressions),
    )
    return EMPTY if report == EMPTY else report


def is_passing(raw: bytes) -> bool:
    """Whether a packed report says that the file was not read, which may be otherwise tomorrow."""
    return raw != b"" and not raw.startswith(b'["",')


def _evidence(evidence: Evidence) -> list[Any]:
    return [[_hit(hit) for hit in evidence.hits], dict(evidence.facts), evidence.pending, evidence.new_sites]


def _hit(hit: Hit) -> list[Any]:
    p = hit.place
    return [
        [p.line, p.column, p.end_line, p.end_column, p.snippet],
        hit.role,
        hit.symbol,
        hit.scope,
        int(hit.low),
        hit.message,
    ]


def _read_evidence(hits: list[list[Any]], facts: dict[str, Any], pending: Any, new_sites: int) -> Evidence:
    return Evidence(tuple(_read_hit(*hit) for hit in hits), facts, pending, new_sites)


def _read_suppression(first: int, last: int, rules: list[str], reason: str, until: str) -> Suppression:
    return Suppression(first, last, tuple(rules), reason, date.fromisoformat(until) if until else None)


def _read_hit(place: list[Any], *rest: Any) -> Hit:
    role, symbol, scope, low, message = rest
    return Hit(Place(*place), role, symbol, scope, bool(low), message)
