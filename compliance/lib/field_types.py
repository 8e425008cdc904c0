"""Types for untrusted values. Every value that they accept can be stored in any column and handled by all
downstream code.

Webhooks, the API, queries, forms, git metadata and uploads use these types, so that an invalid value is
either rejected, with an error that names the limit, or normalised before anything is stored.
`compliance.lib.json_documents` does the same for JSON.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""Times are accepted from EARLIEST up to, but not including, LATEST.

Postgres can store years that Python cannot read, and in Python, times near the limits leave the supported
range in another time zone or with a week added. Both limits are centuries away from this range, and no plan
or commit needs more.
"""

READABLE_SINCE, READABLE_UNTIL = datetime(1, 1, 3, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
"""Range for dates in git commits. They can be displayed in every time zone, but arithmetic on them may
overflow.
"""

LONGEST_REF = 4096
"""Maximum number of characters in the name of a branch. git stores a name as a path, which is no longer."""

SHORTEST_SHA = 40
"""Number of digits of the shortest complete SHAs. Bitbucket Cloud reports the first twelve digits, and forges
document no shorter ones for statuses.
"""

CUT = "…"
"""Marks the end of text that was truncated to its limit."""

LARGEST_INTEGER, LARGEST_BIGINT = 2**31 - 1, 2**63 - 1
"""The largest values that an integer column and a bigint column can store."""

NO_NUL = r"^[^\x00]*$"
SAID = r"^[^\x00]*[^\x00\s][^\x00]*$"
"""Matches text with at least one visible character."""

_UNREADABLE = re.compile("[\0\ud800-\udfff]")
# Control characters, and those that reorder the text around them (Unicode TR 36, 3.2; CVE-2021-42574).
_CONTROL = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]|[\t\n\r]+")
_CONTROL_CHARACTER = re.compile("[\x01-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_ZULU = re.compile(r"(?:z| ?UTC)$")
_LEAP_SECOND = re.compile(r"(?<=:\d\d):60(?=[.,Z+-]|$)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

Note = Annotated[str, StringConstraints(max_length=2000, pattern=NO_NUL)]
PathText = Annotated[str, StringConstraints(min_length=1, max_length=4096, pattern=NO_NUL)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=150, pattern=NO_NUL)]
Sought = Annotated[str, StringConstraints(max_length=300, pattern=NO_NUL)]
Seen = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=SAID)]


UNSTORABLE = "NUL or a lone surrogate"
"""The characters that no column can store, as errors name them."""


def is_storable(text: str) -> bool:
    """Return true if a column can store a text: it contains neither NUL nor a lone surrogate."""
    return not _UNREADABLE.search(text)


def storable(text: str) -> str:
    """Return a text in which U+FFFD replaces the characters that no column can store: NUL and lone
    surrogates.
    """
    return _UNREADABLE.sub("\ufffd", text)


def typed(text: str) -> str:
    """Return the value of a query parameter or form field without NUL and lone surrogates, or U+FFFD if
    nothing is left.
    """
    return text if is_storable(text) else _UNREADABLE.sub("", text) or "\ufffd"


def cut(text: str, limit: int) -> str:
    """Return at most `limit` characters of a text. If it was truncated, it ends with CUT."""
    return text if len(text) <= limit else text[: limit - len(CUT)] + CUT


def one_line(text: str, limit: int) -> str:
    """Return a text that fits on one line of a page or in a header of an e-mail: storable, without characters
    that control the line or its direction, truncated to `limit`.
    """
    return cut(_CONTROL.sub(" ", storable(text[: limit + 1])), limit)


def message_of(detail: Mapping[str, Any]) -> str:
    """Return the message of a pydantic error, without the prefix for errors that a validator raised."""
    return str(detail["msg"]).removeprefix("Value error, ")


def visible(text: str) -> str:
    """Return a text in which escapes replace the characters that control a line or its direction.

    For paths, which must be kept exactly but must not look like other paths.
    """
    return _CONTROL_CHARACTER.sub(lambda found: _escape(found[0]), text)


def escape_controls(text: str, template: str) -> str:
    """Return a text of one line in which an escape, inserted into a template, replaces each character that
    controls a line or its direction, except for tabs.
    """
    return _CONTROL_CHARACTER.sub(
        lambda found: found[0] if found[0] == "\t" else template.format(_escape(found[0])), text
    )


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode()


