"""The forecast as docs/forecast.md says it, computed by scipy from the command line's history."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Any

from django.utils import timezone
from scipy.stats import weibull_min

from tests.every_figure.command_line import time_of
from tests.every_figure.dom import Element, numbers
from tests.every_figure.truth import Truth, days, parts, same

WEEK = timedelta(days=7)
WINDOW = timedelta(days=273)
_MONTH = re.compile(r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b")
STANDING = ("late", "at risk", "on time")
_BEHIND = ("late", "at risk", "under way", "on time", "not started")
_WORDS = {
    "reached": "",
    "too little history": "the recorded history is shorter than 14 days",
    "no progress": "no less is left today than",
    "going backwards": "more is left today than",
    "under way": "expected",
}


@dataclass(frozen=True)
class Ahead:
    """What is left of a goal, and when it comes."""

    state: str
    left: float
    as_of: datetime
    pace: float | None = None
    since: datetime | None = None
    latest: datetime | None = None  # the newest commit, if nothing was committed in the window
    is_assumed: bool = False  # the pace was entered, and is assumed to hold

    def weeks(self, probability: float) -> float:
        """Weeks within which the goal is reached with this probability."""
        return float(self._spread.ppf(probability))

    @property
    def _spread(self) -> Any:
        assert self.pace is not None
        if self.is_assumed:
            return weibull_min(1.363, scale=self.left / self.pace / weibull_min(1.363).median())
        return weibull_min(1.363, scale=7.732 / (self.pace / self.left + 1 / 20))

    @property
    def days(self) -> tuple[date, date] | None:
        """The earliest and the latest day."""
        return self.range(80)

    def range(self, level: int) -> tuple[date, date] | None:
        """The earliest and the latest day of another range."""
        if self.state != "under way":
            return None
        low = (1 - level / 100) / 2
        ends = (self.as_of + self.weeks(probability) * WEEK for probability in (low, 1 - low))
        return next(ends).date(), next(ends).date()

    def chance(self, due: date | None) -> list[int]:
        """The chance of a due date to come, in percent as pages write it; nothing where nothing is said."""
        if due is None or not self.days or due < self.as_of.date():
            return []
        end = datetime.combine(due + timedelta(days=1), datetime.min.time(), self.as_of.tzinfo)
        return [min(99, max(1, round(100 * float(self._spread.cdf((end - self.as_of) / WEEK)))))]

    def needed(self, due: date | None) -> float | None:
        """Units a week that would hold the due date."""
        if due is None:
            return None
        until = (due - self.as_of.date()).days
        return 0.0 if self.state == "reached" else 7 * self.left / until if until > 0 else None


def as_of(truth: Truth) -> datetime:
    """Now, or the newest commit's time if that is later."""
    return timezone.localtime(max(timezone.now(), time_of(truth.told.line[-1])))


def estimate(
    truth: Truth, measure: Callable[[dict[str, Any]], float], goal: float, at: datetime | None = None
) -> Ahead:
    """When the measure of a commit falls to the goal: by what is gone since 39 weeks ago."""
    moment, line = at or as_of(truth), truth.told.line
    times = list(accumulate(map(time_of, line), max))
    line = line[: bisect_left(times, moment)] if at else line
    before = bisect_right(times, moment - WINDOW)
    since = moment - WINDOW if before else timezone.localtime(times[0])
    left = max(0.0, measure(line[-1]) - goal)
    weeks = (moment - since) / WEEK
    if not left or weeks < 2:
        return Ahead("too little history" if left else "reached", left, moment)
    pace = (measure(line[max(0, before - 1)]) - measure(line[-1])) / weeks
    state = "under way" if pace > 0 else "going backwards" if pace else "no progress"
    newest = timezone.localtime(times[-1])
    rests = newest if at is None and newest <= moment - WINDOW else None
    return Ahead(state, left, moment, pace, since, rests)


def reason(found: Ahead) -> tuple[Any, ...] | None:
    """Return what distinguishes the reason for no date from others; None if there is a date."""
    if found.days or found.state == "reached":
        return None
    return (found.latest,) if found.latest else (found.state, found.since and found.since.date())


def whole(truth: Truth, *, target: bool) -> Ahead:
    """The forecast of the target, or of the last file."""
    _, clean, files = truth.figure
    missing = truth.goal[0] if target and truth.goal[1:] else 0 if target else files - clean
    goal = files - clean - missing
    return estimate(truth, lambda row: row["compliance"]["files"] - row["compliance"]["clean"], goal)


def of_phase(truth: Truth, key: str) -> Ahead:
    """The forecast of a phase's last violation."""
    return estimate(truth, lambda row: row["by"]["phase"].get(key, 0), 0)


def last_due(truth: Truth) -> date | None:
    """The due date of the whole: that of its last phase that is not closed."""
    due = [due for _, due, closed, _ in phases(truth).values() if due and not closed]
    return max(due, default=None)


