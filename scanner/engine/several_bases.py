"""Compares a head with each of its merge bases, of which there are several if two branches have merged each
other (a criss-cross).

What one of the bases has was there before the change, so each finding of the head is judged by the base with
which the least has changed about it. Compared with a single base, everything that the target has received
from the other bases would count as new.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from enum import IntEnum

from scanner.engine.matching import compare, doubts_of, ran_out
from scanner.engine.renames import Renames
from scanner.model import Comparison, Difference, Fault, Finding, Move, RepoPath


class _Change(IntEnum):
    """What has happened to a finding of the head since a base, the least first. Those that were kept have
    none.
    """

    MOVED = 1
    MOVED_TO_CATEGORY = 2
    RAN_OUT = 3
    RESTORED = 4
    NEW = 5
    SUPPRESSED = 6
    SILENT = 7


_Changes = dict[Finding, tuple[_Change, Move | None]]


def compare_with_all(
    differences: Sequence[Difference], target: Difference | None = None
) -> tuple[Comparison, tuple[Move, ...]]:
    """Return what the head changes compared with all of its bases, and the restored findings whose
    suppression only the date has ended. Each of the `differences` leads from a base to the head, and `target`
    from the commit that the head is to be merged into.

    A finding is new if it is new compared with each of them. It is fixed if each of them has it in the same
    file and the head doesn't, or if one has it, and the target still does. `kept` has those compared with the
    first one.
    """
    of_bases = differences
    differences = of_head_alone(differences)
    comparisons = [compare(difference) for difference in differences]
    ended = [ran_out(*each) for each in zip(differences, comparisons, strict=True)]
    if len(differences) == 1:
        return comparisons[0], ended[0]
    every = [_changes(*each) for each in zip(comparisons, ended, strict=True)]
    shared = set(every[0]).intersection(*every[1:])
    least = {finding: min(_ordered(finding, every)) for finding in sorted(shared, key=_place)}
    moves = {finding: every[number][finding][1] for finding, (_, number) in least.items()}
    changes = {finding: change for finding, (change, _) in least.items()}
    fixed = _fixed(comparisons)

    def moved(*wanted: _Change) -> tuple[Move, ...]:
        return tuple(move for finding, move in moves.items() if move and changes[finding] in wanted)

    comparison = Comparison(
        new=tuple(finding for finding, change in changes.items() if change == _Change.NEW),
        fixed=(*fixed, *_fixed_in_target(of_bases, target, fixed)),
        moved=moved(_Change.MOVED, _Change.MOVED_TO_CATEGORY),
        kept=comparisons[0].kept,
        suppressed=moved(_Change.SUPPRESSED),
        restored=moved(_Change.RAN_OUT, _Change.RESTORED),
        silent=tuple(finding for finding, change in changes.items() if change == _Change.SILENT),
    )
    return comparison, moved(_Change.RAN_OUT)


def of_head_alone(differences: Sequence[Difference]) -> Sequence[Difference]:
    """Leave out the files of the head that are as in one of its bases, so that they are no renames of files
    that only another base has.
    """
    if len(differences) == 1:
        return differences
    paths = _unchanged_in_any(differences)
    return [_without(difference, paths) for difference in differences]


def doubts_with_all(differences: Sequence[Difference]) -> tuple[Fault, ...]:
    """Return the files that may hide new findings and that differ from each of the bases."""
    first, *others = (doubts_of(difference) for difference in differences)
    paths = [{fault.path for fault in faults} for faults in others]
    return tuple(fault for fault in first if all(fault.path in some for some in paths))


def _unchanged_in_any(differences: Sequence[Difference]) -> frozenset[RepoPath]:
    """Return the paths that differ from some bases, but not from all of them."""
    every = [difference.changed.keys() for difference in differences]
    return frozenset[RepoPath]().union(*every) - frozenset(every[0]).intersection(*every[1:])


def _without(difference: Difference, paths: frozenset[RepoPath]) -> Difference:
    changed = {
        path: sides for path, sides in difference.changed.items() if sides[1] is None or path not in paths
    }
    renames = difference.renames
    if isinstance(renames, Renames):
        return replace(difference, changed=changed, renames=renames.within(changed))
    remaining = {new: old for new, old in renames.items() if new in changed}
    return replace(difference, changed=changed, renames=remaining)


def _ordered(finding: Finding, every: Sequence[_Changes]) -> Iterator[tuple[_Change, int]]:
    """Yield what has happened to a finding since each base, with the number of the base."""
    for number, changes in enumerate(every):
        yield changes[finding][0], number


def _changes(comparison: Comparison, ended: Iterable[Move]) -> _Changes:
    over = {id(move) for move in ended}
    found: _Changes = dict.fromkeys(comparison.new, (_Change.NEW, None))
    found |= dict.fromkeys(comparison.silent, (_Change.SILENT, None))
    for move in comparison.moved:
        is_same = move.before.category == move.after.category
        found[move.after] = (_Change.MOVED if is_same else _Change.MOVED_TO_CATEGORY, move)
    for move in comparison.suppressed:
        found[move.after] = (_Change.SUPPRESSED, move)
    for move in comparison.restored:
        found[move.after] = (_Change.RAN_OUT if id(move) in over else _Change.RESTORED, move)
    return found


def _fixed(comparisons: Sequence[Comparison]) -> tuple[Finding, ...]:
    first, *others = (comparison.fixed for comparison in comparisons)
    known = [{(finding.path, finding.fingerprint) for finding in fixed} for fixed in others]
    return tuple(
        finding for finding in first if all((finding.path, finding.fingerprint) in some for some in known)
    )


def _fixed_in_target(
    differences: Iterable[Difference], target: Difference | None, fixed: Iterable[Finding]
) -> Iterator[Finding]:
    """Yield the other findings of any base that the target still has and the head doesn't: had another base
    fixed them, the target would have lost them, too.
    """
    known = {
        (finding.path, finding.fingerprint): finding
        for difference in reversed([*differences])
        for before, _ in difference.changed.values()
        for finding in (before.violations if before else ())
    }
    counted = {(finding.path, finding.fingerprint) for finding in fixed}
    for finding in compare(target).fixed if target else ():
        key = finding.path, finding.fingerprint
        if key in known and key not in counted:
            yield known[key]


def _place(finding: Finding) -> tuple[str, int, int, str, str, str]:
    return finding.path, finding.line, finding.column, finding.rule, finding.role, finding.fingerprint
