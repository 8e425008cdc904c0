"""Run the scheduler: `manage.py beat`."""

import argparse
from typing import Any

from django.core.management import BaseCommand

from compliance.management.programs import beat, replace_process


class Command(BaseCommand):
    """Replaces itself by the scheduler."""

    help = "Run the scheduler in the foreground. Further arguments go to celery beat."
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the arguments."""
        parser.add_argument("arguments", nargs=argparse.REMAINDER, help="its arguments, after --")

    def handle(self, *_: Any, **options: Any) -> None:
        """Run the program. This doesn't return."""
        arguments = [each for each in options["arguments"] if each != "--"]
        replace_process(beat(arguments))
