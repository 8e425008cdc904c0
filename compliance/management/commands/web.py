"""Run the web server: `manage.py web`."""

from collections.abc import Sequence

from django.conf import settings

from compliance.lib.local_repositories import folder_problems
from compliance.management.programs import ProgramCommand, web


class Command(ProgramCommand):
    """Replaces itself by the web server."""

    help = "Run the web server in the foreground. Further arguments go to gunicorn."

    def program(self, arguments: Sequence[str]) -> list[str]:
        """Return the command line, and warn of settings that the pages need."""
        for problem in folder_problems():
            self.stderr.write(f"Warning: {problem}")
        return web(settings.BIND, settings.PORT, arguments)
