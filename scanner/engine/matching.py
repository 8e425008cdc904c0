"""Matches the findings in two revisions, first by fingerprint and then by progressively weaker keys."""

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from hashlib import blake2b

from scanner.engine.edited_places import edited_pairs
from scanner.model import Comparison, Difference, Fault, FileResult, Finding, Move, RepoPath, Rung
from scanner.python.comments import without_suppression

MATCHING = 2
"""The number of these rules. Whoever changes which findings `compare` matches raises it, because histories
that were recorded with other rules are then recorded anew.
"""

# Scopes with the same name in different files are unrelated.
_BETWEEN_FILES: tuple[Rung, ...] = ("fingerprint", "text")
_Keys = Mapping[Rung, Callable[[Finding], Hashable]]
_KEYS: _Keys = {
    "fingerprint": lambda f: f.fingerprint,
    "scope": lambda f: (f.rule, f.role, f.symbol, f.scope),
    "text": lambda f: (f.rule, f.role, f.symbol, normal(f.snippet)),
}
# A suppression comment is part of its line's text, and therefore of the fingerprint.
_UNSUPPRESSED_KEYS: _Keys = {
    "fingerprint": lambda f: (f.rule, f.role, f.scope, _unsuppressed_text(f)),
    "scope": _KEYS["scope"],
    "text": lambda f: (f.rule, f.role, f.symbol, _unsuppressed_text(f)),
}


def normal(text: str) -> str:
    """Return code without white space, so that reformatting a line does not change its identity."""
    return "".join(text.split())


