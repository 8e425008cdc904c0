"""What must stand on the pages of phases and issues."""

from collections.abc import Iterator

from tests.every_figure import forecast
from tests.every_figure.roadmap import roadmap
from tests.every_figure.truth import Truth, cells, days, parts, same
from tests.every_figure.walker import Page


def phases(truth: Truth, page: Page) -> Iterator[str]:
    """The list of phases."""
    rows = [row for table in page.main.all("table", "phases") for row in table.one("tbody").all("tr")]
    keys = truth.keys("phase")
    yield from same("phases", len(rows), len(keys))
    yield from roadmap(truth, page.main.by_id("roadmap"))
    for key, row in zip(keys, rows, strict=False):
        fixed, left, files = truth.part("phase", key)
        shown = cells(row)
        told = shown["Violations fixed"].numbers()
        yield from same(f"{key}, fixed", told, [fixed, fixed + left] if fixed + left else [])
        yield from same(f"{key}, left", shown["Left"].numbers(), [left, files] if left else [left])
        marks = [m.attributes["title"] for m in shown["Criteria"].all("span", "mark-state")]
        holding = sum(mark.endswith(": met") for mark in marks)
        yield from same(f"{key}, criteria", shown["Criteria"].numbers(), [holding, len(marks)])
        yield from same(f"{key}, state", shown["State"].text(), forecast.state(truth, key))
        start, due, closed, _ = forecast.phases(truth)[key]
        found = forecast.of_phase(truth, key)
        told = forecast.told(found, due) if left and not closed and found.days else []
        yield from same(f"{key}, dates", shown["Dates"].numbers(), [*forecast.days_late(truth, key), *told])
        moments = [closed.date()] if closed else []
        moments += [due] if due else [start] if start else []
        told_days = [day[:10] for day in days(shown["Dates"])]
        yield from same(f"{key}, days", told_days, [day.isoformat() for day in moments])


def phase(truth: Truth, page: Page) -> Iterator[str]:
    """One phase."""
    key = page.match.kwargs["key"]
    fixed, left, files = truth.part("phase", key)
    shown = parts(page.main.one("dl", "numbers"))
    yield from same("left", shown[0].numbers(), [left, files] if left else [left])
    yield from same("fixed", shown[1].numbers(), [fixed, fixed + left])
    states = [cell.text() for cell in page.main.all("td") if cell.attributes.get("data-label") == "Result"]
    yield from same("criteria", shown[2].one("a").numbers(), [states.count("met"), len(states)])
    due, found = forecast.phases(truth)[key][1], forecast.of_phase(truth, key)
    told = forecast.told(found, due) if left and found.days else []
    yield from same("range", shown[3].numbers(), told)
    yield from same("due", days(shown[3])[:1] if due else [], [due.isoformat()] if due else [])
    yield from same("state", page.main.one("div", "head-end").text(), forecast.state(truth, key))
    yield from _evidence(truth, page)
    yield from _taken(page, files)


def _evidence(truth: Truth, page: Page) -> Iterator[str]:
    """What the criteria say of the figure, of violations and of measurements."""
    newest = dict(
        truth.sql(
            "SELECT DISTINCT ON (m.name) m.name, m.value FROM compliance_measurement m"
            " JOIN compliance_planversion v ON v.repository_id = m.repository_id"
            " JOIN compliance_commit c ON c.id = m.commit_id"
            " WHERE v.id = %s AND c.position IS NOT NULL ORDER BY m.name, c.position DESC, m.id DESC"
        )
    )
    left = truth.told.of("phase", page.match.kwargs["key"])[0]
    for row in page.main.by_id("criteria").all("tr")[1:]:
        asks, said = row.one("td", "stacks-head").text(), cells(row)["Evidence"].numbers()
        if asks.startswith("Compliance of"):
            yield from same(asks, said[: len(truth.figure)], truth.figure)
        elif "violation" in asks.lower():
            yield from same(asks, said[:1], [left])
        for name, value in newest.items():
            if asks.endswith(f" measured as {name}") and said:
                yield from same(asks, said[0], float(value))


def _taken(page: Page, files: int) -> Iterator[str]:
    counts = [
        card.one("span", "badge-count").numbers()
        for card in page.main.all("section")
        if card.all("h2") and card.one("h2").text().startswith("Files with violations left")
    ]
    yield from same("files left", counts, [[files]])


def issues(truth: Truth, page: Page) -> Iterator[str]:
    """The table of issues, on the overview and alone."""
    rows = page.main.by_id("issues").all("tr")[1:]
    keys = truth.keys("issue")
    yield from same("issues", len(rows), len(keys))
    for key, row in zip(keys, rows, strict=False):
        fixed, left, files = truth.part("issue", key)
        shown = cells(row)
        told = shown["Violations fixed"].numbers()
        yield from same(f"issue {key}, fixed", told, [fixed, fixed + left] if fixed + left else [])
        yield from same(f"issue {key}, left", shown["Left"].numbers(), [left, files])
        found = truth.repository.issues.get(key=key, in_plan=True)
        done, all_ = found.steps.filter(done_by__isnull=False).count(), found.steps.count()
        if all_:
            yield from same(f"issue {key}, steps", shown["Steps"].numbers()[:2], [done, all_])
        if found.checklist:
            ticked = [sum(task["done"] for task in found.checklist), len(found.checklist)]
            yield from same(f"issue {key}, tasks", shown["Task list"].numbers(), ticked)


def issue(truth: Truth, page: Page) -> Iterator[str]:
    """One issue."""
    fixed, left, files = truth.part("issue", page.match.kwargs["key"])
    shown = parts(page.main.one("dl", "numbers"))
    yield from same("left", shown[0].numbers(), [left, files] if left else [left])
    yield from same("fixed", shown[1].numbers(), [fixed, fixed + left])
    found = truth.repository.issues.get(key=page.match.kwargs["key"], in_plan=True)
    done, all_ = found.steps.filter(done_by__isnull=False).count(), found.steps.count()
    cards = {card.one("h2").text(): card for card in page.main.all("section") if card.all("h2")}
    steps = [card for title, card in cards.items() if title.startswith("Steps")]
    if steps:
        yield from same("steps", steps[0].one("span", "badge-count").numbers(), [done, all_])
        yield from same("steps done", len(steps[0].all("li", "check-done")), done)
    yield from _taken(page, files)
