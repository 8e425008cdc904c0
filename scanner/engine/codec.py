"""Serialises file reports as compact JSON, for the store and for messages from worker processes."""

import json
from datetime import date
from typing import Any

from scanner.engine.analyzer import EMPTY, FileReport
from scanner.model import Suppression
from scanner.python.source import Location
from scanner.rules.base import Hit, RuleReport


def pack(report: FileReport) -> bytes:
    """Return a report as bytes. `EMPTY`, the report on most files, becomes an empty byte string."""
    if report is EMPTY:
        return b""
    rules = {rule: _encode_rule_report(rule_report) for rule, rule_report in report.rule_reports.items()}
    value: list[Any] = [report.skipped, rules, report.fault, int(report.tainted), report.defined]
    value.append([encode_suppression(suppression) for suppression in report.suppressions])
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


def unpack(raw: bytes) -> FileReport:
    """Return the report that these bytes contain.

    Raises ValueError or TypeError if they are not a packed report.
    """
    if not raw:
        return EMPTY
    skipped, rules, fault, tainted, defined, suppressions = json.loads(raw.decode("utf-8", "surrogatepass"))
    report = FileReport(
        {rule: _decode_rule_report(*value) for rule, value in rules.items()},
        (fault[0], fault[1]) if fault else None,
        skipped,
        bool(tainted),
        tuple(defined),
        tuple(decode_suppression(*suppression) for suppression in suppressions),
    )
    return EMPTY if report == EMPTY else report


def is_temporary(raw: bytes) -> bool:
    """Return whether a packed report says that the file could not be read, which may succeed next time."""
    return raw != b"" and not raw.startswith(b'["",')


def _encode_rule_report(report: RuleReport) -> list[Any]:
    return [[_encode_hit(hit) for hit in report.hits], dict(report.facts), report.pending, report.new_sites]


def _encode_hit(hit: Hit) -> list[Any]:
    p = hit.location
    return [
        [p.line, p.column, p.end_line, p.end_column, p.snippet],
        hit.role,
        hit.symbol,
        hit.scope,
        int(hit.low),
        hit.message,
    ]


def _decode_rule_report(
    hits: list[list[Any]], facts: dict[str, Any], pending: Any, new_sites: int
) -> RuleReport:
    return RuleReport(tuple(_decode_hit(*hit) for hit in hits), facts, pending, new_sites)


def encode_suppression(suppression: Suppression) -> list[Any]:
    """Return a suppression as a JSON value."""
    s = suppression
    return [s.first, s.last, s.rules, s.reason, str(s.until or "")]


def decode_suppression(first: int, last: int, rules: list[str], reason: str, until: str) -> Suppression:
    """Return the suppression with these fields of a JSON value."""
    return Suppression(first, last, tuple(rules), reason, date.fromisoformat(until) if until else None)


def _decode_hit(location: list[Any], *rest: Any) -> Hit:
    role, symbol, scope, low, message = rest
    return Hit(Location(*location), role, symbol, scope, bool(low), message)
