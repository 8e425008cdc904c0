"""Switch maintenance mode on and off: `manage.py maintenance on|off|status`."""

import json
import time
from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime, timedelta
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.db import Error, ProgrammingError
from django.db.models.functions import Now
from django.utils import timezone

from compliance.jobs import maintenance_mode
from compliance.jobs.maintenance_mode import CHECK_EVERY, Maintenance
from compliance.lib.product_files import command
from compliance.lib.wording import count_of
from compliance.models import Job

_LONGEST_MESSAGE = 1000
_LOOK_EVERY = 0.5


class Command(BaseCommand):
    """Closes the pages and holds jobs and periodic tasks while an operator works on the installation."""

    help = (
        "Close the pages (503 with Retry-After), and let workers and beat begin nothing. Webhooks are still "
        "received, and health checks and metrics answered."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the arguments."""
        actions = parser.add_subparsers(dest="action", required=True)
        on = actions.add_parser("on", help="switch it on, or change its message and end")
        on.add_argument("--message", type=_message, default="", help="text for the page")
        on.add_argument("--until", type=_time, help="announced end: HH:MM, or YYYY-MM-DDTHH:MM, in TIME_ZONE")
        on.add_argument(
            "--wait",
            type=int,
            metavar="SECONDS",
            help="wait until the running jobs have ended; exit with 1 if some still run then",
        )
        actions.add_parser("off", help="switch it off")
        status = actions.add_parser("status", help="say whether it is on, and which jobs still run")
        status.add_argument("--json", action="store_true", help="print a JSON object")

    def handle(self, *_: Any, **options: Any) -> None:
        """Do what the first argument says. Raises CommandError."""
        try:
            {"on": self._on, "off": self._off, "status": self._status}[options["action"]](options)
        except ProgrammingError:
            raise CommandError(f"The database lacks a table. Run {command('migrate')} first.") from None
        except Error as error:
            raise CommandError(
                f"Postgres does not respond: {_first_line(error)}\nWhether maintenance mode is on for the "
                "other machines is stored there, so nothing was changed. Start Postgres, and try again."
            ) from None
        except OSError as error:
            raise CommandError(f"The data folder cannot be written: {error}") from None

    def _on(self, options: dict[str, Any]) -> None:
        found = maintenance_mode.begin(options["message"], options["until"])
        if not found.is_recorded:
            self.stdout.write(
                "Postgres does not respond or isn't migrated, so maintenance mode is on for this machine "
                "only. It is recorded for all machines once a process of this one can store it."
            )
            return
        self.stdout.write(
            f"Maintenance mode is on. All pages are closed within {CHECK_EVERY:g} seconds; webhooks are "
            f"still received.\nEnd it with: {command('maintenance off')}"
        )
        if options["wait"] is None:
            if running := _running():
                self.stdout.write(f"{_count(running)} still running; --wait SECONDS waits for the end.")
        else:
            self._wait(options["wait"])

    def _wait(self, seconds: int) -> None:
        until = time.monotonic() + seconds
        while running := _running():
            if time.monotonic() >= until:
                names = "\n  ".join(running)
                raise CommandError(f"{_count(running)} still running after {seconds} s:\n  {names}")
            time.sleep(_LOOK_EVERY)
        self.stdout.write("No job is running.")

    def _off(self, _options: dict[str, Any]) -> None:
        was_on = maintenance_mode.end()
        self.stdout.write("Maintenance mode is off." if was_on else "Maintenance mode was not on.")

    def _status(self, options: dict[str, Any]) -> None:
        found = maintenance_mode.find()
        try:
            running = _running()
        except Error:
            if found is None:
                raise
            running = []
        if options["json"]:
            self.stdout.write(json.dumps(_values(found, running), indent=2))
            return
        if found is None:
            self.stdout.write("Maintenance mode is off.")
            return
        self.stdout.write(f"Maintenance mode is on since {_local(found.began_at)}.")
        if not found.is_recorded:
            self.stdout.write("It is known to this machine only, because Postgres did not respond.")
        if found.until:
            late = " That time has passed." if found.until < timezone.now() else ""
            self.stdout.write(f"Announced end: {_local(found.until)}.{late}")
        if found.message:
            self.stdout.write(f"Message: {found.message}")
        for name in running:
            self.stdout.write(f"Still running: {name}")


def _values(found: Maintenance | None, running: list[str]) -> dict[str, Any]:
    return {
        "on": found is not None,
        "began_at": found and found.began_at.isoformat(),
        "until": found and found.until and found.until.isoformat(),
        "message": found.message if found else "",
        "all_machines": found is None or found.is_recorded,
        "running_jobs": running,
    }


def _running() -> list[str]:
    """Describe the jobs that a worker holds."""
    rows = Job.objects.filter(state=Job.State.RUNNING, lease_until__gt=Now()).order_by("pk")
    return [
        f"job {row.pk}, {row.kind}{f' of {row.repository.slug}' if row.repository else ''}, on {row.worker}"
        for row in rows.select_related("repository")
    ]


def _count(running: list[str]) -> str:
    return f"{count_of(len(running), 'job')} {'is' if len(running) == 1 else 'are'}"


def _message(text: str) -> str:
    if len(text) > _LONGEST_MESSAGE:
        raise ArgumentTypeError(f"has {len(text)} characters; at most {_LONGEST_MESSAGE} fit on the page")
    return text.strip()


def _time(text: str) -> datetime:
    """Return a time in the future; a time of day is today's or tomorrow's."""
    now = timezone.localtime(timezone.now(), timezone.get_default_timezone())
    try:
        if "-" not in text:
            hour = datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007  (a time of day)
            found = datetime.combine(now, hour, now.tzinfo)
            found = found if found > now else found + timedelta(days=1)
        else:
            found = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(
            f"“{text}” is not a time; write HH:MM, such as 18:30, or YYYY-MM-DDTHH:MM"
        ) from None
    found = found if found.tzinfo else found.replace(tzinfo=now.tzinfo)
    if found <= now:
        raise ArgumentTypeError(f"“{text}” is in the past")
    return found


def _local(moment: datetime) -> str:
    return timezone.localtime(moment, timezone.get_default_timezone()).strftime("%Y-%m-%d %H:%M %Z")


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
