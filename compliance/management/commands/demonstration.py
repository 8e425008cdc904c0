"""Track the demonstration where the product doesn't run by `up`: `manage.py demonstration`."""

from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import OperationalError, ProgrammingError
from rich.console import Console

from compliance.jobs import health, maintenance_mode
from compliance.lib.product_files import command
from compliance.management import startup_steps
from compliance.management.history_progress import Progress
from compliance.models import Repository


class Command(BaseCommand):
    """Adds what `up` adds to an empty installation, and needs a worker that can read this data folder."""

    help = (
        "Track the demonstration, wait until a worker has recorded its history, then add its evidence and "
        "pull requests. Run it on a machine with a worker, which reads the repository in the data folder."
    )
    requires_system_checks = ()

    def handle(self, *_: Any, **options: Any) -> None:
        """Add what is missing. Raises CommandError."""
        try:
            self._add(quiet=not options["verbosity"])
        except ProgrammingError:
            raise CommandError(f"The database lacks a table. Run {command('migrate')} first.") from None
        except OperationalError as error:
            raise CommandError(f"The database cannot be reached: {str(error).strip()}") from None

    def _add(self, *, quiet: bool) -> None:
        _check_worker()
        rows = Repository.objects.filter(url=str(startup_steps.demonstration()))
        if not rows:
            call_command("track", str(startup_steps.demonstration()), name="Demonstration", verbosity=0)
        console = Console(highlight=False, soft_wrap=True, quiet=quiet)
        Progress(console, _check_worker).follow(list(rows.all()))
        for repository in rows.all():
            startup_steps.furnish(repository)
            console.print(f"Ready: {settings.PUBLIC_URL}/repositories/{repository.slug}/", markup=False)


def _check_worker() -> None:
    """Raise CommandError if no worker would record the history."""
    if maintenance_mode.find():
        words = "Maintenance mode is on, so no job runs."
        raise CommandError(f"{words} Run {command('maintenance off')}, then this command again.")
    if (state := health.check_work()["worker"]) != "ok":
        words = "No worker is running" if state == "never seen" else f"The workers sent {state}"
        raise CommandError(f"{words}. Start {command('worker')}, then run this command again.")
