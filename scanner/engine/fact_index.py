"""Indexes the facts that the files in one revision publish, and the files that depend on each fact."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scanner.engine.analyzer import EMPTY, FileReport
from scanner.model import RepoPath
from scanner.plan import Plan

# (rule, its own key) for a fact, or (None, module name) for a module.
Fact = tuple[str | None, str]
Question = tuple[str, str, str]  # rule, module, and a name in that module


class RevisionFacts:
    """Facts and module names of the files in scope, updated one file at a time.

    Each rule sees only its own facts. Every query is recorded together with the file that made it.
    """

    def __init__(self, plan: Plan, paths: Mapping[RepoPath, str]) -> None:
        self._plan = plan
        self._paths = paths
        self._facts: defaultdict[Fact, dict[RepoPath, Any]] = defaultdict(dict)
        self._modules: defaultdict[str, set[RepoPath]] | None = None
        self._dependents: defaultdict[Fact, set[RepoPath]] = defaultdict(set)
        self._queries: dict[RepoPath, set[Fact]] = {}
        self._questions: set[Question] = set()

    def saved(self, places: Mapping[RepoPath, int]) -> list[Any]:
        """Return the facts and the recorded queries as a JSON value, with paths as numbers."""
        facts = [
            [*key, [[places[path], value] for path, value in said.items()]]
            for key, said in self._facts.items()
        ]
        queries = [[*key, [places[path] for path in asked]] for key, asked in self._dependents.items()]
        return [facts, queries]

    def load(self, value: Sequence[Any], paths: Sequence[RepoPath]) -> None:
        """Set the facts and the queries to what `saved` returned, given the paths in their order."""
        facts, queries = value
        for rule, key, said in facts:
            self._facts[rule, key] = {paths[place]: fact for place, fact in said}
        for rule, key, asked in queries:
            self._dependents[rule, key] = {paths[place] for place in asked}
            for place in asked:
                self._queries.setdefault(paths[place], set()).add((rule, key))

    def publish(self, path: RepoPath, before: FileReport, after: FileReport) -> set[Fact]:
        """Replace the facts that one file publishes, and return the keys whose values changed."""
        new = _facts(after)
        changed = self.differing(before, after)
        for key in changed:
            if key in new:
                self._facts[key][path] = new[key]
            else:
                del self._facts[key][path]
                if not self._facts[key]:  # otherwise empty entries would accumulate over a long history
                    del self._facts[key]
        return changed

    def differing(self, before: FileReport, after: FileReport) -> set[Fact]:
        """Return the keys of the facts that are not the same in two reports on one file."""
        if before is after:
            return set()
        old, new = _facts(before), _facts(after)
        same = {key for key in old.keys() & new.keys() if old[key] == new[key]}
        return (old.keys() | new.keys()) - same

    def set_presence(self, path: RepoPath, *, present: bool) -> set[Fact]:
        """Record that a path was added or deleted, and return the key for its module name."""
        if self._modules is None and not self._dependents:
            return set()
        name = self._plan.module_name(path)
        if self._modules is None:
            return {(None, name)}
        if present:
            self._modules[name].add(path)
        else:
            self._modules[name].discard(path)
            if not self._modules[name]:
                del self._modules[name]
        return {(None, name)}

    def dependents(self, changed: Iterable[Fact]) -> set[RepoPath]:
        """Return the files that queried any of these keys when they were last joined."""
        return {path for key in changed for path in self._dependents.get(key, ())}

    def forget(self, path: RepoPath) -> None:
        """Delete a file's recorded queries, before it is joined again or when it is deleted."""
        for key in self._queries.pop(path, ()):
            self._dependents[key].discard(path)
            if not self._dependents[key]:
                del self._dependents[key]

    def facts(self, key: Fact) -> tuple[tuple[str, Any], ...]:
        """Return (path, value) for every file that published the key, ordered by path."""
        return tuple(sorted(self._facts[key].items(), key=lambda item: item[0])) if key in self._facts else ()

    def modules(self, name: str) -> tuple[str, ...]:
        """Return the paths in scope that have this module name."""
        if self._modules is None:
            self._modules = defaultdict(set)
            for path in self._paths:
                self._modules[self._plan.module_name(path)].add(path)
        return tuple(sorted(self._modules.get(name, ())))

    def ask(self, question: Question) -> None:
        """Record a request for the facts about one name of a module."""
        self._questions.add(question)

    def take_questions(self) -> set[Question]:
        """Return the requests since the last call."""
        questions, self._questions = self._questions, set()
        return questions

    def record(self, path: RepoPath, key: Fact) -> None:
        """Record that a file queried a key."""
        self._dependents[key].add(path)
        self._queries.setdefault(path, set()).add(key)


class FactQuery:
    """One rule's view of a revision's facts while one file is joined; it records each query."""

    def __init__(self, facts: RevisionFacts, rule: str, path: RepoPath) -> None:
        self._revision = facts
        self._rule = rule
        self._path = path

    def facts(self, key: str) -> tuple[tuple[str, Any], ...]:
        """Return (path, value) for every file that published `key`, ordered by path."""
        self._revision.record(self._path, (self._rule, key))
        return self._revision.facts((self._rule, key))

    def modules(self, name: str) -> tuple[str, ...]:
        """Return the paths in scope whose dotted module name is `name`."""
        self._revision.record(self._path, (None, name))
        return self._revision.modules(name)

    def ask(self, module: str, name: str) -> None:
        """Request the facts about one name of a module, in case the rule did not read the module for it."""
        self._revision.ask((self._rule, module, name))


def _facts(report: FileReport) -> dict[Fact, Any]:
    if report is EMPTY:
        return {}
    return {
        (rule, key): value
        for rule, rule_report in report.rule_reports.items()
        for key, value in rule_report.facts.items()
    }