def _line(limit: int) -> Callable[[str], str]:
    def normalise(text: str) -> str:
        return one_line(text, limit)

    return normalise


def _ref(text: str) -> str:
    """Return a reference's name as git has it, which may contain any characters but NUL."""
    return cut(storable(text), LONGEST_REF)


Title = Annotated[str, AfterValidator(_line(500))]
Label = Annotated[str, AfterValidator(_line(100))]
Person = Annotated[str, AfterValidator(_line(200))]
Branch = Annotated[str, AfterValidator(_ref)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[\w -]+$")]
Body = Annotated[str, StringConstraints(max_length=262_144)]
Url = Annotated[str, StringConstraints(max_length=1000, pattern=r"^https?://[^\s\x00-\x1f\x7f]+$")]
_URL = re.compile(r"https?://[^\s\x00-\x1f\x7f]+")
CommitSha = Annotated[str, StringConstraints(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$")]


def as_url(text: str | None) -> str:
    """Return a text if it is a URL that a column of 1,000 characters can store, and an empty text otherwise.

    For links that are only shown: whoever sets them for a forge is free to write anything.
    """
    return text if text and len(text) <= limit_of(Url) and _URL.fullmatch(text) else ""


def limit_of(field: Any) -> int:
    """Return the maximum length that a text type accepts."""
    return next(int(mark.max_length) for mark in get_args(field) if getattr(mark, "max_length", None))


def _as_int(value: Any) -> Any:
    """Return 2 for 2.0, because JSON has only one kind of number (JSON Schema 2020-12, 6.1.1)."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, Field(strict=True, ge=1, le=LARGEST_BIGINT), BeforeValidator(_as_int)]
Number = Annotated[int, Field(strict=True, ge=1, le=LARGEST_INTEGER), BeforeValidator(_as_int)]


def _iso_date(value: Any) -> Any:
    """Return the date that a text gives as YYYY-MM-DD (RFC 3339, 5.6). The library would also accept a number
    of seconds.
    """
    if isinstance(value, date) or (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    raise ValueError("is not a valid date (YYYY-MM-DD)")


def _in_range(day: date) -> date:
    if not EARLIEST.date() <= day < LATEST.date():
        raise ValueError(f"must be a date on or after {EARLIEST:%Y-%m-%d} and before {LATEST:%Y-%m-%d}")
    return day


Day = Annotated[date, BeforeValidator(_iso_date), AfterValidator(_in_range)]


def _nearest(day: date) -> date:
    return min(max(day, EARLIEST.date()), LATEST.date() - timedelta(days=1))


Bound = Annotated[date, BeforeValidator(_iso_date), AfterValidator(_nearest)]
"""A date that limits a list. A date outside the accepted range is replaced by the nearest date inside it."""


def day_in(text: str) -> date | None:
    """Return the date that a query parameter gives as YYYY-MM-DD, moved into the accepted range, or None if
    it is not a date.
    """
    try:
        return _nearest(date.fromisoformat(text)) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def instant(text: str) -> datetime:
    """Parse a time in ISO 8601 format, and return it in UTC.

    The forms of RFC 3339 that Python doesn't read are also accepted (`z` in lower case, a leap second), and
    `2025-09-18 06:00:00 UTC`, as GitLab writes times in webhooks.

    Raises `ValueError` if it is not a valid time, has no time zone, or is outside the range from EARLIEST to
    LATEST.
    """
    try:
        moment = datetime.fromisoformat(_LEAP_SECOND.sub(":59", _ZULU.sub("+00:00", text)))
    except ValueError:
        raise ValueError(f"{one_line(text, 60)!r} is not a valid time") from None
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    if not EARLIEST <= moment < LATEST:
        limits = f"on or after {EARLIEST:%Y-%m-%d} and before {LATEST:%Y-%m-%d}"
        raise ValueError(f"{text!r} must be a time {limits}")
    return moment.astimezone(UTC)


def _instant(value: Any) -> Any:
    return instant(value) if isinstance(value, str) else value


Instant = Annotated[datetime, BeforeValidator(_instant)]
