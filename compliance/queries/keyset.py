"""Pages of a sorted list that begin after a row instead of after a number of rows.

The rows before a page are skipped in an index, so the last page of 100,000 rows costs no more than the first.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from django.db.models import BooleanField, F, Func, Model, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.sql.compiler import SQLCompiler
from django.http import QueryDict

Row = TypeVar("Row", bound=Model)
PARAMETERS = ("page", "below", "above")
"""The parameters of a URL that select a page. Links to another order or filter leave them out."""

_CURSOR = re.compile(r"([0-9]{1,18})\.([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Key:
    """One column of an order. `column` is the name of a field or an annotation."""

    column: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Total:
    """The number of rows in a list, and of its pages."""

    count: int
    num_pages: int


class Keyed(Protocol):
    """A row with an id."""

    @property
    def pk(self) -> int:
        """Return the id."""


Item = TypeVar("Item", bound=Keyed)


@dataclass(frozen=True, slots=True)
class KeysetPage(Generic[Item]):
    """A page of a list. `first_index` is the number of its first row, counted from 1.

    Each of the other fields is the query string of a page, or empty if this is that page or there is none.
    """

    rows: list[Item]
    count: int
    pages: int
    first_index: int
    first: str = ""
    previous: str = ""
    next: str = ""
    last: str = ""

    @property
    def paginator(self) -> Total:
        """Return the size of the list, under the name that it has in Django's pages."""
        return Total(self.count, self.pages)

    def __iter__(self) -> Iterator[Item]:
        """Iterate over the rows."""
        return iter(self.rows)

    @property
    def last_index(self) -> int:
        """Return the number of the last row on this page."""
        return self.first_index + len(self.rows) - 1


