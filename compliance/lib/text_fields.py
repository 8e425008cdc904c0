"""Types for untrusted values: bounded text without NUL, integers, dates."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

NO_NUL = r"^[^\x00]*$"
SAID = r"^[^\x00]*[^\x00\s][^\x00]*$"
"""At least one visible character."""

Note = Annotated[str, StringConstraints(max_length=2000, pattern=NO_NUL)]
Path = Annotated[str, StringConstraints(min_length=1, max_length=4096, pattern=NO_NUL)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=150, pattern=NO_NUL)]
Sought = Annotated[str, StringConstraints(max_length=300, pattern=NO_NUL)]
Seen = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=SAID)]


def _as_int(value: Any) -> Any:
    """Return 2 for 2.0: JSON has one kind of number (JSON Schema 2020-12, 6.1.1)."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, Field(strict=True, ge=1, le=2**63 - 1), BeforeValidator(_as_int)]


_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _iso_date(value: Any) -> Any:
    """Parse a date written YYYY-MM-DD (RFC 3339, 5.6); the library would also accept seconds."""
    if isinstance(value, date) or (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    raise ValueError("is not a valid date (YYYY-MM-DD)")


Day = Annotated[date, BeforeValidator(_iso_date)]
