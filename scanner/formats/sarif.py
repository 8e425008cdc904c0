"""Formats findings as SARIF 2.1.0 for code scanning, with fingerprints, suppressions and rule documentation.

Format: OASIS, Static Analysis Results Interchange Format 2.1.0. Limits: those of GitHub's code scanning
uploads.
"""

import gzip
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from scanner.formats import Check, Scan, worst_first
from scanner.model import RISKS, Fault, Finding, Risk, encode_path
from scanner.plan import UNEXPLAINED_IGNORE, Plan, RuleSpec
from scanner.rules import kinds

VERSION = "0.1.0"
TOOL = "ssot-compliance"
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_MOST_RESULTS = 25_000
_MOST_BYTES = 10_000_000
_LEVELS: dict[Risk, str] = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
_SEVERITIES: dict[Risk, str] = {
    "critical": "error",
    "high": "error",
    "medium": "warning",
    "low": "recommendation",
}
_UNEXPLAINED = RuleSpec(
    id=UNEXPLAINED_IGNORE,
    kind=UNEXPLAINED_IGNORE,
    message="An ignore comment must name its rules and give a reason",
    risk="low",
    paths=(),
    options={},
)


def scan(report: Scan) -> Iterator[str]:
    """Yield every finding in one revision; files that could not be read appear as notifications."""
    notes = [
        *(_notification("warning", f"does not parse: {fault.reason}", fault) for fault in report.unparsed),
        *(_notification("warning", f"skipped: {fault.reason}", fault) for fault in report.skipped),
    ]
    yield _document(report.plan, report.revision.sha, report.findings, notes)


def check(report: Check) -> Iterator[str]:
    """Yield the effect of a change; a changed file that cannot be judged makes the run unsuccessful."""
    notes = [_notification("error", f"cannot be judged: {fault.reason}", fault) for fault in report.doubts]
    yield _document(report.plan, report.head.sha, report.brought, notes, state="new")


def _document(
    plan: Plan, sha: str, findings: Iterable[Finding], notes: list[dict[str, Any]], state: str = ""
) -> str:
    """Return the log, reduced to the maximum size of an upload.

    The worst findings are kept, and a note says how much was omitted.
    """
    found = [finding for file in worst_first(findings) for finding in file]
    kept, noted = min(len(found), _MOST_RESULTS), len(notes)
    run = _run(plan, sha, successful=not any(note["level"] == "error" for note in notes))
    rule_indexes = {rule["id"]: index for index, rule in enumerate(run["tool"]["driver"]["rules"])}
    while True:
        cut = _left_out(len(found) - kept, len(notes) - noted)
        run["invocations"][0]["toolExecutionNotifications"] = [*notes[:noted], *cut]
        run["results"] = [_result(finding, rule_indexes, state) for finding in _worst(found, kept)]
        log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
        text = json.dumps(log, ensure_ascii=False)
        share = _share(text)
        if share >= 1:
            return text
        kept, noted = int(kept * share), int(noted * share)


def _run(plan: Plan, sha: str, *, successful: bool) -> dict[str, Any]:
    """Return a run without its results."""
    rules = [_rule(rule, plan) for rule in (*plan.rules, _UNEXPLAINED)]
    return {
        "tool": {"driver": {"name": TOOL, "semanticVersion": VERSION, "rules": rules}},
        "automationDetails": {"id": f"{TOOL}/{_slug(plan.name)}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": successful}],
        "properties": {"commit": sha, "plan": plan.name, "planDigest": plan.digest},
    }


def _worst(found: list[Finding], kept: int) -> list[Finding]:
    """Return at most `kept` findings: those with the worst risk first, suppressed ones last."""
    if kept >= len(found):
        return found
    ranks = sorted(range(len(found)), key=lambda i: (found[i].suppressed, RISKS.index(found[i].risk), i))
    return [found[i] for i in sorted(ranks[:kept])]