@dataclass(frozen=True, slots=True)
class Order(Generic[Row]):
    """The order of a list: columns that together are unique, and the expressions behind those that are
    annotations.
    """

    keys: tuple[Key, ...]
    expressions: Mapping[str, Combinable] = field(default_factory=dict)

    @classmethod
    def by(cls, *columns: str, **expressions: Combinable) -> "Order[Row]":
        """Return an order by these columns; a minus sign marks a descending one."""
        keys = (Key(column.removeprefix("-"), column.startswith("-")) for column in columns)
        return cls(tuple(keys), expressions)

    def page(self, rows: QuerySet[Row], count: int, size: int, query: QueryDict) -> KeysetPage[Row]:
        """Return the page that `page`, `below` or `above` in the query select, in one query, or two with a
        cursor.

        An invalid number selects the first page, and one that is too high the last. If the row of a cursor is
        gone, the page with its number is returned.
        """
        pages = max(1, -(-count // size))
        below, above = _cursor(query.get("below", "")), _cursor(query.get("above", ""))
        cursor = below or above
        values = self._values(rows, cursor.pk) if cursor else None
        if cursor and values:
            found = list(self._beyond(rows, values, backwards=below is None)[:size])
            begin = cursor.number + 1 if below else max(1, cursor.number - len(found))
            return _linked(found if below else found[::-1], count, begin, pages, query)
        number = _number(_near(cursor, size, is_below=below is not None) or query.get("page"), pages)
        begin = (number - 1) * size + 1
        if number == pages > 1:
            found = list(self.sorted(rows, backwards=True)[: count - begin + 1])[::-1]
        else:
            found = list(self.sorted(rows)[begin - 1 : begin - 1 + size])
        return _linked(found, count, begin, pages, query)

    def _values(self, rows: QuerySet[Row], pk: int) -> tuple[Any, ...] | None:
        """Return the values of a row in the columns of this order, even if it left the list meanwhile."""
        same = rows.model._default_manager.filter(pk=pk).annotate(**self.expressions)  # noqa: SLF001  (public)
        found: tuple[Any, ...] | None = same.values_list(*(key.column for key in self.keys)).first()
        return found

    def sorted(self, rows: QuerySet[Row], *, backwards: bool = False) -> QuerySet[Row]:
        """Return the rows in this order, or in the opposite one."""
        columns = [
            F(key.column).desc() if key.descending != backwards else F(key.column).asc() for key in self.keys
        ]
        found: QuerySet[Row] = rows.annotate(**self.expressions).order_by(*columns)
        return found

    def _beyond(
        self, rows: QuerySet[Row], values: Sequence[Any], *, backwards: bool = False
    ) -> QuerySet[Row]:
        """Return the rows after the one with these values, or before it, nearest first."""
        rows = rows.annotate(**self.expressions)
        columns = [key.column for key in self.keys]
        descending = {key.descending for key in self.keys}
        if len(descending) == 1:  # one comparison of rows, which an index answers
            operator = "<" if descending.pop() != backwards else ">"
            found = rows.filter(_RowComparison(columns, values, operator))
        else:
            found = rows.filter(self._alternatives(values, backwards=backwards))
        return self.sorted(found, backwards=backwards)

    def _alternatives(self, values: Sequence[Any], *, backwards: bool) -> Q:
        found, same = Q(), Q()
        for key, value in zip(self.keys, values, strict=True):
            lookup = "lt" if key.descending != backwards else "gt"
            found |= same & Q(**{f"{key.column}__{lookup}": value})
            same &= Q(**{key.column: value})
        return found


class Ranking(Protocol[Item]):
    """A list that is ranked in memory. `place_of` returns the index of the row with an id, if it is there."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: slice) -> list[Item]: ...

    def place_of(self, file: int) -> int | None: ...


def page_of_ranking(rows: Ranking[Item], size: int, query: QueryDict) -> KeysetPage[Item]:
    """Return the page of a ranked list that `page`, `below` or `above` in the query select.

    As in a sorted list of rows, a page begins after a row, wherever it is by now, and on the page with its
    number if it is gone.
    """
    count = len(rows)
    pages = max(1, -(-count // size))
    below, above = _cursor(query.get("below", "")), _cursor(query.get("above", ""))
    cursor = below or above
    place = rows.place_of(cursor.pk) if cursor else None
    if place is not None:
        begin, end = (place + 1, place + 1 + size) if below else (max(0, place - size), place)
    else:
        near = _near(cursor, size, is_below=below is not None)
        begin = (_number(near or query.get("page"), pages) - 1) * size
        end = begin + size
    return _linked(rows[begin:end], count, begin + 1, pages, query)


def _linked(found: list[Item], count: int, begin: int, pages: int, query: QueryDict) -> KeysetPage[Item]:
    begin = max(1, min(begin, count - len(found) + 1))  # rows may have gone since the link was made
    end = begin + len(found) - 1
    links = {}
    if found and begin > 1:
        links = {
            "first": _link(query),
            "previous": _link(query, above=f"{found[0].pk}.{begin}"),
        }
    if found and end < count:
        links["next"] = _link(query, below=f"{found[-1].pk}.{end}")
        links["last"] = _link(query, page=str(pages))
    return KeysetPage(found, count, pages, begin, **links)


class _RowComparison(Func):
    """Compares several columns with several values as one row."""

    output_field = BooleanField()

    def __init__(self, columns: Sequence[str], values: Sequence[Any], operator: str) -> None:
        super().__init__(*map(F, columns), *map(Value, values))
        self.operator = operator

    def as_sql(self, compiler: SQLCompiler, _connection: Any, **_: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        """Return the SQL of the comparison."""
        parts = [compiler.compile(part) for part in self.get_source_expressions()]
        half = len(parts) // 2
        sides = [", ".join(sql for sql, _ in side) for side in (parts[:half], parts[half:])]
        return f"(({sides[0]}) {self.operator} ({sides[1]}))", [v for _, values in parts for v in values]


class _Cursor(NamedTuple):
    """A row beside which a page begins, and its number in the list when the link was made."""

    pk: int
    number: int


def _cursor(text: str) -> _Cursor | None:
    found = _CURSOR.fullmatch(text)
    return _Cursor(int(found[1]), int(found[2])) if found else None


def _near(cursor: _Cursor | None, size: int, *, is_below: bool) -> str:
    """Return the number of the page beside a row that is gone."""
    if cursor is None:
        return ""
    index = cursor.number if is_below else max(cursor.number - 2, 0)
    return str(index // size + 1)


def _number(text: str | None, pages: int) -> int:
    """Return the number of the page that is asked for: the first without a number, and the last at most."""
    if text is None or not text.isascii() or not text.isdecimal() or len(text) > 9:
        return pages if text and text.isdecimal() else 1
    return min(max(int(text), 1), pages)


def _link(query: QueryDict, **chosen: str) -> str:
    """Return the query string of another page of the same list."""
    other = query.copy()
    for name in PARAMETERS:
        other.pop(name, None)
    for name, value in chosen.items():
        other[name] = value
    return f"?{other.urlencode()}"
