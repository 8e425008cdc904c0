"""Words forecasts as sentences that claim no more than is known."""

from datetime import date

from compliance.lib.dates import span, written
from compliance.lib.wording import count_of
from compliance.progress.forecast.outlook import Forecast, State


def when(outlook: Forecast) -> str:
    """Describe when the goal will be reached at the current pace, or why no date can be given, without a full
    stop.
    """
    if outlook.earliest and outlook.latest:
        return f"at this pace {span(outlook.earliest, outlook.latest)}"
    return {
        State.REACHED: "reached",
        State.TOO_LITTLE: "too little history for a date",
        State.NO_PROGRESS: "no date, because progress is not steady",
        State.BACKWARDS: "no date, because the figure is going backwards",
    }.get(outlook.state, "")


def against(outlook: Forecast, due: date) -> str:
    """Compare the range with the due date, for example "9 days or more past the due date".

    Return an empty string if there is no range or once the goal has been reached.
    """
    if outlook.state is State.REACHED:
        return ""
    over = (outlook.as_of.date() - due).days
    if outlook.earliest is None or outlook.latest is None:
        return f"the due date, {written(due)}, passed {count_of(over, 'day')} ago" if over > 0 else ""
    if outlook.earliest > due:
        return f"{count_of((outlook.earliest - due).days, 'day')} or more past the due date, {written(due)}"
    if outlook.latest > due:
        return f"the due date, {written(due)}, is within that range"
    return f"before the due date, {written(due)}"


def sentence(outlook: Forecast, due: date | None, *, dormant: bool = False) -> str:
    """Return the forecast for a target in one sentence, or an empty string once it has been reached.

    For a `dormant` repository, the sentence is about the past, as of its newest commit.
    """
    if outlook.state is State.REACHED:
        return ""
    text = _expected(outlook, dormant=dormant)
    if more := against(outlook, due) if due else "":
        text += f"; {more}" if more.startswith("the due date") else f", {more}"
    return f"{text[0].upper()}{text[1:]}."


def _expected(outlook: Forecast, *, dormant: bool) -> str:
    pace = f"the pace until {written(outlook.as_of)}" if dormant else "this pace"
    if outlook.earliest and outlook.latest:
        return f"target expected {span(outlook.earliest, outlook.latest)} at {pace}"
    return f"at {pace}: {when(outlook)}" if dormant else when(outlook)
