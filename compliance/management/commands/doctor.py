"""Say what is wrong with this installation, and how to fix it: `manage.py doctor`."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management import BaseCommand

from compliance.management.diagnosis import Level, describe
from compliance.management.doctor import examine


class Command(BaseCommand):
    """Examines the data folder, the programs, Postgres, the broker, the workers, the records and settings."""

    help = "Say what is wrong with this installation, and how to fix it. Exits with 1 if there is an error."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the arguments."""
        parser.add_argument("--json", action="store_true", help="print a JSON list")

    def handle(self, *_: Any, **options: Any) -> None:
        """Print what was found. Nothing is changed."""
        found = list(examine())
        if options["json"]:
            self.stdout.write(json.dumps([asdict(diagnosis) for diagnosis in found], indent=2))
        else:
            self.stdout.write(describe(found), ending="")
        if any(diagnosis.level == Level.ERROR for diagnosis in found):
            sys.exit(1)
