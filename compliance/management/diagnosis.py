"""What a check of an installation found (`manage.py doctor`), and its text for a terminal."""

import io
from dataclasses import dataclass
from enum import StrEnum

from compliance.lib.wording import count_of


class Level(StrEnum):
    """How bad a finding is. With an error, something doesn't work now."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What one check found. `fix` says what to do, and is empty if nothing needs to be done."""

    level: Level
    subject: str
    message: str
    fix: str = ""


def describe(diagnoses: list[Diagnosis]) -> str:
    """Return the text for a terminal."""
    text = io.StringIO()
    for found in diagnoses:
        text.write(f"{found.level:<8} {found.subject:<14} {found.message}\n")
        if found.fix:
            text.write(f"{'':<24}To do: {found.fix}\n")
    errors = sum(found.level == Level.ERROR for found in diagnoses)
    warnings = sum(found.level == Level.WARNING for found in diagnoses)
    text.write(f"{count_of(errors, 'error')}, {count_of(warnings, 'warning')}.\n")
    return text.getvalue()
