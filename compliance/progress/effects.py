"""The effect of a commit on the figures, by cause. The causes add up to the step from the first parent.

A snapshot records its causes, so the figures before the commit can be computed without its parent's snapshot.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from compliance.lib.figures import percent
from compliance.lib.wording import count_of, join_names
from compliance.models import Snapshot

VIOLATION_CAUSES = {
    "new": (1, "introduced"),
    "fixed": (-1, "fixed"),
    "newly_suppressed": (-1, "suppressed by a comment"),
    "restored": (1, "counted again"),
    "moved_in": (1, "moved into the counted categories"),
    "moved_out": (-1, "moved out of the counted categories"),
}
"""Each column of a snapshot that changes the number of violations, with its sign and its wording."""

FILE_CAUSES = (
    *("files_added", "files_gone", "files_renamed"),
    *("clean_added", "clean_gone", "became_clean", "became_unclean"),
)
"""The columns of a snapshot that change the number of files or of clean files."""

CAUSES = (*VIOLATION_CAUSES, *FILE_CAUSES)

OUTSIDE = {
    "fixed": "fixed",
    "new": "introduced",
    "suppressed": "suppressed",
    "restored": "counted again",
    "moved": "moved",
}
"""The kinds of changes in categories that aren't counted, in the order in which they are described."""


@dataclass(frozen=True, slots=True)
class Points:
    """A commit's change in compliance in percentage points, by cause. The parts add up to the total."""

    total: float
    scope: float
    became_clean: float
    became_unclean: float


@dataclass(frozen=True)
class Effect:
    """The effect of one commit, which `snapshot` records."""

    snapshot: Snapshot

    @property
    def violations(self) -> int:
        """Return the step in the number of violations."""
        return sum(sign * getattr(self.snapshot, name) for name, (sign, _) in VIOLATION_CAUSES.items())

    @property
    def files(self) -> int:
        """Return the step in the number of counted files."""
        return self.snapshot.files_added - self.snapshot.files_gone

    @property
    def clean(self) -> int:
        """Return the step in the number of clean files."""
        s = self.snapshot
        return s.became_clean - s.became_unclean + s.clean_added - s.clean_gone

    @cached_property
    def points(self) -> Points | None:
        """Return the step in compliance by cause, or None if there were no files before or are none now.

        The causes are applied one after another, so that their rounded effects add up: first added and
        removed files, then files that became clean, then files that are no longer clean.
        """
        s, clean = self.snapshot, self.snapshot.clean - self.clean
        way = [percent(clean, s.files - self.files)]
        for change in (s.clean_added - s.clean_gone, s.became_clean, -s.became_unclean):
            clean += change
            way.append(percent(clean, s.files))
        before, *_ = way
        found = [value for value in way if value is not None]
        if before is None or len(found) < len(way):
            return None
        parts = [round(after - earlier, 1) for earlier, after in pairwise(found)]
        return Points(round(found[-1] - before, 1), *parts)

    @property
    def file_causes(self) -> list[str]:
        """Describe the step in the number of clean files, without causes that didn't occur."""
        s = self.snapshot
        sides = {
            "added": (s.files_added - s.files_renamed, s.clean_added),
            "removed": (s.files_gone - s.files_renamed, s.clean_gone),
        }
        told = [
            *([f"{count_of(s.became_clean, 'file')} became clean"] if s.became_clean else []),
            *([f"{count_of(s.became_unclean, 'file')} no longer clean"] if s.became_unclean else []),
        ]
        for what, (number, clean) in sides.items():
            if number:
                told.append(f"{count_of(number, 'file')} {what} ({clean:,} clean)")
        return told

    @property
    def violation_causes(self) -> list[str]:
        """Describe the step in the number of violations, without causes that didn't occur."""
        gone = self.snapshot.fixed_gone
        notes = {"fixed": f" ({gone:,} in removed files)"} if gone else {}
        return [
            f"{getattr(self.snapshot, name):,} {words}{notes.get(name, '')}"
            for name, (_, words) in VIOLATION_CAUSES.items()
            if getattr(self.snapshot, name)
        ]

    @property
    def outside(self) -> list[str]:
        """Describe the changes in categories that aren't counted, one text for each category."""
        told = []
        for category, kinds in sorted(self.snapshot.outside.items()):
            numbers = [f"{kinds[kind]:,} {words}" for kind, words in OUTSIDE.items() if kinds.get(kind)]
            told.append(f"{category}: {join_names(numbers)}")
        return told

    @property
    def sentences(self) -> list[str]:
        """Explain the steps in compliance and in violations, and the changes that aren't counted."""
        told = []
        if self.file_causes:
            total = _minus(f"Files {self.files:+,}, clean files {self.clean:+,}")
            told.append(f"{total}: {', '.join(self.file_causes)}.")
        if self.points and len(parts := self._point_causes) > 1:
            told.append(f"Points {_signed(self.points.total)}: {', '.join(parts)}.")
        if self.violation_causes:
            told.append(f"Violations{_minus(f' {self.violations:+,}')}: {', '.join(self.violation_causes)}.")
        if self.outside:
            told.append(f"In categories that aren't counted: {'; '.join(self.outside)}.")
        return told

    @property
    def _point_causes(self) -> list[str]:
        if self.points is None:
            return []
        parts = {
            "from added and removed files": self.points.scope,
            "from files that became clean": self.points.became_clean,
            "from files that are no longer clean": self.points.became_unclean,
        }
        return [f"{_signed(value)} {cause}" for cause, value in parts.items() if value]

    @property
    def scope_note(self) -> str:
        """Describe added and removed files in a few words, or return an empty string."""
        s = self.snapshot
        added, gone = s.files_added - s.files_renamed, s.files_gone - s.files_renamed
        parts = [*([f"{added:,} added"] if added else []), *([f"{gone:,} removed"] if gone else [])]
        return f"files: {join_names(parts)}" if parts else ""

    def outside_total(self, kind: str) -> int:
        """Return the number of changes of one kind in all categories that aren't counted."""
        return sum(kinds.get(kind, 0) for kinds in self.snapshot.outside.values())


def _signed(points: float) -> str:
    return _minus(f"{points:+.1f}") if points else "0"


def _minus(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")
