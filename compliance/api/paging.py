"""Long lists in pages: each ends with a cursor, the place of its last row, so that new rows shift nothing."""

import base64
import binascii
from collections.abc import Callable
from functools import reduce
from http import HTTPStatus
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Field, Schema
from ninja.errors import HttpError

Row = TypeVar("Row", bound=Model)
Shown = TypeVar("Shown")

MOST = 200


class Paged(Schema):
    """How much of a list, and where to go on: with the `next` of the page before."""

    limit: int = Field(50, ge=1, le=MOST)
    cursor: str = Field("", max_length=100)


class Page(Schema, Generic[Shown]):
    """`next` is the address of the next page, null on the last one; the header Link says the same."""

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
    """The rows after the cursor, in order of `key`, which holds a different whole number in each row.

    Raises HttpError (422) for a cursor that no page of such a list gave.
    """
    name = str(rows.model.__name__.lower())
    if asked.cursor:
        after = "lt" if newest_first else "gt"
        rows = rows.filter(**{f"{key}__{after}": _place(asked.cursor, name)})
    found = list(rows.order_by(f"-{key}" if newest_first else key)[: asked.limit + 1])
    address = None
    if len(found) > asked.limit:
        found.pop()
        place: Any = reduce(getattr, key.split("__"), found[-1])
        query = request.GET.copy()
        query["cursor"] = base64.urlsafe_b64encode(f"{name}:{place}".encode()).decode().rstrip("=")
        address = f"{request.path}?{query.urlencode()}"
        response["Link"] = f'<{address}>; rel="next"'
    return Page(items=[show(row) for row in found], next=address)


def _place(cursor: str, name: str) -> int:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        text = ""
    kind, _, place = text.partition(":")
    if kind != name or not place.isdecimal() or len(place) > 18:
        words = "cursor: not one of this list; take the address in “next” of the page before as it is."
        raise HttpError(HTTPStatus.UNPROCESSABLE_ENTITY, words)
    return int(place)
