"""Recording towards the root: a life's beginning is found when the walk passes the commit that began it."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from compliance.models import Commit, FileState, Violation
from compliance.scans import rows
from compliance.scans.book import Book, end_rows, write_each
from compliance.scans.rows import Place, State
from scanner import Comparison, Difference, FileResult, Path, Revision, Tally, compare

_ORIGIN = "UPDATE compliance_violation SET origin_path = %s, origin_fingerprint = %s WHERE id = %s"


@dataclass(frozen=True, slots=True)
class Stop:
    """A commit that waits for its parent to be read: a commit is recorded with what it changed."""

    revision: Revision
    position: int
    tally: Tally


class Backward:
    """Writes commits newest first. What is open at the oldest end is kept in memory."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.states = book.states(first__isnull=True)
        self.violations: dict[Place, int] = {
            (path, fingerprint): pk
            for path, fingerprint, pk in Violation.objects.filter(plan=book.version, first__isnull=True)
            .values_list("origin_path", "origin_fingerprint", "pk")
            .iterator()
        }

    def begin(self, files: Mapping[Path, FileResult]) -> None:
        """Write what the newest commit says, in the transaction that records it."""
        book = self.book
        book.file_ids(files)
        book.revive(files)
        self.states = book.add_states({p: State.of(r) for p, r in files.items()}, None, None)
        self.violations = book.add_violations(
            [
                rows.violation(book.version, book.files[path], finding, book.counted)
                for path, result in files.items()
                for finding in result.findings
            ]
        )

    def record(self, stop: Stop, step: Difference) -> Commit | None:
        """Record one commit with the step that led to it from its first parent.

        In one transaction (the caller's, if there is one). None when it was recorded before.
        """
        book, position = self.book, stop.position
        comparison = compare(step)
        with transaction.atomic():
            book.open(book.repository.line_length - position + 1)
            if book.has(stop.revision, position):
                return None
            commit = book.write(stop.revision, position, stop.tally, step, comparison)
            self._record_states(step, position)
            ids = self._record_lives(step, comparison, commit, position)
            book.write_changes(commit, comparison, ids)
        return commit

    def _record_states(self, step: Difference, position: int) -> None:
        book = self.book
        unseen = {new: old for new, old in step.renames.items() if old not in book.files}
        begun: list[int] = []
        older: dict[str, State] = {}
        for path, (before, after) in step.changed.items():
            old = State.of(before) if before else None
            new = State.of(after) if after else None
            if old == new:
                continue
            if new is not None:
                begun.append(self.states.pop(path)[0])
            if old is not None:
                older[path] = old
        end_rows(FileState, begun, first=position)
        book.file_ids((*older, *unseen.values()))
        self.states |= book.add_states(older, None, position - 1)
        book.rename((old, new) for new, old in unseen.items())

    def _record_lives(
        self, step: Difference, comparison: Comparison, commit: Commit, position: int
    ) -> dict[Place, int]:
        """Violations begun, moved and ended by the commit; their ids by the place after, or before, it."""
        book = self.book
        hidden_before = rows.all_suppressed(before for before, _ in step.changed.values())
        hidden_after = rows.all_suppressed(after for _, after in step.changed.values())
        begun = [rows.place(f) for f in comparison.new]
        begun += [key for key in hidden_after if key not in hidden_before]
        ids = {key: self.violations.pop(key) for key in begun}
        end_rows(Violation, list(ids.values()), first=position, introduced=commit)
        moves = [(rows.place(m.before), rows.place(m.after)) for m in comparison.moved]
        moved = {after: self.violations.pop(after) for _, after in moves}
        ids |= moved
        origins = [(before, moved[after]) for before, after in moves]
        self.violations |= origins
        write_each(
            _ORIGIN,
            [
                (*before, pk)
                for (before, after), pk in zip(moves, moved.values(), strict=True)
                if before != after
            ],
        )
        ended = list(comparison.fixed) + [f for key, f in hidden_before.items() if key not in hidden_after]
        fresh = []
        for finding in ended:
            row = rows.violation(book.version, book.files[finding.path], finding, book.counted)
            row.last, row.resolved = position - 1, commit
            fresh.append(row)
        made = book.add_violations(fresh)
        self.violations |= made
        return made | ids
