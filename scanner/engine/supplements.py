"""Reads files again for names that only other files show to matter.

A report depends on one file and the plan. A listed name that a module hands on under another name, and a name
of a module that some file asks for, are known only once the reports of a revision are joined. The words are
kept for the rest of a walk: a word that leads to nothing in a later revision does not change its findings.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from scanner.engine.analyzer import EMPTY, FileReport, Word
from scanner.engine.fact_index import FactQuery, RevisionFacts
from scanner.model import RepoPath
from scanner.rules.base import Rule, RuleReport

Key = tuple[RepoPath, str]
# Returns the reports on words in files; files without any may be left out.
Read = Callable[[Collection[Word], Collection[Key]], Mapping[Key, FileReport]]
_NOWHERE = RepoPath("")


class Supplements:
    """The words that matter in one revision, and the reports on them."""

    def __init__(self, rules: Iterable[Rule], facts: RevisionFacts, read: Read) -> None:
        self._rules = {rule.spec.id: rule for rule in rules}
        self._facts = facts
        self._read = read
        self._everywhere: set[Word] = set()
        self._in_file: dict[RepoPath, set[Word]] = {}
        self._waiting: dict[tuple[str, str], tuple[str, ...]] = {}

    def read_with(self, read: Read) -> None:
        """Read with another function from now on."""
        self._read = read

    def saved(self) -> list[Any]:
        """Return the known words as a JSON value."""
        in_file = {path: sorted(words) for path, words in self._in_file.items() if words}
        waiting = [[*key, targets] for key, targets in self._waiting.items()]
        return [sorted(self._everywhere), in_file, waiting]

    def load(self, value: Sequence[Any]) -> None:
        """Set the known words to what `saved` returned."""
        everywhere, in_file, waiting = value
        self._everywhere = {(rule, name) for rule, name in everywhere}
        self._in_file = {
            RepoPath(path): {(rule, name) for rule, name in words} for path, words in in_file.items()
        }
        self._waiting = {(rule, alias): tuple(targets) for rule, alias, targets in waiting}

    def note(self, report: FileReport) -> None:
        """Note the names under which a file hands on what may be listed."""
        for rule_id, rule_report in report.rule_reports.items():
            rule = self._rules.get(rule_id)
            for alias, targets in rule.aliases(rule_report).items() if rule is not None else ():
                if (rule_id, alias.rpartition(".")[2]) not in self._everywhere:
                    known = self._waiting.get((rule_id, alias), ())
                    self._waiting[rule_id, alias] = tuple(dict.fromkeys((*known, *targets)))

    def of(self, keys: Collection[Key]) -> Mapping[Key, FileReport]:
        """Return the reports on files for all words known so far."""
        if not self._everywhere and not self._in_file:
            return {}
        groups: dict[tuple[Word, ...], list[Key]] = {}
        for key in keys:
            words = self._everywhere | self._in_file.get(key[0], set())
            if words:
                groups.setdefault(tuple(sorted(words)), []).append(key)
        return {
            key: found for words, same in groups.items() for key, found in self._read(words, same).items()
        }

    def more(self, blobs: Mapping[RepoPath, str]) -> Iterator[tuple[Key, FileReport]]:
        """Yield the reports for words that have become known since the last call."""
        aliases = tuple(sorted(self._new_aliases()))
        if aliases:
            self._everywhere.update(aliases)
            yield from self._read(aliases, list(blobs.items())).items()
        for path, words in self._new_questions().items():
            key = path, blobs[path]
            found = self._read(tuple(sorted(words)), [key]).get(key, EMPTY)
            yield key, found

    def _new_aliases(self) -> set[Word]:
        found: set[Word] = set()
        for (rule_id, alias), targets in tuple(self._waiting.items()):
            query = FactQuery(self._facts, rule_id, _NOWHERE)
            if any(self._rules[rule_id].is_listed(target, query) for target in targets):
                del self._waiting[rule_id, alias]
                found.add((rule_id, alias.rpartition(".")[2]))
        self._facts.forget(_NOWHERE)
        return found - self._everywhere

    def _new_questions(self) -> dict[RepoPath, set[Word]]:
        found: dict[RepoPath, set[Word]] = {}
        for rule_id, module, name in sorted(self._facts.take_questions()):
            for path in map(RepoPath, self._facts.modules(module)):
                word = rule_id, name
                if word not in self._everywhere and word not in self._in_file.setdefault(path, set()):
                    self._in_file[path].add(word)
                    found.setdefault(path, set()).add(word)
        return found

    def merge(self, report: FileReport, extra: FileReport) -> FileReport:
        """Return a file's report with a supplement."""
        if extra is EMPTY:
            return report
        merged = dict(report.rule_reports)
        for rule_id, found in extra.rule_reports.items():
            merged[rule_id] = self._rules[rule_id].merge(merged.get(rule_id, RuleReport()), found)
        return replace(
            report,
            rule_reports=merged,
            defined=report.defined or extra.defined,
            late_fault=report.late_fault or extra.fault,
            is_late=report.is_late or report is EMPTY,
        )
