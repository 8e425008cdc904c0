"""Outlines a plan as a tree of issues and phases with their finding counts."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from scanner.formats import Scan, printable
from scanner.formats.text import compliance
from scanner.model import Finding
from scanner.plan import IssueSpec, PhaseSpec
from scanner.wording import counted


@dataclass(frozen=True, slots=True)
class _Branch:
    label: str
    branches: list["_Branch"] = field(default_factory=list)


def outline(report: Scan) -> Iterator[str]:
    """Yield the lines of the tree: unsuppressed findings by issue and phase, then by rule."""
    findings = [finding for finding in report.findings if not finding.suppressed]
    rules = Counter(finding.rule for finding in findings)
    kinds = [f"{rule.id} ({rule.kind}): {rules[rule.id]}" for rule in report.plan.rules]
    branches = [_issue(issue, [f for f in findings if issue.key in f.issues]) for issue in report.plan.issues]
    free = [finding for finding in findings if not finding.issues]
    if free:
        branches.append(_Branch(f"in no issue: {_amount(free)}", _by_rule(free)))
    branches.append(_Branch(f"all rules: {_amount(findings)}", [_Branch(label) for label in kinds]))
    title = f"{report.plan.name} · {compliance(report.tally)} · target {report.plan.target_percent:g}%"
    yield printable(title)
    yield from _lines(branches, "")


def _issue(issue: IssueSpec, findings: list[Finding]) -> _Branch:
    branches = [_phase(phase, [f for f in findings if phase.id in f.phases]) for phase in issue.phases]
    ids = {phase.id for phase in issue.phases}
    rest = [finding for finding in findings if not ids.intersection(finding.phases)]
    if not issue.phases:
        branches = _by_rule(findings)
    elif rest:
        branches.append(_Branch(f"in no phase: {_amount(rest)}", _by_rule(rest)))
    head = " ".join(filter(None, (issue.key, issue.priority, issue.title)))
    return _Branch(f"{head}: {_amount(findings)}", branches)


def _phase(phase: PhaseSpec, findings: list[Finding]) -> _Branch:
    due = f", due {phase.due}" if phase.due else ""
    return _Branch(f"{phase.id} · {phase.title}{due}: {_amount(findings)}", _by_rule(findings))


def _by_rule(findings: Iterable[Finding]) -> list[_Branch]:
    rules = Counter(finding.rule for finding in findings)
    return [_Branch(f"{rule}: {number}") for rule, number in rules.most_common()]


def _amount(findings: list[Finding]) -> str:
    files = len({finding.path for finding in findings})
    return f"{len(findings):,} in {counted(files, 'file')}" if findings else "nothing"


def _lines(branches: list[_Branch], indent: str) -> Iterator[str]:
    for number, branch in enumerate(branches, start=1):
        last = number == len(branches)
        yield f"{indent}{'└── ' if last else '├── '}{printable(branch.label)}"
        yield from _lines(branch.branches, indent + ("    " if last else "│   "))
