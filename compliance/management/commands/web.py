"""Run the web server: `manage.py web`."""

from collections.abc import Sequence

from django.conf import settings

from compliance.management.programs import ProgramCommand, web


class Command(ProgramCommand):
    """Replaces itself by the web server."""

    help = "Run the web server in the foreground. Further arguments go to gunicorn."

    def program(self, arguments: Sequence[str]) -> list[str]:
        """Return the command line."""
        return web(settings.BIND, settings.PORT, arguments)
