"""The violations that one commit found: those that stood before it, and those that stand after it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import uuid4

from compliance.models import Violation
from compliance.scans import rows
from compliance.scans.rows import ViolationKey
from scanner import Comparison, Difference, Finding, Move


@dataclass(frozen=True, slots=True)
class Found:
    """Rows by the place where they stood before a commit, or stand after it."""

    before: dict[ViolationKey, Violation] = field(default_factory=dict)
    after: dict[ViolationKey, Violation] = field(default_factory=dict)

    def tie(self, comparison: Comparison) -> Iterator[Violation]:
        """Let the rows of a place share a thread where a comment began or ceased to suppress it; those rows.

        What is only suppressed ended without having been put right; what counts again is not new.
        """
        for move in comparison.suppressed:
            self.before[rows.key_of(move.before)].silenced = True
            yield from self._tied(move)
        for move in comparison.restored:
            self.after[rows.key_of(move.after)].restored = True
            yield from self._tied(move)

    def _tied(self, move: Move) -> Iterator[Violation]:
        ends = (self.before.get(rows.key_of(move.before)), self.after.get(rows.key_of(move.after)))
        both = [row for row in ends if row is not None]
        thread = next((row.thread for row in both if row.thread), None) or uuid4()
        for row in both:
            row.thread = thread
            yield row


@dataclass(frozen=True, slots=True)
class Ends:
    """The findings whose lives begin and end with a commit, and the suppressed ones that live on.

    A suppressed finding is known by its place alone.
    """

    begun: list[Finding]
    ended: list[Finding]
    hidden: list[tuple[Finding, Finding]]

    @classmethod
    def of(cls, step: Difference, comparison: Comparison) -> "Ends":
        """What a step does, as the comparison of its sides says."""
        before = rows.all_suppressed(old for old, _ in step.changed.values())
        after = rows.all_suppressed(new for _, new in step.changed.values())
        silenced = [move.before for move in comparison.suppressed]
        restored = [move.after for move in comparison.restored]
        return cls(
            begun=[*comparison.new, *restored, *(f for key, f in after.items() if key not in before)],
            ended=[*comparison.fixed, *silenced, *(f for key, f in before.items() if key not in after)],
            hidden=[(old, after[key]) for key, old in before.items() if key in after],
        )
