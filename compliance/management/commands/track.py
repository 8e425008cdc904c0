"""Track a repository: `manage.py track <path or URL> [--plan FILE]`."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, ProgrammingError

from compliance import scans
from compliance.models import Repository


class Command(BaseCommand):
    """Saves the repository and queues its first job, which a worker runs."""

    help = (
        "Track one branch of a git repository. Repeat the command with the same URL to change the plan "
        "or to rescan."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the arguments."""
        parser.add_argument("repository", help="path of a local repository, or an https or ssh URL")
        parser.add_argument(
            "--plan", default="", help="plan file; by default ssot-plan.yaml in the repository"
        )
        parser.add_argument(
            "--replace-plan",
            action="store_true",
            help="let --plan replace a plan that was edited on the page",
        )
        parser.add_argument("--name", default="", help="display name")
        parser.add_argument("--slug", default="", help="short name used in URLs")
        parser.add_argument("--branch", default="", help="branch; by default the repository's default branch")

    # `up` keeps a plan that was edited on the page, and goes on.
    stealth_options = ("keep_plan",)

    def handle(self, *_: Any, **options: Any) -> None:
        """Track the repository."""
        url = str(options["repository"])
        if Path(url).expanduser().exists():
            url = str(Path(url).expanduser().resolve())
        plan = None
        if options["plan"]:
            try:
                plan = Path(options["plan"]).read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise CommandError(
                    f"The plan {options['plan']} cannot be read: {error}", returncode=2
                ) from None
        try:
            repository = self._track(url, plan, options)
        except (scans.GitError, scans.TroubleError, scans.PlanError, ValueError) as error:
            raise CommandError(str(error), returncode=2) from None
        except OperationalError as error:
            raise CommandError(
                f"The database cannot be reached ({str(error).splitlines()[0]}). Nothing is tracked yet. "
                "Start the product with `manage.py up` and run this command while it runs, or set "
                "DATABASE_URL.",
                returncode=2,
            ) from None
        except ProgrammingError as error:
            raise CommandError(
                f"The database is not set up ({str(error).splitlines()[0]}). Nothing is tracked yet. Run "
                "`manage.py migrate` first; `manage.py up` does so automatically.",
                returncode=2,
            ) from None
        if options["verbosity"]:
            self.stdout.write(f"{repository.name}: the branch {repository.branch} is tracked.")

    def _track(self, url: str, plan: str | None, options: dict[str, Any]) -> Repository:
        given = {name: options[name] for name in ("name", "slug", "branch")}
        try:
            return scans.track(
                url,
                plan=plan,
                plan_source=Path(options["plan"]).name or "given plan",
                replace_plan=options["replace_plan"],
                **given,
            )
        except scans.PlanKeptError as kept:
            if not options.get("keep_plan"):
                raise
            self.stdout.write(f"  {kept}")
            return scans.track(url, **given)
