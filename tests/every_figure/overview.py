"""What must stand on the overview, the public page, the first page and the badges."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import accumulate

from django.utils import timezone

from tests.every_figure import forecast
from tests.every_figure.command_line import time_of
from tests.every_figure.dom import Element, numbers
from tests.every_figure.people import smallest_steps
from tests.every_figure.phases_and_issues import issues
from tests.every_figure.roadmap import actions, roadmap
from tests.every_figure.sections import bar, broken, movement, risks
from tests.every_figure.truth import Truth, cells, name, parts, same, signed
from tests.every_figure.walker import Page


def overview(truth: Truth, page: Page) -> Iterator[str]:
    """Every section of the overview."""
    if "?" in page.address:
        return
    main = page.main
    words = main.one("div", "summary-main")
    yield from same("figure", words.one("p", "summary-figure").numbers(), truth.figure[:1])
    yield from same("headline", words.one("p", "summary-headline").numbers(), truth.figure[1:] + truth.goal)
    yield from movement(truth, words.one("p", "summary-movement").text(name))
    ahead = main.by_id("forecast")
    yield from forecast.sentence(truth, _forecast(ahead))
    told = [element.text() for element in ahead.all("span", "state") if element.text() in forecast.STANDING]
    yield from same("against the due date", told, forecast.against(truth))
    ranges = [line.numbers() for line in ahead.all("p", "answer-figure")]
    wanted_range = forecast.span(forecast.whole(truth, target=True))
    yield from same("range", ranges, [wanted_range] if wanted_range else ranges and [[]])
    scan = truth.told.scan
    skipped, unparsed = len(scan["skipped"]), len(scan["unparsed"])
    shown = [part.numbers() for part in parts(main.one("dl", "numbers"))]
    claimed = truth.counted(
        "SELECT count(*) FROM compliance_claim c JOIN compliance_file f ON f.id = c.file_id"
        " JOIN compliance_planversion v ON v.repository_id = f.repository_id"
        " WHERE v.id = %s AND c.state = 'active'"
    )
    counts = scan["compliance"]["categories"]
    elsewhere = sum(number for name, number in scan["by"]["category"].items() if name not in counts)
    counted = [f for f in truth.told.findings() if f["category"] in counts]
    wanted = [
        [
            *(scan["violations"], scan["files_with_violations"]),
            *([claimed] if claimed else []),
            *([elsewhere] if elsewhere else []),
        ],
        [scan["sites"]["new"], scan["sites"]["old"]],
        [sum(f["path"] in truth.told.waived for f in counted)],
        [scan["suppressed"]],
        [skipped + unparsed, *([unparsed, skipped] if skipped + unparsed else [])],
    ]
    yield from same("numbers", shown[:5], wanted)
    yield from forecast.paces(truth, ahead.one("dl", "numbers"))
    yield from forecast.scope(truth, ahead.one("dl", "numbers"))
    yield from roadmap(truth, main.by_id("roadmap"))
    yield from actions(truth, main.by_id("next-actions"))
    yield from smallest_steps(truth, main.by_id("next-actions").one("div", "answer-foot"))
    yield from _phases(truth, main.by_id("phases"))
    yield from issues(truth, page)
    yield from risks(truth, main.by_id("risks"), linked=True)
    yield from broken(truth, main.by_id("broken"), 3)
    yield from same("history", main.by_id("history").numbers(), [len(truth.told.line)])


def _forecast(words: Element) -> str:
    found = words.all("p", "summary-forecast")
    return found[0].text() if found else ""


def _phases(truth: Truth, section: Element) -> Iterator[str]:
    rows = section.all("li")
    keys = truth.keys("phase")
    yield from same("phases", len(rows), len(keys))
    for key, row in zip(keys, rows, strict=False):
        fixed, left, files = truth.part("phase", key)
        shown = row.one("div", "row-foot").numbers()
        wanted = [fixed, left, files] if left else [fixed, left]
        yield from same(f"phase {key}", shown, [*wanted, *forecast.days_late(truth, key)])
        yield from bar(f"phase {key}", row, fixed, fixed + left)
        yield from forecast.phase_row(truth, key, row)


def shared(truth: Truth, page: Page) -> Iterator[str]:
    """The public page."""
    main = page.main
    yield from same("figure", main.one("p", "summary-figure").numbers(), truth.figure[:1])
    headline = [*truth.figure[1:], *truth.goal]
    yield from same("headline", main.one("p", "summary-headline").numbers(), headline)
    yield from movement(truth, main.one("p", "summary-movement").text(name))
    yield from forecast.sentence(truth, _forecast(main))
    told = [state.text() for line in main.all("p", "summary-forecast") for state in line.all("span", "state")]
    yield from same("against the due date", told, forecast.against(truth))
    scan = truth.told.scan
    figures = main.one("dl", "numbers")
    wanted = [
        [scan["violations"], scan["files_with_violations"]],
        [scan["sites"]["new"], scan["sites"]["old"]],
    ]
    yield from same("numbers", [part.numbers() for part in parts(figures)[:2]], wanted)
    yield from forecast.paces(truth, figures)
    sections = {card.one("h2").text(): card for card in main.all("section") if card.all("h2")}
    phases = next(card for title, card in sections.items() if title.startswith("By phase"))
    for key, row in zip(truth.keys("phase"), phases.all("li"), strict=True):
        fixed, left, _ = truth.part("phase", key)
        yield from same(
            f"phase {key}",
            row.one("div", "row-foot").numbers(),
            [fixed, left, *forecast.days_late(truth, key)],
        )
        yield from forecast.phase_row(truth, key, row)
    for key, row in zip(truth.keys("issue"), sections["By issue"].all("li"), strict=True):
        fixed, left, files = truth.part("issue", key)
        shown = row.one("div", "row-foot").one("span").numbers()
        yield from same(f"issue {key}", shown, [fixed, left, files] if fixed + left else [])
    yield from risks(truth, sections["By risk"], linked=False)
    yield from broken(truth, sections["Recent regressions"])
    yield from _trend(truth, sections["Trend"])


def _trend(truth: Truth, section: Element) -> Iterator[str]:
    """The drawing in words, and its table: each row is a commit's; lowest and highest are the line's."""
    line = [told for told in truth.told.line if told["compliance"]["files"]]
    figures = [told["compliance"]["percent"] for told in line]
    words = section.by_id("trend-words").text()
    shown = [float(number) for number in re.findall(r"([\d.]+)%", words)]
    yield from same("trend in words", shown[1:], [figures[-1], truth.goal[-1], min(figures), max(figures)])
    moments: dict[int, list[list[float]]] = {}
    for at, told in zip(accumulate(map(time_of, line), max), line, strict=True):
        c = told["compliance"]
        moments.setdefault(int(at.timestamp()), []).append([c["percent"], c["clean"], c["files"]])
    rows = section.all("tr")[1:]
    yield from same("trend begins", shown[0], rows[-1].numbers()[0])
    for row in rows:
        at = datetime.fromisoformat(row.one("time").attributes["datetime"]).astimezone(UTC)
        if row.numbers() not in moments[int(at.timestamp())]:
            yield f"trend's table at {at}: shows {row.numbers()}"


def home(truth: Truth, page: Page) -> Iterator[str]:
    """The row of this repository among all."""
    for row in page.main.all("tr")[1:]:
        links = [link.attributes["href"] for link in row.all("a")]
        if not any(link.startswith(truth.at) for link in links):
            continue
        shown = cells(row)
        yield from same("compliance", shown["Compliance"].numbers(), truth.figure)
        goal, *rest = shown["To target"].one("span", "quiet").children[::2]
        yield from same("to the target", numbers(str(goal)), truth.goal)
        yield from forecast.sentence(truth, str(*rest).strip())
        yield from same("in a week", signed(shown["7-day change"].text()), truth.told.week(timezone.now()))
        behind = forecast.most_behind(truth)
        if behind:
            yield from same("most behind", shown["Furthest behind"].one("a").text(), behind[0])
            told = shown["Furthest behind"].one("span", "quiet").numbers()
            yield from same("most behind, numbers", told, behind[1])


def badge(truth: Truth, page: Page) -> Iterator[str]:
    """The figure on the badge, drawn or as JSON."""
    if f"{truth.figure[0]:.1f}%" not in page.body.decode():
        yield f"does not say {truth.figure[0]:.1f}%"
