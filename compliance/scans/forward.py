"""Recording towards the tip: what a commit ends is ended, what it moves is moved, what it begins begins."""

import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from compliance.models import Commit, FileState, Repository, Violation
from compliance.scans import rows
from compliance.scans.book import Book, end_rows, write_each
from compliance.scans.rows import Place, State
from compliance.scans.statuses import refresh
from scanner import Comparison, Difference, FileResult, Finding, Path, Visit, compare

_COLUMNS = (
    "role",
    "symbol",
    "scope",
    "risk",
    "category",
    "message",
    "snippet",
    "line",
    "column",
    "end_line",
    "end_column",
    "fingerprint",
    "counted",
    "reason",
)
_SETS = ("file_id = %s", "issues = %s::jsonb", "phases = %s::jsonb", *(f'"{name}" = %s' for name in _COLUMNS))
_PLACE = f"UPDATE compliance_violation SET {', '.join(_SETS)} WHERE id = %s"  # noqa: S608  (own names only)


class Forward:
    """Writes commits oldest first. What is open at the newest end is kept in memory."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.states = book.states(last__isnull=True)
        self.violations: dict[Place, int] = {
            (path, fingerprint): pk
            for path, fingerprint, pk in Violation.objects.filter(plan=book.version, last__isnull=True)
            .values_list("file__path", "fingerprint", "pk")
            .iterator()
        }

    def record(self, visit: Visit, position: int, done: int) -> Commit | None:
        """Record one commit whose first parent was recorded before, in one transaction.

        The repository's head moves with it. None when it was recorded before.
        """
        book, step = self.book, visit.difference
        comparison = compare(step)
        with transaction.atomic():
            book.open(done)
            if book.has(visit.revision, position):
                return None
            commit = book.write(visit.revision, position, visit.tally, step, comparison)
            self._record_states(step, position)
            ids = self._record_lives(step, comparison, commit, position)
            book.write_changes(commit, comparison, ids)
            Repository.objects.filter(pk=book.repository.pk).update(head=commit)
            touched = {*step.changed, *step.renames.values()}
            refresh(
                book.repository, book.version, [book.files[path] for path in touched if path in book.files]
            )
        return commit

    def _record_states(self, step: Difference, position: int) -> None:
        book = self.book
        ended: list[int] = []
        newer: dict[str, State] = {}
        for path, (before, after) in step.changed.items():
            old = State.of(before) if before else None
            new = State.of(after) if after else None
            if old == new:
                continue
            if old is not None:
                ended.append(self.states.pop(path)[0])
            if new is not None:
                newer[path] = new
        end_rows(FileState, ended, last=position - 1)
        book.file_ids(newer)
        book.revive(newer)
        self.states |= book.add_states(newer, position, None)
        book.rename((old, new) for new, old in step.renames.items() if old not in self.states)

    def _record_lives(
        self, step: Difference, comparison: Comparison, commit: Commit, position: int
    ) -> dict[Place, int]:
        """Violations ended, moved and begun by the commit; their ids by the place after, or before, it."""
        book = self.book
        hidden_before = rows.all_suppressed(before for before, _ in step.changed.values())
        hidden_after = rows.all_suppressed(after for _, after in step.changed.values())
        gone = [rows.place(f) for f in comparison.fixed]
        gone += [key for key in hidden_before if key not in hidden_after]
        ids = {key: self.violations.pop(key) for key in gone}
        end_rows(Violation, list(ids.values()), last=position - 1, resolved=commit)
        pairs = [(move.before, move.after) for move in (*comparison.moved, *comparison.kept)]
        pairs += [(old, hidden_after[key]) for key, old in hidden_before.items() if key in hidden_after]
        taken = [(self.violations.pop(rows.place(before)), before, after) for before, after in pairs]
        self.violations |= {rows.place(after): pk for pk, _, after in taken}
        write_each(_PLACE, [self.placed(pk, after) for pk, before, after in taken if before != after])
        ids |= {rows.place(after): pk for pk, _, after in taken}
        fresh = []
        for finding in (*comparison.new, *(f for key, f in hidden_after.items() if key not in hidden_before)):
            row = rows.violation(book.version, book.files[finding.path], finding, book.counted)
            row.first, row.introduced = position, commit
            fresh.append(row)
        made = book.add_violations(fresh)
        self.violations |= made
        return ids | made

    def placed(self, pk: int, finding: Finding) -> tuple[Any, ...]:
        """The values that put a violation's row where a finding stands."""
        values = rows.columns(finding, self.book.counted)
        lists = (json.dumps(values["issues"]), json.dumps(values["phases"]))
        return self.book.files[finding.path], *lists, *(values[name] for name in _COLUMNS), pk

    def reconcile(self, files: Mapping[Path, FileResult]) -> None:
        """Put every row that is alive where its finding stands at the commit that `files` shows.

        After a roll-back the rows are known by path and fingerprint alone.
        """
        found = {rows.place(f): f for result in files.values() for f in result.findings}
        write_each(_PLACE, [self.placed(pk, found[key]) for key, pk in self.violations.items()])
