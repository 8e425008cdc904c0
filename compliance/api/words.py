"""Texts that a body may hold: bounded, and without NUL, which Postgres cannot keep."""

from typing import Annotated

from pydantic import StringConstraints

NO_NUL = r"^[^\x00]*$"
SAID = r"^[^\x00]*[^\x00\s][^\x00]*$"
"""At least one character that is seen."""

Note = Annotated[str, StringConstraints(max_length=2000, pattern=NO_NUL)]
Path = Annotated[str, StringConstraints(min_length=1, max_length=4096, pattern=NO_NUL)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=150, pattern=NO_NUL)]
Seen = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=SAID)]
