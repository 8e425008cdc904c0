"""What is wrong with the installation, and what to do: for the system page, the API and the doctor."""

from dataclasses import dataclass

from django.conf import settings

from compliance.jobs import clock, health
from compliance.lib.database_failures import FIXES, SENTENCES, Cause
from compliance.lib.database_limits import accepts_changes
from compliance.lib.free_space import describe_folder_problem

FIX_OF_FOLDER = (
    "Make room, or mount it writable and give it to the user who runs the product; or set DATA_DIR."
)
FIX_OF_CLOCK = "Synchronise both with NTP. Jobs use the clock of Postgres, so none is lost."


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that doesn't work now: the component, what is wrong with it, and what to do."""

    component: str
    message: str
    fix: str


def read_problems() -> list[Problem]:
    """Return what doesn't work now. Raises database errors."""
    found = [] if accepts_changes() else [_of_database(Cause.READ_ONLY)]
    for name, state in health.check_work().items():
        if state != "ok":
            found.append(Problem(name.capitalize(), f"{state}.", health.FIXES[name]))
    if words := describe_folder_problem(settings.DATA_DIR):
        found.append(Problem("Data folder", f"On {settings.MACHINE_NAME}, {words}.", FIX_OF_FOLDER))
    if words := clock.read_clocks().problem:
        found.append(Problem("Clock", f"{words[0].upper()}{words[1:]}.", FIX_OF_CLOCK))
    return found


def _of_database(cause: Cause) -> Problem:
    return Problem("Database", SENTENCES[cause], FIXES[cause])
