"""Who is who between two revisions: fingerprints, and the ladder that matches findings."""

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable
from hashlib import blake2b

from scanner.values import Comparison, Difference, FileResult, Finding, Move, Path, Rung

# Scopes of the same name are of no meaning in different files.
_BETWEEN_FILES: tuple[Rung, ...] = ("fingerprint", "text")
_KEYS: dict[Rung, Callable[[Finding], Hashable]] = {
    "fingerprint": lambda f: f.fingerprint,
    "scope": lambda f: (f.rule, f.role, f.symbol, f.scope),
    "text": lambda f: (f.rule, f.role, f.symbol, normal(f.snippet)),
}


def normal(text: str) -> str:
    """Code without its white space, so that reformatting a line does not make it another one."""
    return "".join(text.split())


def fingerprint(rule: str, role: str, scope: str, text: str, ordinal: int) -> str:
    """Sixteen hexadecimal digits for the `ordinal`-th place with this rule, role, scope and normal text.

    The path is no part of it, so a renamed file keeps its findings.
    """
    parts = "\0".join((rule, role, scope, text, str(ordinal)))
    return blake2b(parts.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def compare(difference: Difference) -> Comparison:
    """What is new, fixed, moved and kept from the older side of a difference to the newer one.

    Unsuppressed findings alone, one to one. First each file against its own past, or that of the file it was
    renamed from: same fingerprint, then same scope, then same text. Then code that moved between files: the
    same fingerprint or text in a scope that is gone from one file and came new to another; at module level
    only between two files that such a scope ties together. So fixing one place and breaking another is one
    fixed and one new, be it in one file or in two.
    """
    match = _Match(difference)
    for path in sorted(match.after):
        past = match.past(path)
        if past is not None:
            match.pair([past], [path], "fingerprint")
            match.pair([past], [path], "scope")
            match.pair([past], [path], "text", left=match.has_gone)
            match.pair([past], [path], "text", came=match.is_fresh)
    for rung in _BETWEEN_FILES:
        match.pair(sorted(match.before), sorted(match.after), rung, match.has_gone, match.is_fresh)
    for old, new in sorted(match.ties):
        for rung in _BETWEEN_FILES:
            match.pair([old], [new], rung)
    return Comparison(
        new=tuple(finding for path in sorted(match.after) for finding in match.after[path]),
        fixed=tuple(finding for path in sorted(match.before) for finding in match.before[path]),
        moved=tuple(pair for pair in match.pairs if _moved(pair)),
        kept=tuple(pair for pair in match.pairs if not _moved(pair)),
    )


class _Match:
    """The findings of both sides that nobody has matched yet, by file, and the pairs found so far."""

    def __init__(self, difference: Difference) -> None:
        self._changed = difference.changed
        self._renames = difference.renames
        self._heirs = {old: new for new, old in difference.renames.items()}
        self.before = {path: [*old.violations] for path, (old, _) in self._changed.items() if old}
        self.after = {path: [*new.violations] for path, (_, new) in self._changed.items() if new}
        self.before = {path: found for path, found in self.before.items() if found}
        self.after = {path: found for path, found in self.after.items() if found}
        self.pairs: list[Move] = []
        self.ties: set[tuple[Path, Path]] = set()

    def past(self, path: Path) -> Path | None:
        """Where a file's findings were before: a file that lives on is its own past, whatever came of it."""
        old = path if self._changed[path][0] is not None else self._renames.get(path)
        return old if old in self.before else None

    def has_gone(self, finding: Finding) -> bool:
        """Whether the class or function around an older finding is no longer in its file."""
        now = self._changed[finding.path][1]
        if now is None and finding.path in self._heirs:
            now = self._changed[self._heirs[finding.path]][1]
        return _lacks(now, finding.scope)

    def is_fresh(self, finding: Finding) -> bool:
        """Whether the class or function around a newer finding was not in its file before."""
        then = self._changed[finding.path][0]
        if then is None and finding.path in self._renames:
            then = self._changed[self._renames[finding.path]][0]
        return _lacks(then, finding.scope)

    def pair(
        self,
        before: Iterable[Path],
        after: Iterable[Path],
        rung: Rung,
        left: Callable[[Finding], bool] = lambda _: True,
        came: Callable[[Finding], bool] = lambda _: True,
    ) -> None:
        """Match what has the same key, in order of place, and take it out of both sides."""
        key = _KEYS[rung]
        waiting: defaultdict[Hashable, deque[Finding]] = defaultdict(deque)
        for finding in (finding for path in before for finding in self.before.get(path, ())):
            if left(finding):
                waiting[key(finding)].append(finding)
        gone: set[int] = set()
        touched: set[Path] = set()
        for path in after if waiting else ():
            rest = []
            for finding in self.after.get(path, ()):
                same = waiting.get(key(finding))
                if not same or not came(finding):
                    rest.append(finding)
                    continue
                old = same.popleft()
                gone.add(id(old))
                touched.add(old.path)
                self.pairs.append(Move(old, finding, rung))
                if old.path != path:
                    self.ties.add((old.path, path))
            if path in self.after:
                self.after[path] = rest
        for path in touched:
            self.before[path] = [finding for finding in self.before[path] if id(finding) not in gone]


def _lacks(result: FileResult | None, scope: str) -> bool:
    """Whether a file surely has no such class or function; the module itself never goes."""
    if not scope:
        return False
    return result is None or (result.defined is not None and scope not in result.defined)


def _moved(pair: Move) -> bool:
    before, after = pair.before, pair.after
    return (before.path, before.line, before.fingerprint) != (after.path, after.line, after.fingerprint)
