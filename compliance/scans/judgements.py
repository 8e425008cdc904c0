"""What judging finds: values that can be stored, and how they are made from the engine's."""

from collections.abc import Sequence
from dataclasses import dataclass

from compliance.lib.field_types import storable
from scanner import Difference, Fault, FileResult, Finding, Plan, RepoPath, Tally


@dataclass(frozen=True, slots=True)
class Found:
    """A finding of a judgement, or a file that is in doubt, for the reason in `message`.

    `former_path` and `former_line` are where it was at the base. `is_locked` is true if its file was clean at
    the base, and `ran_out` if the date alone ended the suppression of a restored finding. `reason` is that of
    the suppression. Every text can be stored in any column.
    """

    path: str
    line: int = 0
    column: int = 0
    rule: str = ""
    role: str = ""
    symbol: str = ""
    scope: str = ""
    snippet: str = ""
    message: str = ""
    risk: str = ""
    category: str = ""
    phases: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    fingerprint: str = ""
    reason: str = ""
    former_path: str = ""
    former_line: int = 0
    is_locked: bool = False
    ran_out: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """How many of the files that count towards compliance are clean."""

    clean: int
    files: int

    @classmethod
    def of(cls, tally: Tally) -> "Figures":
        """Return the figures of a revision."""
        return cls(tally.clean, tally.files)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a head changes compared with its base, or with all of its bases (see compare_with_all in
    scanner/engine/several_bases.py). `paths` are all files that differ, also outside the plan.

    `suppressed` findings counted before or are new; a comment in the head suppresses them. `restored` ones
    count again. Neither are in `new` or `fixed`. `moved_out` are those of the fixed and moved ones that the
    head takes to where the plan doesn't count or see them, and `departed` the files that it took there and
    that nobody can judge.
    """

    base: str
    head: str
    new: tuple[Found, ...]
    fixed: tuple[Found, ...]
    moved: tuple[Found, ...]
    suppressed: tuple[Found, ...]
    restored: tuple[Found, ...]
    doubts: tuple[Found, ...]
    before: Figures
    after: Figures
    paths: tuple[str, ...] = ()
    moved_out: tuple[Found, ...] = ()
    departed: tuple[Found, ...] = ()

    @property
    def brought(self) -> tuple[Found, ...]:
        """Return the findings that the head adds: new ones, and those whose suppression it removed."""
        return (*self.new, *(found for found in self.restored if not found.ran_out))

    @property
    def phases(self) -> dict[str, tuple[int, int]]:
        """Return the numbers of fixed and new violations of each phase that has any."""
        numbers: dict[str, tuple[int, int]] = {}
        gone = set(self.moved_out)
        fixed_here = [found for found in self.fixed if found not in gone]
        for side, found in ((0, fixed_here), (1, self.new)):
            for phase in (phase for finding in found for phase in finding.phases):
                fixed, new = numbers.get(phase, (0, 0))
                numbers[phase] = (fixed + (side == 0), new + (side == 1))
        return numbers


class FindingFiles:
    """Looks up what differences between bases and one head say about the files of findings."""

    def __init__(self, differences: Sequence[Difference], plan: Plan) -> None:
        self._counted = frozenset(plan.compliance_counts)
        self._differences = differences

    def _is_locked(self, path: RepoPath) -> bool:
        """Return true if a file counted and was clean at each base that had it, where it may have had another
        path.
        """
        known = [before for one in self._differences if (before := _before(one, path)) is not None]
        return bool(known) and all(map(self._is_clean, known))

    def _is_clean(self, before: FileResult) -> bool:
        is_counted = before.category in self._counted
        return is_counted and before.skipped is None and before.clean and not before.findings

    def found(self, finding: Finding, former: Finding | None = None, *, ran_out: bool = False) -> Found:
        """Return a finding with plain values."""
        return Found(
            path=storable(finding.path),
            line=finding.line,
            column=finding.column,
            rule=finding.rule,
            role=finding.role,
            symbol=storable(finding.symbol),
            scope=storable(finding.scope),
            snippet=storable(finding.snippet),
            message=storable(finding.message),
            risk=finding.risk,
            category=finding.category,
            phases=finding.phases,
            issues=finding.issues,
            fingerprint=finding.fingerprint,
            reason=storable(finding.reason),
            former_path=storable(former.path) if former else "",
            former_line=former.line if former else 0,
            is_locked=self._is_locked(finding.path),
            ran_out=ran_out,
        )


def _before(difference: Difference, path: RepoPath) -> FileResult | None:
    before = difference.changed.get(path, (None, None))[0]
    if before is None and path in difference.renames:
        before = difference.changed.get(difference.renames[path], (None, None))[0]
    return before


def doubt_of(fault: Fault) -> Found:
    """Return a file that is in doubt."""
    return Found(path=storable(fault.path), line=fault.line, message=storable(fault.reason))
