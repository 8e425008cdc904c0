"""Applies waivers to a preview, so that its figures match those on the other pages."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from compliance.lib.globs import matches
from compliance.models import Repository, Violation, Waiver
from compliance.progress.waiver_figures import taken_off
from compliance.scans import rows
from compliance.scans.rows import ViolationKey
from scanner import FileResult, Finding, Plan, RepoPath, Slice, Tally

Accepts = Callable[[Finding], bool]


def lasting(repository: Repository, plan: int | None) -> Accepts:
    """Return a predicate that matches waived findings, by the active plan's rows or else by the text of each
    waiver.

    A waiver for a single violation follows its row when commits move it. Another plan has different rows.
    """
    if plan is not None and plan == repository.plan_id:
        waived = Violation.objects.filter(plan=plan, last__isnull=True, waiver__isnull=False)
        places: set[ViolationKey] = set(waived.values_list("file__path", "fingerprint"))
        return lambda finding: rows.key_of(finding) in places
    waivers = list(Waiver.objects.filter(repository=repository, ended_at=None))

    def accepts(finding: Finding) -> bool:
        return any(
            w.rule in {"", finding.rule}
            and (
                (w.glob, w.fingerprint) == rows.key_of(finding)
                if w.fingerprint
                else matches(w.glob, finding.path)
            )
            for w in waivers
        )

    return accepts


def net(tally: Tally, files: Mapping[RepoPath, FileResult], plan: Plan, accepts: Accepts) -> Tally:
    """Return the totals without waived violations, computed in the same way as the newest commit's
    figures.
    """
    numbers = {path: number for number, path in enumerate(files)}
    judged = (
        (
            {"file_id": numbers[finding.path], **rows.columns(finding, plan.compliance_counts)},
            accepts(finding),
        )
        for result in files.values()
        for finding in result.violations
    )
    doubtful = {numbers[path] for path, result in files.items() if result.tainted or result.skipped}
    off = taken_off(judged, doubtful)
    return replace(
        tally,
        clean=tally.clean - off["clean"],
        violations=tally.violations - off["violations"],
        files_with_violations=tally.files_with_violations - off["files_with_violations"],
        by=MappingProxyType({name: _less(name, parts, off) for name, parts in tally.by.items()}),
    )


def _less(dimension: str, parts: Mapping[str, Slice], off: Counter[str]) -> Mapping[str, Slice]:
    return MappingProxyType(
        {
            key: Slice(
                part.violations - off[f"{dimension}:{key}:violations"],
                part.files_with_violations - off[f"{dimension}:{key}:files"],
            )
            for key, part in parts.items()
        }
    )
