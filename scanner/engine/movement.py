"""Counts how one step changes the violations, for the command line and for the records alike."""

from collections.abc import Collection

from scanner.model import Comparison, Movement


def count_movement(comparison: Comparison, counted: Collection[str]) -> Movement:
    """Return the numbers of a comparison; `counted` are the categories that count."""
    sides = [(move.before.category in counted, move.after.category in counted) for move in comparison.moved]
    return Movement(
        new=sum(finding.category in counted for finding in comparison.new),
        fixed=sum(finding.category in counted for finding in comparison.fixed),
        newly_suppressed=sum(move.before.category in counted for move in comparison.suppressed),
        restored=sum(move.after.category in counted for move in comparison.restored),
        moved=sum(after for _, after in sides),
        moved_in=sum(after and not before for before, after in sides),
        moved_out=sum(before and not after for before, after in sides),
    )
