"""Run the scheduler: `manage.py beat`."""

from collections.abc import Sequence

from compliance.management.programs import ProgramCommand, beat


class Command(ProgramCommand):
    """Replaces itself by the scheduler."""

    help = "Run the scheduler in the foreground. Further arguments go to celery beat."

    def program(self, arguments: Sequence[str]) -> list[str]:
        """Return the command line."""
        return beat(arguments)
