"""The reports on the files of one revision, which are unpacked when they are needed if they were loaded."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from scanner.engine.analyzer import EMPTY, FileReport
from scanner.engine.codec import pack, unpack
from scanner.model import RepoPath

Late = tuple[Any, bool]
"""What a packed report leaves out, because only a supplement adds it."""


class ReportMap:
    """Maps paths to reports that are not empty. Of a loaded revision, few are ever unpacked."""

    def __init__(self) -> None:
        self._reports: dict[RepoPath, FileReport] = {}
        self._packed: dict[RepoPath, tuple[bytes, Late | None]] = {}

    def __contains__(self, path: RepoPath) -> bool:
        return path in self._reports or path in self._packed

    def __getitem__(self, path: RepoPath) -> FileReport:
        if path in self._packed:
            raw, late = self._packed.pop(path)
            report = unpack(raw)
            if late is not None:
                fault = (late[0][0], late[0][1]) if late[0] else None
                report = replace(report, late_fault=fault, is_late=bool(late[1]))
            self._reports[path] = report
        return self._reports[path]

    def __setitem__(self, path: RepoPath, report: FileReport) -> None:
        self._packed.pop(path, None)
        self._reports[path] = report

    def report_on(self, path: RepoPath) -> FileReport:
        """Return the report on a path, which is EMPTY if there is none."""
        if path not in self:
            return EMPTY
        return self[path]

    def remove(self, path: RepoPath) -> None:
        """Remove the report on a path, if there is one."""
        self._packed.pop(path, None)
        self._reports.pop(path, None)

    def paths(self) -> set[RepoPath]:
        """Return the paths of all files that have a report."""
        return {*self._packed, *self._reports}

    def packed(self) -> list[tuple[RepoPath, bytes, Late | None]]:
        """Return all reports as bytes, with what these leave out."""
        found = [(path, raw, late) for path, (raw, late) in self._packed.items()]
        for path, report in self._reports.items():
            is_late = report.late_fault is not None or report.is_late
            found.append((path, pack(report), (report.late_fault, report.is_late) if is_late else None))
        return found

    def load(self, packed: Iterable[tuple[RepoPath, bytes, Late | None]]) -> None:
        """Set the reports to those that `packed` returned."""
        self._packed = {path: (raw, late) for path, raw, late in packed}