def fingerprint(rule: str, role: str, scope: str, text: str, ordinal: int) -> str:
    """Return 16 hexadecimal digits that identify the `ordinal`-th location with these properties.

    The path is not included, so the findings in a renamed file keep their fingerprints.
    """
    parts = "\0".join((rule, role, scope, text, str(ordinal)))
    return blake2b(parts.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def ran_out(difference: Difference, comparison: Comparison) -> tuple[Move, ...]:
    """Return the restored findings in files whose text is the same on both sides.

    Only the date can have ended the suppression of these.
    """
    found = []
    for move in comparison.restored:
        before, after = difference.changed[move.before.path][0], difference.changed[move.after.path][1]
        if before is not None and after is not None and before.blob == after.blob:
            found.append(move)
    return tuple(found)


def doubts_of(difference: Difference) -> tuple[Fault, ...]:
    """Return the changed files that may hide new findings.

    These are files that were not read, and files that do not parse but contain names from the plan.
    """
    return tuple(_doubts(difference))


def _doubts(difference: Difference) -> Iterator[Fault]:
    for path, (before, after) in sorted(difference.changed.items()):
        if after is None or (before is not None and before.blob == after.blob):
            continue
        if after.skipped:
            yield after.skipped
        elif after.tainted and after.unparsed:
            yield after.unparsed
        elif before is not None and before.skipped and after.violations:
            yield Fault(
                path, f"its previous version was not read ({before.skipped.reason}), so these may not be new"
            )


def compare(difference: Difference) -> Comparison:
    """Return which findings are new, fixed, moved, suppressed or restored on the newer side.

    Unsuppressed findings are matched first, one to one. Each file is compared with its older version, which
    has another path after a rename: by fingerprint, then by scope, then by text. After that, code that moved
    between files is matched by fingerprint or text: in scopes that disappeared from one file and appeared in
    another, and at module level only between two files that such a scope connects.

    What is left in a file and its older version is matched if its code was edited: both have the same rule
    and role, and a line of the older finding was replaced with a line of the newer one by the same edit (the
    lines between two that stayed the same), the scope is the same or one that disappeared or appeared, and
    both are about the same name or their lines are alike. If the older scope disappeared and the newer one
    appeared, very similar lines suffice.

    Fixing one location and breaking another one elsewhere therefore counts as one fixed and one new finding,
    in the same file or in two.

    Older findings that are still unmatched are then matched in the same way with newly suppressed ones,
    because a suppressed finding is not fixed. Likewise, unmatched newer findings that were suppressed before
    are not new.
    """
    match = _Match(
        difference,
        _listed((path, old.violations) for path, (old, _) in difference.changed.items() if old),
        _listed((path, new.violations) for path, (_, new) in difference.changed.items() if new),
    )
    match.match_all()
    suppressed_before = _Match(
        difference,
        _listed((path, old.suppressed) for path, (old, _) in difference.changed.items() if old),
        _listed((path, new.suppressed) for path, (_, new) in difference.changed.items() if new),
        _UNSUPPRESSED_KEYS,
    )
    suppressed_before.match_all()
    suppressed = _Match(difference, match.before, suppressed_before.after, _UNSUPPRESSED_KEYS)
    restored = _Match(difference, suppressed_before.before, match.after, _UNSUPPRESSED_KEYS)
    suppressed.match_all()
    restored.match_all()
    return Comparison(
        new=_flat(match.after),
        fixed=_flat(match.before),
        moved=tuple(pair for pair in match.pairs if _moved(pair)),
        kept=tuple(pair for pair in match.pairs if not _moved(pair)),
        suppressed=tuple(suppressed.pairs),
        restored=tuple(restored.pairs),
        silent=_flat(suppressed_before.after),
    )


_Findings = dict[RepoPath, list[Finding]]


def _listed(found: Iterable[tuple[RepoPath, tuple[Finding, ...]]]) -> _Findings:
    return {path: [*findings] for path, findings in found if findings}


def _flat(found: _Findings) -> tuple[Finding, ...]:
    return tuple(finding for path in sorted(found) for finding in found[path])


class _Match:
    """Tracks the unmatched findings on both sides by file, and the pairs found so far.

    `before` and `after` belong to the caller; matched findings are removed from them.
    """

    def __init__(
        self, difference: Difference, before: _Findings, after: _Findings, keys: _Keys = _KEYS
    ) -> None:
        self._changed = difference.changed
        self._renames = difference.renames
        self._edits = difference.edits
        self._renamed_to = {old: new for new, old in difference.renames.items()}
        self._keys = keys
        self.before, self.after = before, after
        self.pairs: list[Move] = []
        self.connected: set[tuple[RepoPath, RepoPath]] = set()

    def match_all(self) -> None:
        """Match as many findings as possible, trying the keys in the order that `compare` describes."""
        if not self.before or not self.after:
            return
        for path in sorted(self.after):
            older_path = self.older_path(path)
            if older_path is not None:
                self.pair([older_path], [path], "fingerprint")
                self.pair([older_path], [path], "scope")
                self.pair([older_path], [path], "text", accepts_before=self.scope_is_gone)
                self.pair([older_path], [path], "text", accepts_after=self.scope_is_new)
        for rung in _BETWEEN_FILES:
            self.pair(sorted(self.before), sorted(self.after), rung, self.scope_is_gone, self.scope_is_new)
        for old, new in sorted(self.connected):
            for rung in _BETWEEN_FILES:
                self.pair([old], [new], rung)

        for path in sorted(self.after):
            older_path = self.older_path(path)
            if older_path is not None:
                self.pair_edited(older_path, path)

    def older_path(self, path: RepoPath) -> RepoPath | None:
        """Return the path of a file's older version, if that has unmatched findings.

        It differs from the file's own path after a rename.
        """
        old = path if self._changed[path][0] is not None else self._renames.get(path)
        return old if old in self.before else None

    def scope_is_gone(self, finding: Finding) -> bool:
        """Return whether the scope that encloses an older finding no longer exists in its file."""
        now = self._changed[finding.path][1]
        if now is None and finding.path in self._renamed_to:
            now = self._changed[self._renamed_to[finding.path]][1]
        return _lacks(now, finding.scope)

    def scope_is_new(self, finding: Finding) -> bool:
        """Return whether the scope that encloses a newer finding did not exist in its file before."""
        then = self._changed[finding.path][0]
        if then is None and finding.path in self._renames:
            then = self._changed[self._renames[finding.path]][0]
        return _lacks(then, finding.scope)

    def pair(
        self,
        before: Iterable[RepoPath],
        after: Iterable[RepoPath],
        rung: Rung,
        accepts_before: Callable[[Finding], bool] = lambda _: True,
        accepts_after: Callable[[Finding], bool] = lambda _: True,
    ) -> None:
        """Match findings with equal keys, in text order, and remove them from both sides."""
        key = self._keys[rung]
        unmatched: defaultdict[Hashable, deque[Finding]] = defaultdict(deque)
        for finding in (finding for path in before for finding in self.before.get(path, ())):
            if accepts_before(finding):
                unmatched[key(finding)].append(finding)
        matched: set[int] = set()
        changed_paths: set[RepoPath] = set()
        for path in after if unmatched else ():
            rest = []
            for finding in self.after.get(path, ()):
                same = unmatched.get(key(finding))
                if not same or not accepts_after(finding):
                    rest.append(finding)
                    continue
                old = same.popleft()
                matched.add(id(old))
                changed_paths.add(old.path)
                self.pairs.append(Move(old, finding, rung))
                if old.path != path:
                    self.connected.add((old.path, path))
            if path in self.after:
                self.after[path] = rest
        for path in changed_paths:
            self.before[path] = [finding for finding in self.before[path] if id(finding) not in matched]

    def pair_edited(self, older_path: RepoPath, path: RepoPath) -> None:
        """Match findings of two versions of a file whose code was edited in place, and remove them."""
        before, after = self.before[older_path], self.after[path]
        then, now = self._changed[older_path][0], self._changed[path][1]
        if then is None or now is None or not _kinds(before) & _kinds(after):
            return
        edits = self._edits(then.blob, now.blob)
        pairs = edited_pairs(before, after, edits, then.defined, now.defined)
        self.pairs += (Move(old, new, "edit") for old, new in pairs)
        matched = {id(finding) for pair in pairs for finding in pair}
        self.before[older_path] = [finding for finding in before if id(finding) not in matched]
        self.after[path] = [finding for finding in after if id(finding) not in matched]


def _kinds(findings: Iterable[Finding]) -> set[tuple[str, str]]:
    return {(finding.rule, finding.role) for finding in findings}


def _unsuppressed_text(finding: Finding) -> str:
    return normal(without_suppression(finding.snippet))


def _lacks(result: FileResult | None, scope: str) -> bool:
    """Return whether a file certainly has no such class or function; the module scope always exists."""
    if not scope:
        return False
    return result is None or (result.defined is not None and scope not in result.defined)


def _moved(pair: Move) -> bool:
    before, after = pair.before, pair.after
    return (before.path, before.line, before.fingerprint) != (after.path, after.line, after.fingerprint)
