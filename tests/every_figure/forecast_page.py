"""What must stand on the forecast page: dates, what-if, burn-up and past weeks."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from typing import Any

from django.utils import timezone

from tests.every_figure import forecast
from tests.every_figure.command_line import time_of
from tests.every_figure.dom import Element
from tests.every_figure.forecast import Ahead, last_due, pace
from tests.every_figure.truth import Truth, cells, days, same
from tests.every_figure.walker import Page

LEVELS = (50, 80, 95)


def page(truth: Truth, page: Page) -> Iterator[str]:
    """The sections of the page, and what the API computes for each kind of what-if."""
    key = page.query.get("phase", "")
    yield from _dates(truth, page.main.by_id("dates"))
    yield from _weeks(truth, page.main.by_id("weeks"), key)
    if "people" in page.query:
        yield from _compared(truth, page.main.by_id("what-if"), float(page.query["people"]))
    elif not key:
        yield from _what_if(truth)


def goals(truth: Truth) -> dict[str, tuple[Ahead, date | None]]:
    """The whole (with an empty key) and the open phases, with their due dates."""
    phases = forecast.phases(truth)
    found = {
        key: (forecast.of_phase(truth, key), due) for key, (_, due, closed, _) in phases.items() if not closed
    }
    return {"": (forecast.whole(truth, target=True), last_due(truth)), **found}


def _dates(truth: Truth, section: Element) -> Iterator[str]:
    wanted = goals(truth)
    rows = section.one("tbody").all("tr")
    yield from same("goals", len(rows), len(wanted))
    yield from forecast.sentence(truth, section.one("p", "summary-forecast").text())
    for (key, (found, due)), row in zip(wanted.items(), rows, strict=False):
        shown = cells(row)
        yield from same(f"{key}, left", shown["Left"].numbers(), [found.left])
        needed = found.needed(due)
        kept = [pace(found.pace)] if found.pace is not None else ["\N{EN DASH}"]
        told = shown["Pace per week"].text().split(" ")
        yield from same(f"{key}, pace", told[:1], kept)
        if needed:
            yield from same(f"{key}, needed", told[2:3], [pace(needed)])
        yield from _ranges(key, shown, found)
        yield from same(f"{key}, due", days(shown["Due date"]), [due.isoformat()] if due else [])
        yield from same(f"{key}, chance", shown["Chance"].numbers(), found.chance(due))


def _ranges(what: str, shown: dict[str, Element], found: Ahead) -> Iterator[str]:
    """The three ranges of a row, or the reason why there is none."""
    if not found.days:
        yield from same(f"{what}, no ranges", "50%" in shown, False)
        return
    for level in LEVELS:
        told = shown[f"{level}%"].numbers()
        yield from same(f"{what}, range of {level}%", told, forecast.span(found, level))


def _weeks(truth: Truth, section: Element, key: str) -> Iterator[str]:
    """Each week that was computed afterwards, from the commits up to its first day."""
    zone = timezone.get_default_timezone()
    wanted = past(truth, key)
    tables = section.all("tbody")
    rows = tables[0].all("tr") if tables else []
    covered = [week for row in rows for week in wanted if _covers(row, week)]
    yield from same("weeks", covered, list(wanted)[: len(covered) if len(rows) == 26 else None])
    for row in rows:
        shown = cells(row)
        if "*" not in row.all("td")[0].text():
            continue
        for week in (week for week in wanted if _covers(row, week)):
            yield from same(f"{week}, left", shown["Left then"].numbers(), [wanted[week].left])
            yield from _ranges(str(week), shown, wanted[week])
            reached = came(truth, key, datetime.combine(week, time(), zone))
            told = shown["Outcome"].text()
            yield from same(
                f"{week}, reached",
                f"reached on {reached:%-d %b %Y}" in told if reached else "not reached" in told,
                True,
            )


def _covers(row: Element, week: date) -> bool:
    """Whether a row is that of a week, or of several weeks with the same forecast, of which it is one."""
    told = days(row.all("td")[0])
    return told[0] <= week.isoformat() <= told[-1]


def past(truth: Truth, key: str) -> dict[date, Ahead]:
    """The forecast at the beginning of each week in which the goal wasn't reached, newest first."""
    zone = timezone.get_default_timezone()
    first = time_of(truth.told.line[0]).astimezone(zone).date()
    week = timezone.localdate(timezone=zone)
    week -= timedelta(days=week.weekday())
    found = {}
    while week > first:
        ahead = _at(truth, key, datetime.combine(week, time(), zone))
        if ahead.state != "reached":
            found[week] = ahead
        week -= timedelta(weeks=1)
    return found


