"""Words forecasts as sentences that claim no more than is known."""

from datetime import date, datetime

from django.utils import timezone

from compliance.lib.dates import span, written
from compliance.lib.wording import count_of, format_pace
from compliance.progress.forecast.completion import DAY, LEAST, WEEK
from compliance.progress.forecast.outlook import SHOWN, Forecast, State

DECADE = 3652.5 * DAY


def when(outlook: Forecast) -> str:
    """Describe when the goal will be reached, or why no date can be given, without a full stop."""
    if outlook.earliest and outlook.latest:
        return f"{span(outlook.earliest, outlook.latest)} ({SHOWN}% range)"
    return "reached" if outlook.state is State.REACHED else reason(outlook)


def reason(outlook: Forecast) -> str:
    """Return why no date can be given, or an empty string if there is one or the goal has been reached."""
    if outlook.state is State.TOO_LITTLE:
        return f"no date, because the recorded history is shorter than {LEAST.days} days"
    if outlook.since is None or outlook.state not in {State.NO_PROGRESS, State.BACKWARDS}:
        return ""
    if outlook.net and outlook.net.latest:
        return f"no date, because nothing has been committed since {_day(outlook.net.latest)}"
    weeks = count_of(round((outlook.as_of - outlook.since) / WEEK), "week")
    then = f"{weeks} ago, on {written(outlook.since)}"
    less = "no less is left" if outlook.state is State.NO_PROGRESS else "more is left"
    return f"no date, because {less} today than {then}"


def too_slow(outlook: Forecast | None) -> str:
    """Say that there is a date although the pace alone would take more than ten years, or return an empty
    string.
    """
    is_slow = outlook is not None and outlook.completion and outlook.completion.plain * WEEK > DECADE
    return "more than ten years at this pace alone" if is_slow else ""


def _alone(outlook: Forecast) -> str:
    if outlook.plain is None or too_slow(outlook):
        return "more than ten years"
    return f"until {written(outlook.plain)}"


def _day(at: datetime) -> str:
    return written(timezone.localdate(at))


def percentage(chance: float) -> str:
    """Return a probability as a whole percentage that never claims certainty."""
    if chance < 0.005:
        return "less than 1%"
    return "more than 99%" if chance > 0.995 else f"{chance:.0%}"


def against(outlook: Forecast, due: date) -> str:
    """Return the chance of meeting the due date, or by how much it has passed.

    Return an empty string if neither can be said, or once the goal has been reached.
    """
    if outlook.state is State.REACHED:
        return ""
    over = (outlook.as_of.date() - due).days
    if over > 0:
        return f"the due date, {written(due)}, passed {count_of(over, 'day')} ago"
    chance = outlook.chance(due)
    return "" if chance is None else f"{percentage(chance)} chance of meeting the due date, {written(due)}"


def sentence(outlook: Forecast, due: date | None, *, latest_commit: date | None = None) -> str:
    """Return the forecast for a target in one sentence, or an empty string once it has been reached.

    `latest_commit` is given for a dormant repository, whose sentence says when its latest commit was.
    """
    if outlook.state is State.REACHED:
        return ""
    expected = f"target expected {when(outlook)}" if outlook.earliest else when(outlook)
    more = against(outlook, due) if due else ""
    is_said = outlook.net is not None and outlook.net.latest is not None and not outlook.earliest
    rests = f"the latest commit was on {written(latest_commit)}" if latest_commit and not is_said else ""
    text = "; ".join(part for part in (expected, more, rests) if part)
    return f"{text[0].upper()}{text[1:]}."


def explanation(outlook: Forecast, unit: str) -> str:
    """Explain the range in plain words, or return an empty string without one.

    `unit` is the plural of what the pace counts.
    """
    if outlook.pace is None or outlook.since is None or not outlook.earliest:
        return ""
    weeks = round((outlook.as_of - outlook.since) / WEEK)
    pace = f"{format_pace(outlook.pace)} {unit} per week over {count_of(weeks, 'week')}, new ones deducted"
    return (
        f"The range is based on the net pace ({pace}), which alone would take {_alone(outlook)}, and on how "
        f"other migrations departed from such a pace: of those that weren't abandoned, {SHOWN // 10} of 10 "
        "reached their goal within the range, 1 sooner and 1 later."
    )
