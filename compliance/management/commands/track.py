"""Track a repository: `manage.py track <path or URL> [--plan FILE]`."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, ProgrammingError
from django.utils import timezone

from compliance import scans
from compliance.lib.product_files import command, start_command
from compliance.lib.wording import count_of, size_in_words, span_in_words
from compliance.models import Repository
from compliance.scans.depth import WHOLE, Depth, checked_depth, typed_day, typed_number
from compliance.scans.setup_errors import SetupError
from compliance.scans.setup_estimate import estimate_address, estimate_for


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
        parser.add_argument(
            "--history-since", default="", metavar="DAY", help="read only commits since this day (YYYY-MM-DD)"
        )
        parser.add_argument(
            "--history-commits", default="", metavar="N", help="read only the last N commits of the branch"
        )
        parser.add_argument(
            "--history-whole",
            action="store_true",
            help="read the whole history of a repository that is tracked with a limit",
        )
        parser.add_argument(
            "--estimate", action="store_true", help="print the size, commits and time; track nothing"
        )

    # `up` keeps a plan that was edited on the page, and goes on.
    stealth_options = ("keep_plan",)

    def handle(self, *_: Any, **options: Any) -> None:
        """Track the repository."""
        url = str(options["repository"])
        if Path(url).expanduser().exists():
            url = str(Path(url).expanduser().resolve())
        if options["estimate"]:
            self._estimate(url, options)
            return
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
                f"Start the product with `{start_command()}` and run this command while it runs, or set "
                "DATABASE_URL.",
                returncode=2,
            ) from None
        except ProgrammingError as error:
            raise CommandError(
                f"The database is not set up ({str(error).splitlines()[0]}). Nothing is tracked yet. Run "
                f"`{command('migrate')}` first; `{start_command()}` does so automatically.",
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
                depth=_depth(options),
                **given,
            )
        except scans.PlanKeptError as kept:
            if not options.get("keep_plan"):
                raise
            self.stdout.write(f"  {kept}")
            return scans.track(url, depth=_depth(options), **given)

    def _estimate(self, url: str, options: dict[str, Any]) -> None:
        """Print what is known before the repository is cloned."""
        try:
            chosen = _depth(options) or WHOLE
            branch, found = estimate_address(url, options["branch"])
        except (scans.GitError, scans.TroubleError, ValueError) as error:
            raise CommandError(str(error), returncode=2) from None
        year = Depth(since=timezone.localdate() - timedelta(days=365))
        rows = {
            "the whole history": WHOLE,
            "the last year": year,
            "the last 1,000 commits": Depth(commits=1000),
        }
        if chosen not in rows.values():
            rows["as chosen"] = chosen
        self.stdout.write(f"{url}, branch {branch}")
        for name, depth in rows.items():
            known = estimate_for(found, depth)
            commits = "unknown" if known["commits"] is None else count_of(known["commits"], "commit")
            size = (
                "unknown size" if known["size"] is None else f"clone of about {size_in_words(known['size'])}"
            )
            time = "unknown time" if known["seconds"] is None else span_in_words(*known["seconds"])
            self.stdout.write(f"  {name}: {commits}, {size}, {time}")


def _depth(options: dict[str, Any]) -> Depth | None:
    """Return how much history is to be read, or None if no option says it. Raises `SetupError`."""
    since, commits = options.get("history_since", ""), options.get("history_commits", "")
    if options.get("history_whole"):
        if since or commits:
            raise SetupError("history", "Give --history-whole alone, without another limit.")
        return WHOLE
    if not since and not commits:
        return None
    return checked_depth(typed_day(since) if since else None, typed_number(commits) if commits else None)
