"""Pairs the findings whose code was edited, because editing the code of a violation does not fix it.

Two findings of the same rule and role are paired if one edit replaced a line of the first with a line of the
second, and if both are about the same name or their lines are alike. If the function around the first one
disappeared from the file, and that around the second one appeared in it, their lines must be very alike.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise

from scanner.model import Edit, Finding

_ALIKE = 0.5
"""The least part of their pairs of letters that two lines have in common if one is an edited form of the
other.
"""

_VERY_ALIKE = 0.8
"""The same for a line that is in another function now."""

_NEIGHBOURS = 40
"""How far apart two findings may be in the lists of those that one edit, or the functions' move, changed."""

Scopes = Set[str] | None
"""The dotted names of the classes and functions that a version of a file defines, if they are known."""

_TEXT = 300
"""Number of characters of a line that are compared."""

# The findings that may be the same, by edit, rule and role; edits and findings are numbers.
_Touched = Mapping[tuple[int, str, str], Sequence[int]]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Two findings that may be the same, as numbers."""

    likeness: float
    before: int
    after: int

    @property
    def order(self) -> tuple[float, int, int]:
        """Return the key that puts the most alike first, and of these the first ones in the text."""
        return -self.likeness, self.before, self.after


def edited_pairs(
    before: Sequence[Finding],
    after: Sequence[Finding],
    edits: Sequence[Edit],
    then: Scopes,
    now: Scopes,
) -> list[tuple[Finding, Finding]]:
    """Return the findings of two versions of a file that are the same in edited code, in the order of the
    newer ones. `edits` are in text order. `then` and `now` are the scopes that the older and the newer
    version define, if they are known.

    The most alike are paired first. In the opposite direction, the pairs are the same.
    """
    gone = {number for number, finding in enumerate(before) if _is_absent(finding.scope, now)}
    new = {number for number, finding in enumerate(after) if _is_absent(finding.scope, then)}
    found = [
        one
        for one in _edited(before, after, edits)
        if (one.before in gone or one.after in new or before[one.before].scope == after[one.after].scope)
        and _may_be_renamed(
            _definition(before[one.before], then), _definition(after[one.after], now), then, now
        )
    ]
    found += _candidates(before, after, _moved(before, gone), _moved(after, new), _is_moved)
    taken: set[int] = set()
    pairs: dict[int, int] = {}
    for candidate in sorted(found, key=lambda candidate: candidate.order):
        if candidate.before not in taken and candidate.after not in pairs:
            taken.add(candidate.before)
            pairs[candidate.after] = candidate.before
    return [(before[pairs[number]], after[number]) for number in sorted(pairs)]


def _is_absent(scope: str, defined: Scopes) -> bool:
    """Return whether a version of a file certainly has no such class or function."""
    return bool(scope) and defined is not None and scope not in defined


def _definition(finding: Finding, defined: Scopes) -> str:
    """Return the class or function of its file that a finding is about, or an empty string."""
    name = ".".join(filter(None, (finding.scope, finding.symbol.rpartition(".")[2])))
    return name if defined is not None and name in defined else ""


def _may_be_renamed(older: str, newer: str, then: Scopes, now: Scopes) -> bool:
    """Return whether a class or function may be the other one under another name, or if either is none."""
    if not older or not newer or older == newer:
        return True
    return _is_absent(older, now) and _is_absent(newer, then)


def _edited(before: Sequence[Finding], after: Sequence[Finding], edits: Sequence[Edit]) -> list[_Candidate]:
    replacing = [edit for edit in edits if edit.before and edit.after]
    older = _touched(before, [edit.before for edit in replacing])
    newer = _touched(after, [edit.after for edit in replacing])
    return list(_candidates(before, after, older, newer, _is_edited))


def _candidates(
    before: Sequence[Finding],
    after: Sequence[Finding],
    older: _Touched,
    newer: _Touched,
    is_enough: Callable[[Finding, Finding, float], bool],
) -> Iterator[_Candidate]:
    for key in older.keys() & newer.keys():
        for place, one in enumerate(older[key]):
            for other in newer[key][max(place - _NEIGHBOURS, 0) : place + _NEIGHBOURS + 1]:
                likeness = _likeness(before[one], after[other])
                if is_enough(before[one], after[other], likeness):
                    yield _Candidate(likeness, one, other)


def _moved(findings: Sequence[Finding], numbers: Iterable[int]) -> _Touched:
    found: defaultdict[tuple[int, str, str], list[int]] = defaultdict(list)
    for number in sorted(numbers):
        found[0, findings[number].rule, findings[number].role].append(number)
    return found


def _touched(findings: Sequence[Finding], edits: Sequence[range]) -> _Touched:
    found: defaultdict[tuple[int, str, str], list[int]] = defaultdict(list)
    stops = [lines.stop - 1 for lines in edits]
    for number, finding in enumerate(findings):
        edit = bisect_left(stops, finding.line)
        while edit < len(edits) and edits[edit].start <= finding.end_line:
            found[edit, finding.rule, finding.role].append(number)
            edit += 1
    return found


def _is_edited(one: Finding, other: Finding, likeness: float) -> bool:
    return likeness >= _ALIKE or _is_same_name(one.symbol, other.symbol)


def _is_moved(_one: Finding, _other: Finding, likeness: float) -> bool:
    return likeness >= _VERY_ALIKE


def _likeness(one: Finding, other: Finding) -> float:
    """Return the part of their pairs of letters that the lines of two findings have in common."""
    first, second = _letter_pairs(one.snippet), _letter_pairs(other.snippet)
    total = first.total() + second.total()
    return 2 * (first & second).total() / total if total else 0


def _is_same_name(one: str, other: str) -> bool:
    """Return whether two symbols are equal, or names that differ only in the module."""
    if one == other:
        return True
    first, second = one.split("."), other.split(".")
    return first[-1] == second[-1] and all(part.isidentifier() for part in (*first, *second))


def _letter_pairs(text: str) -> Counter[str]:
    letters = "".join(text.split())[:_TEXT]
    return Counter(map("".join, pairwise(letters)))
