"""Cursor pagination. The cursor identifies the last row of a page, so that new rows don't shift the following
pages.
"""

from collections.abc import Callable
from functools import reduce
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Field, Schema

Row = TypeVar("Row", bound=Model)
Shown = TypeVar("Shown")

MOST = 200


class Paged(Schema):
    """The page size, and the cursor that the previous page returned in `next`."""

    limit: int = Field(50, ge=1, le=MOST)
    cursor: str = Field("", pattern=r"^(?:[0-9a-f]{1,15})?$")


class Page(Schema, Generic[Shown]):
    """One page of a list. `next` is the URL of the next page, or null on the last page; the Link header
    contains the same URL.
    """

    items: list[Shown]
    next: str | None = None


def page(
    request: HttpRequest,
    response: HttpResponse,
    rows: QuerySet[Row],
    asked: Paged,
    show: Callable[[Row], Shown],
    *,
    key: str = "pk",
    newest_first: bool = False,
) -> Page[Shown]:
    """Return the rows after the cursor, ordered by `key`, an integer that is unique for each row."""
    if asked.cursor:
        after = "lt" if newest_first else "gt"
        rows = rows.filter(**{f"{key}__{after}": int(asked.cursor, 16)})
    found = list(rows.order_by(f"-{key}" if newest_first else key)[: asked.limit + 1])
    cursor = ""
    if len(found) > asked.limit:
        found.pop()
        place: Any = reduce(getattr, key.split("__"), found[-1])
        cursor = f"{place:x}"
    return Page(items=[show(row) for row in found], next=lead_on(request, response, cursor))


def lead_on(request: HttpRequest, response: HttpResponse, cursor: str) -> str | None:
    """Return the URL of the next page and add it to the Link header, or return None without a cursor."""
    if not cursor:
        return None
    query = request.GET.copy()
    query["cursor"] = cursor
    address = f"{request.path}?{query.urlencode()}"
    response["Link"] = f'<{address}>; rel="next"'
    return address
