"""Run the web server: `manage.py web`."""

import argparse
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand

from compliance.management.programs import replace_process, web


class Command(BaseCommand):
    """Replaces itself by the web server."""

    help = "Run the web server in the foreground. Further arguments go to gunicorn."
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the arguments."""
        parser.add_argument("arguments", nargs=argparse.REMAINDER, help="its arguments, after --")

    def handle(self, *_: Any, **options: Any) -> None:
        """Run the program. This doesn't return."""
        arguments = [each for each in options["arguments"] if each != "--"]
        replace_process(web(settings.BIND, settings.PORT, arguments))
