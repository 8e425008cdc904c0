"""What a body may hold: texts that are bounded and without NUL, which Postgres cannot keep; whole numbers."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

NO_NUL = r"^[^\x00]*$"
SAID = r"^[^\x00]*[^\x00\s][^\x00]*$"
"""At least one character that is seen."""

Note = Annotated[str, StringConstraints(max_length=2000, pattern=NO_NUL)]
Path = Annotated[str, StringConstraints(min_length=1, max_length=4096, pattern=NO_NUL)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=150, pattern=NO_NUL)]
Sought = Annotated[str, StringConstraints(max_length=300, pattern=NO_NUL)]
Seen = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=SAID)]


def _plainly(value: Any) -> Any:
    """JSON knows one kind of number: 2.0 is the whole number 2 (JSON Schema 2020-12, 6.1.1)."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, Field(strict=True, ge=1, le=2**63 - 1), BeforeValidator(_plainly)]


_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _written(value: Any) -> Any:
    """Only YYYY-MM-DD is a day (RFC 3339, 5.6), though the library takes seconds for one, too."""
    if isinstance(value, date) or (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    raise ValueError("is no day; write it as YYYY-MM-DD")


Day = Annotated[date, BeforeValidator(_written)]
