"""The check verbs of every rule test: code with its expected findings written on their own lines.

`#! role` at the end of a line says that the rule must report that role there; several roles are
separated by blanks, and a role that is reported twice is written twice. `#? role` marks a decoy: what looks
like that role to the eye and is none. A tree is a mapping of path to code.
"""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from textwrap import dedent
from typing import Any

from scanner.engine.analyzer import EMPTY, Analyzer, FileReport, Word
from scanner.engine.codec import pack, unpack
from scanner.engine.fact_index import FactQuery, RevisionFacts
from scanner.engine.supplements import Supplements
from scanner.model import RepoPath
from scanner.plan import Plan, Replacement, RuleSpec, ScanScope
from scanner.python.identifiers import normalize_words
from scanner.python.source import Source
from scanner.rules import kinds
from scanner.rules.base import Hit, Relevance, Rule, RuleReport

Tree = str | Mapping[str, str]
_MARK = re.compile(r"#! ([a-z -]+)$", re.MULTILINE)
_DECOY = re.compile(r"#\? (.*)$", re.MULTILINE)


def make_rule(kind: str, *, roots: tuple[str, ...] = (".",), new: str = "", **options: Any) -> Rule:
    """A rule of this kind with these options; `new` is the full name of its replacement."""
    spec = RuleSpec(
        id="rule",
        kind=kind,
        message="",
        risk=None,
        paths=(),
        options=options,
        replacement=Replacement(new) if new else None,
    )
    plan = Plan(
        name="test",
        digest="",
        target_percent=100,
        scope=ScanScope(source_roots=roots),
        categories={},
        compliance_counts=("production",),
        rules=(spec,),
        risk_overrides=(),
        issues=(),
        suites={},
    )
    return next(found for found in kinds() if found.kind == kind)(spec, plan)


def read(rule: Rule, tree: Tree) -> dict[str, RuleReport]:
    """What the rule keeps of each file that it wants, after a round through JSON as in the store."""
    found = {}
    for path, code in as_tree(tree).items():
        raw = code.encode()
        text = normalize_words(raw, lambda _: True)
        held = not rule.needles or any(needle in text for needle in rule.needles)
        assert held or rule.relevance(text) is Relevance.NOTHING
        if rule.relevance(text).is_wanted:
            report = rule.read(Source(path, raw, rule.plan.scope.source_roots))
            facts, pending = json.loads(json.dumps([dict(report.facts), report.pending]))
            found[path] = replace(report, facts=facts, pending=pending)
    return found


def find(rule: Rule, tree: Tree) -> dict[str, list[Hit]]:
    """The rule's final hits in each file of the tree, in order of place."""
    files = as_tree(tree)
    said = read(rule, files)
    blobs = {RepoPath(path): path for path in files}
    facts = RevisionFacts(rule.plan, blobs)
    analyzer = Analyzer(rule.plan)

    def supplement(words: Collection[Word], keys: Collection[tuple[RepoPath, str]]) -> dict[Any, FileReport]:
        found = {key: analyzer.supplement(key[0], files[key[0]].encode(), words) for key in keys}
        return {key: unpack(pack(report)) for key, report in found.items()}

    more = Supplements([rule], facts, supplement)
    reports = {RepoPath(path): FileReport({rule.spec.id: report}) for path, report in said.items()}
    for path, report in reports.items():
        facts.publish(path, EMPTY, report)
        more.note(report)
    while True:
        hits = {path: _joined(rule, path, report, facts) for path, report in reports.items()}
        late = [(path, extra) for (path, _), extra in more.more(blobs) if extra is not EMPTY]
        if not late:
            return {str(path): found for path, found in hits.items()}
        for path, extra in late:
            old = reports.get(path, EMPTY)
            reports[path] = more.merge(old, extra)
            facts.publish(path, old, reports[path])
            more.note(reports[path])


def _joined(rule: Rule, path: RepoPath, report: FileReport, facts: RevisionFacts) -> list[Hit]:
    found = report.rule_reports.get(rule.spec.id, RuleReport())
    return sorted(
        rule.join(path, found, FactQuery(facts, rule.spec.id, path)),
        key=lambda hit: (hit.location.line, hit.location.column, hit.role),
    )


def check_hits(rule: Rule, tree: Tree) -> dict[str, list[Hit]]:
    """The findings are exactly those that the tree's marks name, at least one; gives the hits."""
    expected = _marks(tree)
    assert expected, "mark the expected findings, or use check_silent"
    hits = find(rule, tree)
    assert _seen(hits) == expected
    return hits


def check_silent(rule: Rule, tree: Tree) -> None:
    """The rule reports nothing in the tree."""
    assert not _marks(tree), "the code has marks: use check_hits"
    decoys = {role for code in as_tree(tree).values() for role in _DECOY.findall(code)}
    assert decoys <= set(rule.roles), "a decoy names a role that the kind does not have"
    assert _seen(find(rule, tree)) == []


def as_tree(tree: Tree) -> dict[str, str]:
    """The tree as path to code; code without a path is `app/views.py`."""
    files = {"app/views.py": tree} if isinstance(tree, str) else tree
    return {path: dedent(code) for path, code in files.items()}


def _marks(tree: Tree) -> list[tuple[str, int, str]]:
    return sorted(
        (path, code.count("\n", 0, match.start()) + 1, role)
        for path, code in as_tree(tree).items()
        for match in _MARK.finditer(code)
        for role in match.group(1).split()
    )


def _seen(hits: Mapping[str, list[Hit]]) -> list[tuple[str, int, str]]:
    return sorted((path, hit.location.line, hit.role) for path, found in hits.items() for hit in found)
