"""Run a worker: `manage.py worker`."""

import argparse
from typing import Any

from django.core.management import BaseCommand

from compliance.management.programs import replace_process, worker


class Command(BaseCommand):
    """Replaces itself by a worker."""

    help = "Run a worker in the foreground. Further arguments go to celery worker."
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the arguments."""
        parser.add_argument(
            "arguments", nargs=argparse.REMAINDER, help="arguments for celery worker, after --"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Run the program. This doesn't return."""
        arguments = [each for each in options["arguments"] if each != "--"]
        replace_process(worker(arguments))
