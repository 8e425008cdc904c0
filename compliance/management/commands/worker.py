"""Run a worker: `manage.py worker`."""

from collections.abc import Sequence

from compliance.management.programs import ProgramCommand, worker


class Command(ProgramCommand):
    """Replaces itself by a worker."""

    help = "Run a worker in the foreground. Further arguments go to celery worker."

    def program(self, arguments: Sequence[str]) -> list[str]:
        """Return the command line."""
        return worker(arguments)
