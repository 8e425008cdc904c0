"""Formats a history as CSV for spreadsheets (RFC 4180): one row per commit."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from scanner.formats import MOVEMENT, Row, printable

COLUMNS = (
    "commit",
    "committed_at",
    "author",
    "subject",
    "percent",
    "clean",
    "files",
    "violations",
    "files_with_violations",
    "old_sites",
    "new_sites",
    "suppressed",
    "unparsed",
    "skipped",
    *MOVEMENT,
    "plan_digest",
)


def history(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the column names, then one row per commit, in the given order."""
    yield _line(COLUMNS)
    for row in rows:
        tally, revision = row.tally, row.revision
        yield _line(
            (
                revision.sha,
                revision.committed_at.isoformat(),
                _inert(revision.author),
                _inert(revision.subject),
                "" if tally.percent is None else tally.percent,
                tally.clean,
                tally.files,
                tally.violations,
                tally.files_with_violations,
                tally.old_sites,
                tally.new_sites,
                tally.suppressed,
                tally.unparsed,
                tally.skipped,
                *(getattr(row.movement, name) for name in MOVEMENT),
                row.plan.digest,
            )
        )


def _line(cells: Iterable[object]) -> str:
    out = StringIO()
    csv.writer(out, lineterminator="").writerow(cells)
    return out.getvalue()


def _inert(text: str) -> str:
    """Return text that is safe from spreadsheet formulas (CSV injection) and terminal control characters."""
    return printable(f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text)
