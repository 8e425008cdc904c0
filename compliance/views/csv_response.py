"""Streams CSV responses, and prevents spreadsheet programs from evaluating cells as formulas."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from io import StringIO
from itertools import chain, islice
from typing import Any

from django.http import StreamingHttpResponse

from compliance.queries.filters import ListFilter

_FORMULA = (*"=+-@\t\r\n", *"\uff1d\uff0b\uff0d\uff20")  # includes the full-width forms of these characters

ROWS_IN_A_PART = 500
"""Number of rows that are sent together."""

_HANDLES = re.compile(r"@[\w-]+(?:/[\w-]+)*(?: @[\w-]+(?:/[\w-]+)*)*", re.ASCII)
"""Owners in CODEOWNERS, which are no formula: without brackets, a spreadsheet evaluates nothing."""


def escape_formula(cell: Any) -> Any:
    """Return the cell's value. Times are formatted in ISO 8601, and text that looks like a formula is
    prefixed with an apostrophe.
    """
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat()
    if isinstance(cell, str) and _HANDLES.fullmatch(cell):
        return cell
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _escape(row: Iterable[Any]) -> list[Any]:
    """Return the cells' values. Most cells are plain text, which is recognised without a call."""
    return [
        cell if cell.__class__ is str and cell and cell[0] not in _FORMULA else escape_formula(cell)
        for cell in row
    ]


def refuse(problems: Iterable[str]) -> StreamingHttpResponse:
    """Return the problems instead of a file, one per line, with status 422."""
    text = (f"{problem}\n" for problem in problems)
    return StreamingHttpResponse(text, status=422, content_type="text/plain; charset=utf-8")


def stream_csv(
    name: str, header: Sequence[str], rows: Iterable[Sequence[Any]], filters: ListFilter | None = None
) -> StreamingHttpResponse:
    """Return a download named `<name>.csv` with a header row (RFC 4180, UTF-8).

    If `filters` contain an invalid value, return the reason instead, with status 422: a file has no room for
    a message beside its rows.
    """
    if filters is not None and filters.problems:
        return refuse(filters.problems)

    def parts() -> Iterator[str]:
        whole = chain([header], rows)
        while batch := list(islice(whole, ROWS_IN_A_PART)):
            part = StringIO(newline="")
            csv.writer(part).writerows(map(_escape, batch))
            yield part.getvalue()

    response = StreamingHttpResponse(parts(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