def phases(truth: Truth) -> dict[str, tuple[date | None, date | None, datetime | None, str]]:
    """Start, due, closing moment and title of each phase of the plan, in its order."""
    rows = truth.sql(
        "SELECT p.key, p.start, p.due, p.closed_at, p.title FROM compliance_phase p"
        " JOIN compliance_issue i ON i.id = p.issue_id"
        " JOIN compliance_planversion v ON v.repository_id = i.repository_id"
        ' WHERE v.id = %s AND p.in_plan AND i.in_plan ORDER BY i."order", p."order"'
    )
    return {row[0]: row[1:] for row in rows}


def state(truth: Truth, key: str) -> str:
    """Return the state of a phase as docs/forecast.md defines it."""
    start, due, closed, _ = phases(truth)[key]
    fixed, left, _ = truth.part("phase", key)
    found = of_phase(truth, key)
    today = found.as_of.date()
    if closed or not left:
        return "done" if closed else "nothing left"
    if due and due < today:
        return "late"
    if not fixed or (start and start > today):
        return "not started"
    if due is None or found.state == "too little history":
        return "under way"
    if not found.days:
        return "late" if due == today else "at risk"
    earliest, latest = found.days
    return "late" if earliest > due else "on time" if latest <= due else "at risk"


def span(found: Ahead, level: int = 80) -> list[float]:
    """Return the numbers in a range of dates as pages write it, where shared parts are written once."""
    ends = found.range(level)
    if not ends:
        return []
    one, two = ends
    if one == two:
        return [two.day, two.year]
    return [one.day, *([] if one.year == two.year else [one.year]), two.day, two.year]


def told(found: Ahead, due: date | None = None) -> list[float]:
    """Return the numbers of a range with its chance, or those of the reason why there is none."""
    if found.days:
        return [*span(found), *found.chance(due)]
    if found.state == "too little history":
        return [14]
    if found.latest:
        return [found.latest.day, found.latest.year]
    weeks = round((found.as_of - found.since) / WEEK) if found.since else 0
    return [weeks, found.since.day, found.since.year] if found.since else []


def ends(found: Ahead) -> list[str | None]:
    """The range of days as programs write it; twice nothing without one."""
    return [day.isoformat() for day in found.days] if found.days else [None, None]


def months(found: Ahead) -> list[str]:
    """The months of a range, or of the reason why there is none, as pages write them."""
    if not found.days:
        named = found.latest or found.since
        return [f"{named:%b}"] if named else []
    one, two = (f"{day:%b}" for day in found.days)
    return [two] if one == two and found.days[0].year == found.days[1].year else [one, two]


def pace(value: float | None) -> str:
    """A pace as pages write it, with the minus of a figure that goes backwards."""
    if value is None:
        return "n/a"
    figure = f"{abs(value):,.1f}" if abs(value) < 10 else f"{abs(value):,.0f}"
    return f"\N{MINUS SIGN}{figure}" if value < 0 and figure.strip("0.") else figure


def sentence(truth: Truth, text: str) -> Iterator[str]:
    """The one sentence: its state, its dates, and how they lie to the due date."""
    found, due = whole(truth, target=True), last_due(truth)
    if found.state == "reached":
        yield from same("forecast", text, "")
        return
    words = "nothing has been committed since" if found.latest else _WORDS[found.state]
    if words not in text:
        yield f"forecast: says “{text}”, but it is {found.state}"
    newest = timezone.localtime(time_of(truth.told.line[-1]))
    rests = [newest.date()] if found.as_of - newest > timedelta(days=90) and not found.latest else []
    numbered = [*span(found), 80] if found.days else told(found)
    over = (found.as_of.date() - due).days if due else 0
    if due and over > 0:
        numbered += [due.day, due.year, over]
    elif due and found.days:
        numbered += [*found.chance(due), due.day, due.year]
    numbered += [part for day in rests for part in (day.day, day.year)]
    yield from same("forecast's numbers", numbers(text), numbered)
    dated = [due] if due and (over > 0 or found.days) else []
    named = [*months(found), *(f"{day:%b}" for day in [*dated, *rests])]
    yield from same("forecast's months", _MONTH.findall(text), named)


def against(truth: Truth) -> list[str]:
    """How the target stands to the plan's last due date, in one word of STANDING; none where nothing says."""
    found, due = whole(truth, target=True), last_due(truth)
    if due is None or found.state == "reached":
        return []
    if due < found.as_of.date():
        return ["late"]
    if found.state == "too little history":
        return []
    if not found.days:
        return ["late" if due == found.as_of.date() else "at risk"]
    earliest, latest = found.days
    return ["late" if earliest > due else "on time" if latest <= due else "at risk"]


