"""Turns a file's hits into findings with risk, category, issues, phases and fingerprints."""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from scanner.engine.analyzer import FileReport
from scanner.engine.fact_index import FactQuery, RevisionFacts
from scanner.engine.matching import fingerprint, normal
from scanner.model import Fault, FileResult, Finding, RepoPath, Suppression
from scanner.plan import Plan
from scanner.rules.base import Hit, Rule, RuleReport

# Roles of old sites: locations that use the old API, rather than defining, importing or mentioning it.
_USES = frozenset({"call", "stored-call", "reference", "absent", "none", "match"})


class Judge:
    """Applies the plan to each file's hits."""

    def __init__(self, plan: Plan, rules: tuple[Rule, ...]) -> None:
        self._plan = plan
        self._rules = {rule.spec.id: rule for rule in rules}
        self._messages = {rule.spec.id: rule.spec.message or rule.summary() for rule in rules}
        self._replaced = frozenset(rule.spec.id for rule in rules if rule.spec.replacement)

    def judge(
        self, path: RepoPath, blob: str, report: FileReport, facts: RevisionFacts, day: date
    ) -> FileResult:
        """Return a file's result, using the facts of its revision.

        Dated suppressions are judged as of `day`.
        """
        category = self._plan.category_of(path)
        if report.skipped:
            return FileResult(path, blob, category, skipped=Fault(path, report.skipped))
        facts.forget(path)
        hits = [
            (rule_id, hit)
            for rule_id, rule_report in report.rule_reports.items()
            for hit in self._join(rule_id, path, rule_report, facts)
        ]
        findings = self._findings(path, category, hits, report.suppressions, day)
        fault = report.fault or (report.late_fault if findings else None)
        return FileResult(
            path,
            blob,
            category,
            findings,
            old_sites=sum(
                f.rule in self._replaced and f.role in _USES and not f.suppressed for f in findings
            ),
            new_sites=sum(rule_report.new_sites for rule_report in report.rule_reports.values()),
            tainted=report.tainted or (fault is not None and fault == report.late_fault),
            unparsed=Fault(path, fault[1], fault[0]) if fault else None,
            defined=frozenset(report.defined) if findings else None,
        )

    def _join(self, rule_id: str, path: RepoPath, report: RuleReport, facts: RevisionFacts) -> Iterable[Hit]:
        if rule_id not in self._rules:  # no rule in the plan covers ignore comments without a reason
            return report.hits
        return self._rules[rule_id].join(path, report, FactQuery(facts, rule_id, path))

    def _findings(
        self,
        path: RepoPath,
        category: str,
        hits: Iterable[tuple[str, Hit]],
        suppressions: tuple[Suppression, ...],
        day: date,
    ) -> tuple[Finding, ...]:
        seen: Counter[tuple[str, str, str, str]] = Counter()
        findings = []
        for rule_id, hit in sorted(hits, key=_order):
            location = hit.location
            same = (rule_id, hit.role, hit.scope, normal(location.snippet))
            risk = self._plan.risk_of(rule_id, hit.role, path, category, low=hit.low)
            accepted = next((s for s in suppressions if s.covers(rule_id, location.line, day)), None)
            issues, phases = self._plan.issues_and_phases(rule_id, hit.role, path, category, risk)
            findings.append(
                Finding(
                    path=path,
                    line=location.line,
                    column=location.column,
                    end_line=location.end_line,
                    end_column=location.end_column,
                    rule=rule_id,
                    role=hit.role,
                    symbol=hit.symbol,
                    scope=hit.scope,
                    risk=risk,
                    category=category,
                    message=hit.message or self._messages.get(rule_id, ""),
                    snippet=location.snippet,
                    issues=issues,
                    phases=phases,
                    fingerprint=fingerprint(*same, seen[same]),
                    suppressed=accepted is not None,
                    reason=accepted.reason if accepted else "",
                )
            )
            seen[same] += 1
        return tuple(findings)


def _order(item: tuple[str, Hit]) -> tuple[int, int, str, str, str]:
    rule_id, hit = item
    return hit.location.line, hit.location.column, rule_id, hit.role, hit.symbol
