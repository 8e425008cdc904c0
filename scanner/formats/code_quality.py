"""Formats findings as a code quality report, which GitLab shows in merge requests.

Format: the subset of Code Climate's that GitLab documents. Suppressed findings are left out, because it has
no place for them.
"""

import json
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Any

from scanner.formats import Check, Scan, worst_first
from scanner.model import Finding, Risk, encode_path

_SEVERITIES: dict[Risk, str] = {
    "critical": "blocker",
    "high": "critical",
    "medium": "major",
    "low": "minor",
}


def scan(report: Scan) -> Iterator[str]:
    """Yield all violations of one revision as one array."""
    yield _document(report.findings)


def check(report: Check) -> Iterator[str]:
    """Yield the findings that make the check fail as one array."""
    yield _document(report.brought)


def _document(findings: Iterable[Finding]) -> str:
    found = [finding for file in worst_first(findings) for finding in file if not finding.suppressed]
    return json.dumps([_problem(finding) for finding in found], ensure_ascii=False)


def _problem(finding: Finding) -> dict[str, Any]:
    symbol = f" ({finding.symbol})" if finding.symbol else ""
    path = encode_path(finding.path)
    # A report shows one problem for each fingerprint, and that of a finding doesn't include its path.
    identity = blake2b(path + b"\0" + finding.fingerprint.encode(), digest_size=16)
    return {
        "description": f"{finding.message}: {finding.role}{symbol}",
        "check_name": finding.rule,
        "fingerprint": identity.hexdigest(),
        "severity": _SEVERITIES[finding.risk],
        "location": {"path": path.decode("utf-8", "replace"), "lines": {"begin": finding.line}},
    }
