"""Who is who between two revisions: fingerprints, and the ladder that matches findings."""

from collections import defaultdict
from collections.abc import Callable, Hashable
from hashlib import blake2b

from scanner.values import Comparison, Difference, Finding, Move, Path, Rung

_RUNGS: tuple[tuple[Rung, Callable[[Finding], Hashable]], ...] = (
    ("fingerprint", lambda f: f.fingerprint),
    ("scope", lambda f: (f.rule, f.role, f.symbol, f.scope)),
    ("text", lambda f: (f.rule, f.role, f.symbol, normal(f.snippet))),
)


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

    Unsuppressed findings alone, one to one. First each file against its own (or renamed) past, rung by rung;
    then, rung by rung, what is left of all files, which finds moves between files and splits. Only the text
    and the fingerprint speak across files: a scope of the same name in another file is another scope.
    """
    left_before: dict[Path, list[Finding]] = {}
    left_after: dict[Path, list[Finding]] = {}
    for path, (before, after) in difference.changed.items():
        left_before[path] = list(before.violations) if before else []
        left_after[path] = list(after.violations) if after else []
    pairs: list[Move] = []
    # A path that lives on in both revisions is its own past; only what came new can be a renamed file.
    for path in sorted(left_after):
        own = difference.changed[path]
        past = path if own[0] is not None else difference.renames.get(path, path)
        if past in left_before:
            for rung, key in _RUNGS:
                pairs += _pair(left_before[past], left_after[path], rung, key)
    gone = [finding for path in sorted(left_before) for finding in left_before[path]]
    came = [finding for path in sorted(left_after) for finding in left_after[path]]
    for rung, key in (_RUNGS[0], _RUNGS[2]):
        pairs += _pair(gone, came, rung, key)
    return Comparison(
        new=tuple(came),
        fixed=tuple(gone),
        moved=tuple(pair for pair in pairs if _moved(pair)),
        kept=tuple(pair for pair in pairs if not _moved(pair)),
    )


def _pair(
    before: list[Finding], after: list[Finding], rung: Rung, key: Callable[[Finding], Hashable]
) -> list[Move]:
    """Match what has the same key, in order; take the matched out of both lists."""
    waiting: defaultdict[Hashable, list[Finding]] = defaultdict(list)
    for finding in reversed(before):
        waiting[key(finding)].append(finding)
    pairs = []
    unmatched = []
    for finding in after:
        same = waiting.get(key(finding))
        if same:
            pairs.append(Move(same.pop(), finding, rung))
        else:
            unmatched.append(finding)
    matched = {id(pair.before) for pair in pairs}
    before[:] = [finding for finding in before if id(finding) not in matched]
    after[:] = unmatched
    return pairs


def _moved(pair: Move) -> bool:
    before, after = pair.before, pair.after
    return (before.path, before.line, before.fingerprint) != (after.path, after.line, after.fingerprint)