def paces(truth: Truth, section: Element) -> Iterator[str]:
    """Check the current pace and the required pace."""
    by_name = {part.one("dt").text(): part for part in parts(section)}
    target, due = whole(truth, target=True), last_due(truth)
    files = truth.figure[2]
    kept, needed = by_name["Current pace"], by_name["Required pace"]
    yield from same("pace kept", kept.all("dd")[0].text(), pace(target.pace))
    if target.pace is not None:
        note = kept.one("dd", "numbers-note").text()
        yield from same("points kept", f"{pace(100 * target.pace / files)} points" in note, True)
    yield from same("pace needed", needed.all("dd")[0].text(), pace(target.needed(due)))
    if due:
        yield from same("due", days(needed), [due.isoformat()])
    if due and (wanted := target.needed(due)) is not None:
        note = needed.one("dd", "numbers-note").text()
        yield from same("points needed", f"{pace(100 * wanted / files)} points" in note, True)


def scope(truth: Truth, section: Element) -> Iterator[str]:
    """Check the number of files left, and the files added and deleted."""
    by_name = {part.one("dt").text(): part for part in parts(section)}
    zero = whole(truth, target=False)
    _, clean, files = truth.figure
    last = by_name["Files left to 100%"]
    yield from same("files to zero", last.one("a").numbers(), [files - clean])
    ahead = last.one("dd", "numbers-note").numbers()
    is_said = reason(zero) is not None and reason(zero) == reason(whole(truth, target=True))
    wanted = [*span(zero), 80] if zero.days else [] if is_said else told(zero)
    yield from same("the last file", ahead, wanted)
    begin = zero.as_of - timedelta(days=56)
    added, gone = truth.sql(
        "SELECT coalesce(sum(files_added), 0), coalesce(sum(files_gone), 0) FROM compliance_snapshot s"
        " JOIN compliance_commit c ON c.id = s.commit_id"
        " WHERE s.plan_id = %s AND c.position > 1 AND c.committed_at >= %s",
        begin,
    )[0]
    shown = by_name["Files added and removed"].one("a").text()
    yield from same("scope", shown, f"+{added:,} \N{MINUS SIGN}{gone:,}")


def days_late(truth: Truth, key: str) -> list[int]:
    """How many days after its due date a phase was closed, if it was late."""
    _, due, closed, _ = phases(truth)[key]
    days = (timezone.localtime(closed).date() - due).days if closed and due else 0
    return [days] if days > 0 else []


def phase_row(truth: Truth, key: str, row: Element) -> Iterator[str]:
    """A phase's state and dates, and on the overview its paces."""
    start, due, _, _ = phases(truth)[key]
    shown = [element.text() for element in row.all("span", "state")]
    yield from same(f"phase {key}, state", shown, [state(truth, key)])
    foot = row.all("div", "row-foot")
    wanted = [day.isoformat() for day in ([due] if due else [start] if start else [])]
    yield from same(f"phase {key}, date", days(foot[0]), wanted)
    if foot[1:]:
        found = of_phase(truth, key)
        words = foot[1].text()
        yield from same(
            f"phase {key}, pace",
            f"pace {pace(found.pace)} per week" in words,
            True,
        )
        if wanted_pace := found.needed(due):
            yield from same(f"phase {key}, needed", f"{pace(wanted_pace)} required" in words, True)
        is_said = reason(found) is not None and reason(found) == reason(whole(truth, target=True))
        shown_range = foot[1].all("span")[1]
        yield from same(f"phase {key}, range", shown_range.numbers(), [] if is_said else told(found, due))
        yield from same(f"phase {key}, months", _MONTH.findall(words), [] if is_said else months(found))


def most_behind(truth: Truth) -> tuple[str, list[float]] | None:
    """Title of the phase most behind, and the numbers that the first page says of it."""
    found = []
    for key, (_, due, closed, title) in phases(truth).items():
        _, left, _ = truth.part("phase", key)
        if left and not closed:
            until = (due - as_of(truth).date()).days if due else None
            stands = state(truth, key)
            rank = (_BEHIND.index(stands), until is None, until or 0, -left)
            shown = [*([abs(until)] if until else []), *of_phase(truth, key).chance(due)]
            found.append((rank, title, [*shown, *span(of_phase(truth, key)), left]))
    return min(found)[1:] if found else None


def drawn(truth: Truth, measure: str, data: dict[str, Any] | None) -> Iterator[str]:
    """The band beyond the trend's end, point by point."""
    found = whole(truth, target=True)
    if data is None or not found.days:
        yield from same("band", data is None, not found.days)
        return
    _, clean, files = truth.figure
    yield from same("band's words", numbers(data["words"]), [*span(found), 80])
    for at, low, high in data["points"]:
        weeks = (at - found.as_of.timestamp()) / WEEK.total_seconds()
        left = [max(0.0, found.left * (1 - weeks / found.weeks(each))) for each in (0.1, 0.9)]
        beyond = files - clean - found.left
        wanted = [beyond + left[0], beyond + left[1]]
        if measure == "percent":
            wanted = [100 * (files - value) / files for value in reversed(wanted)]
        if any(abs(a - b) > 0.11 for a, b in zip((low, high), wanted, strict=True)):
            yield f"band at {at}: shows {[low, high]}, but it is {wanted}"