def _left_out(findings: int, notes: int) -> Iterator[dict[str, Any]]:
    """Yield a note for each kind of item that did not fit."""
    bounds = f"code scanning accepts {_MOST_RESULTS:,} results and {_MOST_BYTES // 1_000_000} MB compressed"
    for number, kind in ((findings, "findings with the lowest risk"), (notes, "notes on files")):
        if number:
            text = f"{number:,} more {kind} are left out: {bounds}"
            yield {"level": "warning", "message": {"text": text}}


def _share(text: str) -> float:
    """Return the fraction of a log that may be kept, with a safety margin; 1 or more if all of it fits."""
    raw = text.encode("utf-8", "surrogatepass")
    if len(raw) < _MOST_BYTES:
        return 1
    size = len(gzip.compress(raw, 6))  # uploads are compressed in the same way
    return 1 if size <= _MOST_BYTES else 0.9 * _MOST_BYTES / size


def _rule(rule: RuleSpec, plan: Plan) -> dict[str, Any]:
    kind = next((kind for kind in kinds() if kind.kind == rule.kind), None)
    title = rule.message or (kind.summary() if kind else rule.kind)
    documentation = (kind.documentation() if kind else "") or title
    risk: Risk = next((risk for risk in RISKS if risk in _risks(rule)), "medium")
    issues = (issue for issue in plan.issues if rule.id in issue.rules or issue.key in rule.issues)
    link = next((issue.url for issue in issues if issue.url), "")
    return {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in re.split(r"\W|_", rule.id)),
        "shortDescription": {"text": title},
        "fullDescription": {"text": documentation.split("\n\n")[0].replace("\n", " ")},
        "help": {"text": documentation, "markdown": f"## {title}\n\n{documentation}"},
        **({"helpUri": link} if link else {}),
        "defaultConfiguration": {"level": _LEVELS[risk]},
        "properties": {
            "tags": ["migration", rule.kind],
            "precision": "very-high",
            "problem.severity": _SEVERITIES[risk],
        },
    }


def _risks(rule: RuleSpec) -> tuple[str, ...]:
    if isinstance(rule.risk, str):
        return (rule.risk,)
    return tuple(rule.risk.values()) if rule.risk else ()


def _result(finding: Finding, rule_indexes: dict[str, int], state: str) -> dict[str, Any]:
    symbol = f" ({finding.symbol})" if finding.symbol else ""
    location = _location(finding.path, finding.line)
    location["physicalLocation"]["region"] |= {
        "startColumn": finding.column,
        "endLine": finding.end_line,
        "endColumn": finding.end_column,
        "snippet": {"text": finding.snippet},
    }
    if finding.scope:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.scope}]
    result = {
        "ruleId": finding.rule,
        "ruleIndex": rule_indexes[finding.rule],
        "level": _LEVELS[finding.risk],
        "message": {"text": f"{finding.message}: {finding.role}{symbol}"},
        "locations": [location],
        "partialFingerprints": {"primaryLocationLineHash": finding.fingerprint},
        "properties": {
            "role": finding.role,
            "risk": finding.risk,
            "category": finding.category,
            "issues": list(finding.issues),
            "phases": list(finding.phases),
        },
    }
    if state:
        result["baselineState"] = state
    if finding.suppressed:
        result["suppressions"] = [{"kind": "inSource", "justification": finding.reason}]
    return result


def _notification(level: str, message: str, fault: Fault) -> dict[str, Any]:
    return {"level": level, "message": {"text": message}, "locations": [_location(fault.path, fault.line)]}


def _location(path: str, line: int) -> dict[str, Any]:
    physical: dict[str, Any] = {
        "artifactLocation": {"uri": quote(encode_path(path)), "uriBaseId": "%SRCROOT%"}
    }
    if line:
        physical["region"] = {"startLine": line}
    return {"physicalLocation": physical}


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "plan"