def _at(truth: Truth, key: str, moment: datetime) -> Ahead:
    if key:
        return forecast.estimate(truth, lambda row: row["by"]["phase"].get(key, 0), 0, moment)
    times = list(accumulate(map(time_of, truth.told.line), max))
    now = next(row for row, at in reversed([*zip(truth.told.line, times, strict=True)]) if at < moment)
    c = now["compliance"]
    goal = c["files"] - needed(truth, c["files"])
    return forecast.estimate(
        truth, lambda row: row["compliance"]["files"] - row["compliance"]["clean"], goal, moment
    )


def needed(truth: Truth, files: int, target: float | None = None) -> int:
    """How many of these files must be clean for the target to show."""
    goal = truth.goal[-1] if target is None else target
    return next(clean for clean in range(files + 1) if 1000 * clean // files >= round(10 * goal))


def came(truth: Truth, key: str, moment: datetime) -> date | None:
    """The day of the first commit from this moment on at which the goal was reached."""
    times = accumulate(map(time_of, truth.told.line), max)
    for row, at in zip(truth.told.line, times, strict=True):
        c = row["compliance"]
        left = row["by"]["phase"].get(key, 0) if key else needed(truth, c["files"]) - c["clean"]
        if at >= moment and left <= 0:
            return at.astimezone(timezone.get_default_timezone()).date()
    return None


def faster(found: Ahead, factor: float) -> Ahead:
    """The forecast of so many times as many people, who only make progress faster."""
    return replace(found, pace=found.pace * factor) if found.pace and found.pace > 0 else found


def _compared(truth: Truth, section: Element, people: float) -> Iterator[str]:
    """The rows of now and what if, in pairs."""
    wanted = goals(truth)
    rows = [row for table in section.all("tbody") for row in table.all("tr")]
    differ = {key: pair for key, pair in wanted.items() if not key or faster(pair[0], people) != pair[0]}
    yield from same("compared", len(rows), 2 * len(differ))
    for place, (key, (found, due)) in enumerate(differ.items()):
        for name, ahead, row in zip(
            ("now", "then"), (found, faster(found, people)), rows[2 * place :], strict=False
        ):
            shown = cells(row)
            yield from _ranges(f"{key} {name}", shown, ahead)
            yield from same(f"{key} {name}, left", shown["Left"].numbers(), [found.left])
            yield from same(f"{key} {name}, chance", shown["Chance"].numbers(), ahead.chance(due))


def _what_if(truth: Truth) -> Iterator[str]:
    """The API under each assumption: what is left, and the range of 80%."""
    wanted = goals(truth)
    whole = wanted[""][0]
    _, clean, files = truth.figure
    for query, ahead in (
        ("pace=40", replace(whole, pace=40.0, state="under way", is_assumed=True)),
        ("people=3", faster(whole, 3)),
        ("target=100", replace(whole, left=files - clean)),
    ):
        yield from _side(query, _ask(truth, query)["whole"]["after"], ahead)
    for key in wanted:
        if key:
            yield from _without(truth, key, _ask(truth, f"without={key}"))
    yield from _under_draft(truth)


def _ask(truth: Truth, query: str) -> Any:
    answer = truth.client.get(f"/api/v1{truth.at}forecast/what-if?{query}")
    assert answer.status_code == 200, (query, answer.content)
    return answer.json()


def _side(what: str, told: dict[str, Any], ahead: Ahead) -> Iterator[str]:
    shown = {row["level"]: [row["earliest"], row["latest"]] for row in told["ranges"]}
    ends = {level: [day.isoformat() for day in ahead.range(level) or ()] for level in LEVELS}
    yield from same(f"what if {what}, left", told["left"], ahead.left)
    yield from same(f"what if {what}, ranges", shown, {level: pair for level, pair in ends.items() if pair})


def _without(truth: Truth, key: str, told: Any) -> Iterator[str]:
    """Without a phase, its violations are gone from the files and from the other phases."""
    counted = set(truth.told.scan["compliance"]["categories"])
    findings = truth.told.findings()
    left = Counter(f["path"] for f in findings if f["category"] in counted and key not in f["phases"])
    before = {f["path"] for f in findings if f["category"] in counted}
    cleaned = len(before - left.keys() - {row["path"] for row in truth.told.scan["unparsed"]})
    missing = max(0, (truth.goal[0] if truth.goal[1:] else 0) - cleaned)
    yield from same(f"without {key}, files", told["whole"]["after"]["left"], missing)
    for row in told["phases"]:
        count = sum(row["phase"] in f["phases"] and key not in f["phases"] for f in findings)
        shown = row["after"] and row["after"]["left"]
        yield from same(f"without {key}, {row['phase']}", shown, None if row["phase"] == key else count)


def _under_draft(truth: Truth) -> Iterator[str]:
    """Under the draft, what its own scan says is left."""
    if truth.edited is None:
        return
    draft = truth.repository.drafts.get().pk
    told = _ask(truth, f"draft={draft}")
    c = truth.edited["compliance"]
    missing = max(0, needed(truth, c["files"], c["target"]) - c["clean"])
    yield from same("under the draft, files", told["whole"]["after"]["left"], missing)
    for row in told["phases"]:
        if row["after"]:
            left = truth.edited["by"]["phase"].get(row["phase"], 0)
            yield from same(f"under the draft, {row['phase']}", row["after"]["left"], left)


def burnup(truth: Truth, page: Page, data: dict[str, Any]) -> Iterator[str]:
    """What is done and the scope at each commit from the baseline on."""
    key = page.query.get("phase", "")
    for _, done, scope, sha in data["points"]:
        row = truth.told.line[truth.told.at(sha)]
        c = row["compliance"]
        if key:
            yield from same(f"{sha}, left", scope - done, row["by"]["phase"].get(key, 0))
        else:
            yield from same(sha, [done, scope], [c["clean"], needed(truth, c["files"])])
    if key:
        fixed, left, _ = truth.part("phase", key)
        yield from same("done and scope", data["points"][-1][1:3], [fixed, fixed + left])
    baseline = truth.counted(
        "SELECT c.position FROM compliance_baseline b"
        " JOIN compliance_commit c ON c.id = b.commit_id WHERE b.plan_id = %s"
    )
    yield from same("points", len(data["points"]), len(truth.told.line) - baseline + 1)
    if data["ideal"]:
        begin, end = data["ideal"]["points"]
        yield from same("the ideal line's beginning", begin, data["points"][0][:2])
        if data["due"]:
            yield from same("the ideal line's end", end, [data["due"]["at"], data["points"][-1][2]])
    found = forecast.of_phase(truth, key) if key else forecast.whole(truth, target=True)
    closed = key and forecast.phases(truth)[key][2]
    yield from same("band", data["forecast"] is not None, bool(found.days) and not closed)
    for at, low, high in data["forecast"]["points"] if data["forecast"] else ():
        weeks = (at - found.as_of.timestamp()) / timedelta(days=7).total_seconds()
        left_then = [max(0.0, found.left * (1 - weeks / found.weeks(each))) for each in (0.9, 0.1)]
        wanted = [data["points"][-1][2] - each for each in left_then]
        if any(abs(a - b) > 0.11 for a, b in zip((low, high), wanted, strict=True)):
            yield f"band at {at}: shows {[low, high]}, but it is {wanted}"
