"""Wording that depends on numbers and lists: plurals, paces, sizes, times, lists with "and", articles."""

from collections.abc import Sequence


def count_of(number: int, singular: str, plural: str = "") -> str:
    """Return a number with its noun, such as `1 file` or `1,200 files`."""
    return f"{number:,} {noun_for(number, singular, plural)}"


def noun_for(number: int, singular: str, plural: str = "") -> str:
    """Return the form of a noun that agrees with a number. The plural ends in "s" unless it is given."""
    return singular if number == 1 else plural or f"{singular}s"


def join_names(names: Sequence[str], conjunction: str = "and") -> str:
    """Return names separated by commas, with a conjunction before the last one."""
    if len(names) < 2:
        return "".join(names)
    return f" {conjunction} ".join([", ".join(names[:-1]), names[-1]])


def format_duration(seconds: float) -> str:
    """Return a time as a round number of minutes, hours or days, for estimates."""
    if seconds < 60:
        return "a minute"
    for unit, length, most in (("minute", 60, 120), ("hour", 3600, 48)):
        if seconds / length < most:
            return count_of(round(seconds / length), unit)
    return count_of(round(seconds / 86_400), "day")


def with_article(noun: str) -> str:
    """Return a noun with its indefinite article, such as `an engineer`."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def first_line(error: BaseException | None) -> str:
    """Return the first line of an error's text, or that it has none."""
    return (str(error).strip() or "no message").splitlines()[0]


def format_pace(value: float | None) -> str:
    """Return units per week, to one decimal place if below ten, or two if below 0.05, and with a true minus
    sign.
    """
    if value is None:
        return "n/a"
    size = abs(value)
    places = 0 if size >= 10 else 1 if size >= 0.05 or size < 0.005 else 2
    text = f"{size:,.{places}f}"
    return ("\N{MINUS SIGN}" if value < 0 and float(text) else "") + text


def format_percent(value: float | None) -> str:
    """Return a percentage to one decimal place."""
    return "n/a" if value is None else f"{value:.1f}%"


def size_in_words(size: int) -> str:
    """Return a number of bytes, roughly, such as `1.2 GB`."""
    for unit, scale in (("GB", 10**9), ("MB", 10**6)):
        if size >= scale:
            return f"{size / scale:.1f} {unit}"
    return "1 MB or less"


def span_in_words(low: int, high: int) -> str:
    """Return a range of seconds, roughly, such as `2 to 5 minutes`."""
    if high < 90:
        return "less than two minutes"
    unit = "hour" if high > 119 * 60 else "minute"
    seconds = 3600 if unit == "hour" else 60
    least, most = max(low // seconds, 1), -(-high // seconds)
    return f"{least} to {most} {unit}s" if least < most else count_of(most, unit)
