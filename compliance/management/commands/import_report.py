"""Import a test report from a file: `manage.py import_report REPOSITORY SHA FILE...`."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from compliance.evidence import UploadError, receive_report
from compliance.models import Commit, Repository


class Command(BaseCommand):
    """Imports reports like POST …/commits/<sha>/test-reports, but from files."""

    help = "Import JUnit XML reports (plain, gzip or zip) as evidence for a commit of a tracked repository."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the arguments."""
        parser.add_argument("repository", help="the repository's short name, as in its URL")
        parser.add_argument("sha", help="full SHA of the commit, or at least 7 digits of a recorded one")
        parser.add_argument("files", nargs="+", type=Path, help="report files")
        parser.add_argument("--name", default="", help="name of the sender; by default the file's name")
        parser.add_argument("--environment", default="", help="cell of a CI matrix in which the tests ran")
        parser.add_argument("--run", default="", help="CI's name of the run, such as its id and attempt")
        parser.add_argument("--at", default="", help="when the tests ran (ISO 8601); by default now")

    def handle(self, *_: Any, **options: Any) -> None:
        """Import the files. Raises CommandError if a file can't be read; the files before it have been
        imported.
        """
        slug = options["repository"]
        repository = Repository.objects.select_related("plan", "head").filter(slug=slug).first()
        if repository is None:
            raise CommandError(f"No repository is tracked under the name {slug!r}.")
        sha, at = _sha(repository, options["sha"].lower()), _moment(options["at"])
        for file in options["files"]:
            try:
                receipt = receive_report(
                    repository,
                    sha,
                    file.read_bytes(),
                    name=options["name"] or file.name,
                    environment=options["environment"],
                    run=options["run"],
                    at=at,
                )
            except (OSError, UploadError) as error:
                raise CommandError(f"{file}: {error}") from None
            self.stdout.write(f"{file.name}: {receipt.words}")


def _sha(repository: Repository, name: str) -> str:
    if len(name) in (40, 64):
        return name
    found = Commit.objects.filter(repository=repository, sha__startswith=name).values_list("sha", flat=True)
    known = list(found[:2]) if len(name) >= 7 else []
    if len(known) != 1:
        raise CommandError(f"{name!r} matches no recorded commit or more than one. Give the full SHA.")
    return known[0]


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        at = parse_datetime(text)
    except ValueError:
        at = None
    if at is None:
        raise CommandError(f"{text!r} is not a valid time. Write it as 2025-09-19T14:30:00+02:00.")
    return at if timezone.is_aware(at) else timezone.make_aware(at)
