"""Undoes what the commits after a position did to the rows of a plan version.

Each statement changes at most `BATCH` rows, which it finds by primary key, and looks each related row up
through one index (see `file_status`).
"""

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from compliance.lib.batches import batches, index_plans
from compliance.models import Commit, FileState, PlanVersion, Rename, Snapshot, Violation, WalkPart

_CHANGES = "SELECT id FROM compliance_change WHERE violation_id = ANY(%(ids)s)"
# Changes are self-contained, so they are kept when the rows of their violations are deleted.
_DETACH = "UPDATE compliance_change SET violation_id = NULL WHERE id = ANY(%(ids)s)"
_DELETE_VIOLATIONS = "DELETE FROM compliance_violation WHERE id = ANY(%(ids)s)"
_DELETE_STATES = "DELETE FROM compliance_filestate WHERE id = ANY(%(ids)s)"
_DELETE_RENAMES = "DELETE FROM compliance_rename WHERE id = ANY(%(ids)s)"
_MOVES = """
SELECT change.violation_id, change.id, change.commit_id
FROM unnest(%(ids)s::bigint[]) AS named(id)
CROSS JOIN LATERAL (SELECT * FROM compliance_change WHERE commit_id = named.id OFFSET 0) AS change
WHERE change.plan_id = %(plan)s AND change.kind = 'moved' AND change.violation_id IS NOT NULL
"""
_CLOSE = """
UPDATE compliance_violation SET last = %(fork)s, resolved_id = NULL, silenced = false
WHERE id = ANY(%(ids)s)
"""
_MOVE_BACK = """
WITH moved AS MATERIALIZED (
    SELECT change.violation_id, file.id AS file_id, change.old_line, change.old_snippet,
        change.old_fingerprint
    FROM unnest(%(changes)s::bigint[]) AS named(id)
    CROSS JOIN LATERAL (SELECT * FROM compliance_change WHERE id = named.id OFFSET 0) AS change
    CROSS JOIN LATERAL (SELECT * FROM compliance_file WHERE path = change.old_path OFFSET 0) AS file
    WHERE file.repository_id = %(repository)s
)
UPDATE compliance_violation AS violation
SET file_id = moved.file_id, line = moved.old_line, snippet = moved.old_snippet,
    fingerprint = moved.old_fingerprint
FROM moved WHERE violation.id = moved.violation_id AND violation.id = ANY(%(ids)s)
"""
_REOPEN = "UPDATE compliance_violation SET last = NULL WHERE id = ANY(%(ids)s)"
_REOPEN_STATES = "UPDATE compliance_filestate SET last = NULL WHERE id = ANY(%(ids)s)"
_LEAVE_BRANCH = "UPDATE compliance_commit SET position = NULL WHERE id = ANY(%(ids)s)"


def undo(version: PlanVersion, fork: int) -> None:
    """Return the rows of a version to their state at a position: delete what was opened after it, take back
    moves, and reopen what was closed.

    A version whose history doesn't reach back to that position has no state to return to, so all its rows are
    deleted.
    """
    known = Snapshot.objects.filter(plan=version, commit__position__lte=fork).exists()
    since = {"first__gt": fork} if known else {}
    violations = Violation.objects.filter(plan=version, **since)
    _delete_violations(violations)
    _delete(_DELETE_STATES, FileState.objects.filter(plan=version, **since))
    _delete(_DELETE_RENAMES, Rename.objects.filter(plan=version, **({"position__gt": fork} if known else {})))
    if known:
        _restore(version, fork)
    WalkPart.objects.filter(plan=version).update(rows_agree=False)


def leave_branch(commits: QuerySet[Commit]) -> None:
    """Mark commits as no longer on the branch."""
    for ids in batches(_ids(commits)):
        _run(_LEAVE_BRANCH, ids=ids)


def _delete_violations(rows: QuerySet[Violation]) -> None:
    for ids in batches(_ids(rows)):
        for changes in batches(pk for (pk,) in _run(_CHANGES, ids=ids)):
            _run(_DETACH, ids=changes)
        _run(_DELETE_VIOLATIONS, ids=ids)


def _delete(statement: str, rows: QuerySet[Any]) -> None:
    for ids in batches(_ids(rows)):
        _run(statement, ids=ids)


def _restore(version: PlanVersion, fork: int) -> None:
    """Take back moves, and reopen what was closed.

    The rows concerned are closed at the fork in the meantime, because their former keys are restored batch by
    batch, and two open rows must never share a key.
    """
    moves = _first_moves(version, fork)
    open_before = {*_ids(Violation.objects.filter(plan=version, last__gte=fork)), *moves}
    for ids in batches(sorted(open_before)):
        _run(_CLOSE, ids=ids, fork=fork)
    for ids in batches(sorted(moves)):
        changes = [moves[pk] for pk in ids]
        _run(_MOVE_BACK, ids=ids, changes=changes, repository=version.repository_id)
    for ids in batches(sorted(open_before)):
        _run(_REOPEN, ids=ids)
    for ids in batches(_ids(FileState.objects.filter(plan=version, last__gte=fork))):
        _run(_REOPEN_STATES, ids=ids)


def _first_moves(version: PlanVersion, fork: int) -> dict[int, int]:
    """Return, for each violation that was moved after the fork, the change by its first move."""
    line = Commit.objects.filter(repository=version.repository_id, position__gt=fork)
    with index_plans():
        positions = dict(line.values_list("pk", "position"))
    first: dict[int, tuple[int, int]] = {}
    for ids in batches(sorted(positions)):
        for violation, change, commit in _run(_MOVES, ids=ids, plan=version.pk):
            found = positions[commit] or 0, change
            first[violation] = min(first.get(violation, found), found)
    return {violation: change for violation, (_, change) in first.items()}


def _ids(rows: QuerySet[Any]) -> list[int]:
    """Return the primary keys of rows that one index serves, in order."""
    with index_plans():
        return sorted(rows.order_by().values_list("pk", flat=True))


def _run(statement: str, **values: Any) -> Iterable[tuple[Any, ...]]:
    """Run a statement, and return its rows if it has any."""
    with index_plans(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []
