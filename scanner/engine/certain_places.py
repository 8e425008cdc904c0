"""Reads from reports on some files what a rule reports there, whatever the other files contain."""

from collections.abc import Mapping
from typing import NamedTuple

from scanner.engine.codec import unpack
from scanner.model import RepoPath

_Key = tuple[RepoPath, str]


class CertainPlace(NamedTuple):
    """A place that a rule reports, whatever the other files contain."""

    path: RepoPath
    line: int
    column: int
    role: str
    symbol: str


def certain_places(reports: Mapping[_Key, bytes], rule: str) -> list[CertainPlace]:
    """Return the places in packed reports, each once. Files with suppressions are left out, because these may
    suppress any of them, so the number is a lower bound of the rule's findings in these files.
    """
    found: dict[tuple[RepoPath, int, int], CertainPlace] = {}
    for (path, _), packed in reports.items():
        report = unpack(packed)
        own = report.rule_reports.get(rule)
        for hit in own.hits if own and not report.suppressions else ():
            at = path, hit.location.line, hit.location.column
            found[at] = CertainPlace(*at, hit.role, hit.symbol)
    return list(found.values())
