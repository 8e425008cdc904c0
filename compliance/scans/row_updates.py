"""Updates recorded rows in bulk. Each statement finds its rows by primary key.

`= ANY(ids)` bounds the rows that are read of the updated table. Without it, a table that is believed to have
one row would be read in full for each batch.
"""

import json
from collections.abc import Iterable
from typing import Any

from django.db import connection

from compliance.lib.batches import batches
from compliance.models import FileState, Violation

_STATE = """
    UPDATE compliance_filestate AS state SET first = new.first, last = new.last
    FROM unnest(%(ids)s::bigint[], %(first)s::int[], %(last)s::int[]) AS new(id, first, last)
    WHERE state.id = new.id AND state.id = ANY(%(ids)s)"""
_PARK = "UPDATE compliance_violation SET fingerprint = 'moving ' || id WHERE id = ANY(%(ids)s)"
_COLUMNS = (
    *("file_id", "introduced_id", "resolved_id", "issues", "phases", "role", "symbol", "scope", "risk"),
    *("category", "message", "snippet", "line", "column", "end_line", "end_column", "fingerprint", "counted"),
    *("reason", "first", "last", "origin_path", "origin_fingerprint", "silenced", "restored", "thread"),
    "ran_out",
)
_VIOLATION = f"""
    UPDATE compliance_violation AS violation SET {", ".join(f'"{name}" = new."{name}"' for name in _COLUMNS)}
    FROM jsonb_populate_recordset(NULL::compliance_violation, %(rows)s::jsonb) AS new
    WHERE violation.id = new.id AND violation.id = ANY(%(ids)s)"""  # noqa: S608  (built from constants only)


def update_states(states: Iterable[FileState]) -> None:
    """Save the interval of each file state."""
    for batch in batches(states):
        ids, first, last = zip(*((row.pk, row.first, row.last) for row in batch), strict=True)
        _execute(_STATE, {"ids": list(ids), "first": list(first), "last": list(last)})


def update_violations(changed: Iterable[Violation]) -> None:
    """Save violations that have ended or moved.

    Two open violations must never share a key, not even for a moment. Therefore, violations that have ended
    are updated first. Then, the keys of the remaining open rows are cleared, so that one row can receive
    another's former key regardless of the order of the updates.
    """
    rows = list(changed)
    still_open = [row for row in rows if row.last is None]
    _update(row for row in rows if row.last is not None)
    for keys in batches(row.pk for row in still_open):
        _execute(_PARK, {"ids": keys})
    _update(still_open)


def _update(rows: Iterable[Violation]) -> None:
    for batch in batches(rows):
        values = json.dumps([_values(row) for row in batch])
        _execute(_VIOLATION, {"ids": [row.pk for row in batch], "rows": values})


def _values(row: Violation) -> dict[str, Any]:
    # If a row was linked to another row before that one was inserted, its primary key is known only now.
    links = {
        "file_id": row.file.pk,
        "introduced_id": row.introduced_id or (row.introduced and row.introduced.pk),
        "resolved_id": row.resolved_id or (row.resolved and row.resolved.pk),
        "thread": row.thread and str(row.thread),
    }
    return {"id": row.pk, **{name: links[name] if name in links else getattr(row, name) for name in _COLUMNS}}


def _execute(statement: str, values: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
