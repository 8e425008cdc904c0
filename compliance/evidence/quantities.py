"""Formats measured quantities for display: `response_time_percent` with the value 5 is “Response time:
5%”.
"""

import re

UNITS = {
    "percent": "%",
    "pct": "%",
    "ns": "ns",
    "us": "µs",
    "ms": "ms",
    "milliseconds": "ms",
    "seconds": "s",
    "secs": "s",
    "minutes": "min",
    "hours": "h",
    "bytes": "B",
    "kb": "kB",
    "mb": "MB",
    "gb": "GB",
}
"""Abbreviations for the last word of a name, or for a unit that is spelled out."""


def quantity(key: str, unit: str = "") -> tuple[str, str]:
    """Return a measurement's name and unit for display, given its key and the unit that was sent, if any.

    If the key ends with a unit, or contains one before “per”, that unit is omitted from the name and, if no
    unit was sent, becomes the measurement's unit.
    """
    words = [word for word in re.split(r"[_\s]+", key) if word]
    places = [at for at, word in enumerate(words[1:], 1) if word.lower() in UNITS]
    last = next((at for at in reversed(places) if words[at + 1 : at + 2] in ([], ["per"])), 0)
    known = UNITS[words[last].lower()] if last else ""
    unit = UNITS.get(unit.strip().lower(), unit.strip()) or known
    if known and known == unit:
        del words[last]
    name = " ".join(words)
    return name[:1].upper() + name[1:], unit


def amount(value: float, unit: str) -> str:
    """Format a number with its unit, using at most six digits."""
    if value == int(value) and abs(value) < 1e15:
        figure = f"{int(value):,}"
    elif 0.001 <= abs(value) < 1e15:
        figure = f"{value:,.3f}".rstrip("0").rstrip(".")
    else:
        figure = f"{value:g}"
    return f"{figure}{unit}" if unit in {"", "%"} else f"{figure} {unit}"
