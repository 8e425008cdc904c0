"""The effect of a commit: file states that change, and lifetimes of violations that begin or end."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import uuid4

from compliance.models import Violation
from compliance.scans import rows
from compliance.scans.rows import State, ViolationKey
from scanner import Comparison, Difference, Finding, Move, RepoPath, compare, ran_out


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of the violations that a commit changes, by the keys they had before it and have after it."""

    before: dict[ViolationKey, Violation] = field(default_factory=dict)
    after: dict[ViolationKey, Violation] = field(default_factory=dict)

    def link(self, delta: "Delta") -> Iterator[Violation]:
        """Link the rows before and after a comment started or stopped suppressing a violation through a
        common thread.

        Yield those rows. A suppressed violation ended without being fixed, and a restored one isn't new.
        """
        for move in delta.comparison.suppressed:
            self.before[rows.key_of(move.before)].silenced = True
            yield from self._linked(move)
        for move in delta.comparison.restored:
            row = self.after[rows.key_of(move.after)]
            row.restored, row.ran_out = True, move in delta.expired
            yield from self._linked(move)

    def _linked(self, move: Move) -> Iterator[Violation]:
        ends = (self.before.get(rows.key_of(move.before)), self.after.get(rows.key_of(move.after)))
        both = [row for row in ends if row is not None]
        thread = next((row.thread for row in both if row.thread), None) or uuid4()
        for row in both:
            row.thread = thread
            yield row


@dataclass(frozen=True, slots=True)
class Delta:
    """The differences between a commit and its parent: file states, and findings that begin, end or continue.

    `states` contains each file whose state differs. `hidden` contains the continuing suppressed findings,
    which are matched by key only. `expired` are the restored findings whose comment ran out.
    """

    difference: Difference
    comparison: Comparison
    expired: tuple[Move, ...]
    states: list[tuple[RepoPath, State | None, State | None]]
    begun: list[Finding]
    ended: list[Finding]
    hidden: list[tuple[Finding, Finding]]

    @classmethod
    def of(cls, step: Difference) -> "Delta":
        """Return the differences made by the step from the parent to the commit."""
        comparison = compare(step)
        before = rows.all_suppressed(old for old, _ in step.changed.values())
        after = rows.all_suppressed(new for _, new in step.changed.values())
        silenced = [move.before for move in comparison.suppressed]
        restored = [move.after for move in comparison.restored]
        sides = (
            (path, State.of(old) if old else None, State.of(new) if new else None)
            for path, (old, new) in step.changed.items()
        )
        return cls(
            difference=step,
            comparison=comparison,
            expired=ran_out(step, comparison),
            states=[(path, old, new) for path, old, new in sides if old != new],
            begun=[*comparison.new, *restored, *(f for key, f in after.items() if key not in before)],
            ended=[*comparison.fixed, *silenced, *(f for key, f in before.items() if key not in after)],
            hidden=[(old, after[key]) for key, old in before.items() if key in after],
        )
