"""The violations in one file, in four paginated lists: open, waived, suppressed and fixed."""

from dataclasses import dataclass
from typing import NamedTuple

from django.core.paginator import Page, Paginator
from django.db.models import F
from django.http import QueryDict

from compliance.models import File, Repository, Violation

PAGE = 20
TITLES = {
    "standing": "Open",
    "waived": "Waived",
    "suppressed": "Suppressed",
    "resolved": "Fixed",
}


class ViolationRow(NamedTuple):
    """The columns of a violation that the source listing needs, and those that determine its list."""

    pk: int
    line: int
    end_line: int
    rule: str
    role: str
    risk: str
    message: str
    suppressed: bool
    waiver_id: int | None
    last: int | None

    @property
    def label(self) -> str:
        """Return the role and the message, and whether the violation is suppressed or waived."""
        state = ", suppressed" if self.suppressed else ", waived" if self.waiver_id else ""
        return f"{self.role}{state}: {self.message}" if self.message else f"{self.role}{state}"

    @property
    def section(self) -> str:
        """Return the list to which the violation belongs, a key of TITLES."""
        if self.last is not None:
            return "resolved"
        if self.suppressed:
            return "suppressed"
        return "waived" if self.waiver_id else "standing"


@dataclass(slots=True)
class Section:
    """One page of a list, with the query strings of the previous and next pages, which are empty if there is
    no such page.
    """

    name: str
    page: Page[ViolationRow]
    rows: list[Violation]
    previous: str = ""
    next: str = ""

    @property
    def title(self) -> str:
        """Return the heading."""
        return TITLES[self.name]

    @property
    def is_open(self) -> bool:
        """Return true for the list of violations that somebody has to fix."""
        return self.name == "standing"


def list_violations(repository: Repository, file: File) -> list[ViolationRow]:
    """Return all current and past violations in the file under the active plan, in one query.

    Current violations come first, sorted by line, then fixed ones, latest first. A suppressed violation is
    listed once, as suppressed.
    """
    rows = Violation.objects.filter(plan=repository.plan_id, file=file, silenced=False)
    rows = rows.order_by(F("last").desc(nulls_first=True), "line", "pk")
    return [ViolationRow(*row) for row in rows.values_list(*ViolationRow._fields)]


def list_sections(found: list[ViolationRow], query: QueryDict) -> list[Section]:
    """Return the first list and all other non-empty lists, each at the page that the query selects, in one
    query.

    A page is selected by the list's name, or by `violation`, the key of a violation on that page.
    """
    lists: dict[str, list[ViolationRow]] = {name: [] for name in TITLES}
    for place in found:
        lists[place.section].append(place)
    made = [
        Section(name, _page(name, rows, query), [])
        for name, rows in lists.items()
        if rows or name == "standing"
    ]
    keys = [place.pk for section in made for place in section.page]
    told = Violation.objects.select_related("introduced", "resolved", "waiver").in_bulk(keys)
    for section in made:
        section.rows = [told[place.pk] for place in section.page if place.pk in told]
        if section.page.has_previous():
            section.previous = page_query(query, **{section.name: section.page.previous_page_number()})
        if section.page.has_next():
            section.next = page_query(query, **{section.name: section.page.next_page_number()})
    return made


def _page(name: str, rows: list[ViolationRow], query: QueryDict) -> Page[ViolationRow]:
    wish = query.get("violation", "")
    index = next((index for index, place in enumerate(rows) if str(place.pk) == wish), None)
    paginator = Paginator(rows, PAGE)
    return paginator.get_page(query.get(name) if index is None else index // PAGE + 1)


def page_query(query: QueryDict, **wish: int) -> str:
    """Return the query string without `violation` and `line`, with the given page numbers."""
    kept = query.copy()
    for name in ("violation", "line"):
        kept.pop(name, None)
    for name, number in wish.items():
        kept[name] = str(number)
    return kept.urlencode()
