"""What recording in either direction shares: commits, figures, changes, and the rows of files."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection
from django.db.models import Q

from compliance.jobs import Turn
from compliance.models import Change, Commit, File, FileState, PlanVersion, Repository, Snapshot, Violation
from compliance.scans import rows
from compliance.scans.rows import Place, State
from scanner import Comparison, Difference, Plan, Revision, Tally

_BATCH = 1000


class Book:
    """The records of one repository under one version of its plan, written by one running job."""

    def __init__(self, repository: Repository, version: PlanVersion, plan: Plan, turn: Turn) -> None:
        self.repository, self.version, self.turn = repository, version, turn
        self.counted = frozenset(plan.compliance_counts)
        self.files: dict[str, int] = dict(
            File.objects.filter(repository=repository).values_list("path", "pk").iterator()
        )
        self.renamed: set[str] = set(
            File.objects.filter(repository=repository, renamed_to__isnull=False).values_list(
                "path", flat=True
            )
        )

    def open(self, done: int) -> None:
        """Begin a transaction's writing: fenced by the job's row, alone by the repository's."""
        self.turn.progress(done, self.repository.line_length)
        Repository.objects.select_for_update().only("pk").get(pk=self.repository.pk)

    def has(self, revision: Revision, position: int) -> bool:
        """Whether this commit is recorded at this place already."""
        return Snapshot.objects.filter(
            plan=self.version,
            commit__repository=self.repository,
            commit__sha=revision.sha,
            commit__position=position,
        ).exists()

    def write(
        self,
        revision: Revision,
        position: int,
        tally: Tally,
        step: Difference,
        comparison: Comparison,
    ) -> Commit:
        """The rows of the commit itself. It may be known from another plan, or from before a force push."""
        commit = Commit(
            repository=self.repository,
            sha=revision.sha,
            parents=list(revision.parents),
            position=position,
            author_name=rows.clean_text(revision.author),
            author_email=rows.clean_text(revision.email),
            authored_at=revision.authored_at,
            committed_at=revision.committed_at,
            subject=rows.clean_text(revision.subject),
        )
        Commit.objects.bulk_create(
            [commit], update_conflicts=True, unique_fields=("repository", "sha"), update_fields=("position",)
        )
        figures = rows.snapshot(commit, self.version, tally, comparison, step, self.counted)
        Snapshot.objects.filter(plan=self.version, commit=commit).delete()
        figures.save(force_insert=True)
        Change.objects.filter(plan=self.version, commit=commit).delete()
        return commit

    def write_changes(self, commit: Commit, comparison: Comparison, ids: Mapping[Place, int]) -> None:
        """What the commit did; `ids` are the violations by where they stand after it, or stood before it."""
        kind = Change.Kind
        found: list[Change] = []
        for of, findings in ((kind.NEW, comparison.new), (kind.FIXED, comparison.fixed)):
            found += (
                rows.change(commit, self.version, of, f, ids.get(rows.place(f)), self.counted)
                for f in findings
            )
        for move in comparison.moved:
            known = ids.get(rows.place(move.after))
            found.append(rows.change(commit, self.version, kind.MOVED, move.after, known, self.counted, move))
        Change.objects.bulk_create(found, batch_size=_BATCH)

    def file_ids(self, paths: Iterable[str]) -> None:
        """See to it that each path has a row."""
        fresh = [path for path in dict.fromkeys(paths) if path not in self.files]
        made = File.objects.bulk_create(
            (File(repository=self.repository, path=path) for path in fresh), batch_size=_BATCH
        )
        self.files.update(zip(fresh, (row.pk for row in made), strict=True))

    def rename(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Note that old paths live on under new ones."""
        for old, new in pairs:
            File.objects.filter(pk=self.files[old]).update(renamed_to=self.files[new])
            self.renamed.add(old)

    def revive(self, paths: Iterable[str]) -> None:
        """Note that paths exist again, whatever they had been renamed to."""
        again = [path for path in paths if path in self.renamed]
        if again:
            File.objects.filter(pk__in=[self.files[path] for path in again]).update(renamed_to=None)
            self.renamed.difference_update(again)

    def add_states(
        self, states: Mapping[str, State], first: int | None, last: int | None
    ) -> dict[str, tuple[int, State]]:
        """New rows of what files say; by path, their ids."""
        fresh = [
            FileState(plan=self.version, file_id=self.files[path], first=first, last=last, **state.columns())
            for path, state in states.items()
        ]
        made = FileState.objects.bulk_create(fresh, batch_size=_BATCH)
        return {path: (row.pk, states[path]) for path, row in zip(states, made, strict=True)}

    def states(self, **end: bool) -> dict[str, tuple[int, State]]:
        """The rows open at one end of the line, by path."""
        found = FileState.objects.filter(plan=self.version, **end).values_list(
            "file__path", "pk", *State.__slots__
        )
        return {path: (pk, State(*values)) for path, pk, *values in found.iterator()}

    def add_violations(self, fresh: list[Violation]) -> dict[Place, int]:
        """New rows of violations; by the place they stand at, their ids."""
        made = Violation.objects.bulk_create(fresh, batch_size=_BATCH)
        return {(row.origin_path, row.origin_fingerprint): row.pk for row in made}


def end_rows(table: type[FileState] | type[Violation], ids: list[int], **values: Any) -> None:
    """Set the same columns of many rows."""
    if ids:
        table.objects.filter(Q(pk__in=ids)).update(**values)


def write_each(statement: str, values: list[tuple[Any, ...]]) -> None:
    """Run one statement with many sets of values, in one go."""
    if values:
        with connection.cursor() as cursor:
            cursor.executemany(statement, values)
