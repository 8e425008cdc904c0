"""What all files of one revision say, and which files must be joined again when that changes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from scanner.engine.analyzer import EMPTY, FileReport
from scanner.model import RepoPath
from scanner.plan import Plan

# A rule's own key, or (with no rule) a module name.
_Key = tuple[str | None, str]


class RevisionFacts:
    """Facts and module names of the files in scope, kept up to date file by file.

    Each rule sees its own facts alone. Every question is remembered with the file that asked.
    """

    def __init__(self, plan: Plan, paths: Mapping[RepoPath, str]) -> None:
        self._plan = plan
        self._paths = paths
        self._facts: defaultdict[_Key, dict[RepoPath, Any]] = defaultdict(dict)
        self._modules: defaultdict[str, set[RepoPath]] | None = None
        self._asked: defaultdict[_Key, set[RepoPath]] = defaultdict(set)
        self._questions: dict[RepoPath, set[_Key]] = {}

    def publish(self, path: RepoPath, before: FileReport, after: FileReport) -> set[_Key]:
        """Put one file's new facts in the place of its old ones; the keys that now say something else."""
        changed = set()
        old, new = _facts(before), _facts(after)
        for key in old.keys() | new.keys():
            if key in old and key in new and old[key] == new[key]:
                continue
            changed.add(key)
            if key in new:
                self._facts[key][path] = new[key]
            else:
                del self._facts[key][path]
                if not self._facts[key]:  # a long history must leave nothing behind
                    del self._facts[key]
        return changed

    def come_or_go(self, path: RepoPath, *, present: bool) -> set[_Key]:
        """Note that a path came into the revision or left it; the module names that this touches."""
        if self._modules is None:
            return set()
        name = self._plan.module_name(path)
        if present:
            self._modules[name].add(path)
        else:
            self._modules[name].discard(path)
            if not self._modules[name]:
                del self._modules[name]
        return {(None, name)}

    def dependents(self, changed: Iterable[_Key]) -> set[RepoPath]:
        """The files that asked about any of these keys when they were last joined."""
        return {path for key in changed for path in self._asked.get(key, ())}

    def forget(self, path: RepoPath) -> None:
        """Drop the questions of a file, before it asks again or because it is gone."""
        for key in self._questions.pop(path, ()):
            self._asked[key].discard(path)
            if not self._asked[key]:
                del self._asked[key]

    def facts(self, key: _Key) -> tuple[tuple[str, Any], ...]:
        """(path, value) of every file that published the key, in order of path."""
        return tuple(sorted(self._facts[key].items(), key=lambda item: item[0])) if key in self._facts else ()

    def modules(self, name: str) -> tuple[str, ...]:
        """The paths in scope with this module name."""
        if self._modules is None:
            self._modules = defaultdict(set)
            for path in self._paths:
                self._modules[self._plan.module_name(path)].add(path)
        return tuple(sorted(self._modules.get(name, ())))

    def note(self, path: RepoPath, key: _Key) -> None:
        """Remember that a file asked about a key."""
        self._asked[key].add(path)
        self._questions.setdefault(path, set()).add(key)


class FactQuery:
    """The fact index of a revision as one rule sees it while it joins one file; remembers each query."""

    def __init__(self, facts: RevisionFacts, rule: str, path: RepoPath) -> None:
        self._revision = facts
        self._rule = rule
        self._path = path

    def facts(self, key: str) -> tuple[tuple[str, Any], ...]:
        """(path, value) of every file that published `key`, in order of path."""
        self._revision.note(self._path, (self._rule, key))
        return self._revision.facts((self._rule, key))

    def modules(self, name: str) -> tuple[str, ...]:
        """The paths in scope whose dotted module name is `name`."""
        self._revision.note(self._path, (None, name))
        return self._revision.modules(name)


def _facts(report: FileReport) -> dict[_Key, Any]:
    if report is EMPTY:
        return {}
    return {
        (rule, key): value for rule, said in report.rule_reports.items() for key, value in said.facts.items()
    }
