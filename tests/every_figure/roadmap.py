"""What must stand on the roadmap, in its drawing and in its table, and among the actions."""

from collections.abc import Iterator
from datetime import date
from urllib.parse import urlsplit

from django.utils import timezone

from tests.every_figure import forecast
from tests.every_figure.dom import Element
from tests.every_figure.truth import Truth, days, same


def roadmap(truth: Truth, section: Element) -> Iterator[str]:
    """Every phase once, in the table with its dates, and in the drawing where its dates are on the axis."""
    phases = forecast.phases(truth)
    table = section.one("table").one("tbody").all("tr")
    yield from same("roadmap's table", len(table), len(phases))
    for (key, (start, due, closed, _)), row in zip(phases.items(), table, strict=False):
        ends = forecast.of_phase(truth, key).days if truth.part("phase", key)[1] and not closed else None
        wanted = [start, due, *(ends or ()), timezone.localtime(closed).date() if closed else None]
        told = [day[:10] for day in days(row)]
        yield from same(
            f"{key}, table", told[: len([w for w in wanted if w])], [w.isoformat() for w in wanted if w]
        )
    rows = {
        row.one("a").attributes["href"].rstrip("/").rpartition("/")[2]: row
        for row in section.all("li", "roadmap-row")
    }
    yield from same("roadmap's bars", set(rows), set(phases))
    yield from _scale(truth, rows)


def _scale(truth: Truth, rows: dict[str, Element]) -> Iterator[str]:
    """Due dates lie on one line over time: the same distance for each day."""
    places: list[tuple[date, float]] = []
    for key, (_, due, _, _) in forecast.phases(truth).items():
        found = [m for m in rows[key].all("svg", "roadmap-mark") if m.all("path", "roadmap-due")]
        yield from same(f"{key}, due mark", len(found), int(due is not None))
        places += [(due, float(mark.attributes["x"].rstrip("%"))) for mark in found if due]
    (first, low), (last, high) = min(places), max(places)
    for day, x in places:
        wanted = low + (high - low) * ((day - first) / (last - first) if last > first else 0)
        if abs(x - wanted) > 0.02:
            yield f"due date {day} is drawn at {x}%, but belongs to {wanted:.2f}%"


def actions(truth: Truth, section: Element) -> Iterator[str]:
    """The number of files in each action is that of the list to which it leads."""
    for link in section.all("a"):
        address, told = urlsplit(link.attributes["href"]), link.numbers()
        if address.path.endswith("/files/") and told:
            listed = truth.walk.get(link.attributes["href"].replace("/files/?", "/files.csv?")).rows()
            yield from same(link.text(), told[0], len(listed))
