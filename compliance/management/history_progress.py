"""Shows the progress of the backfill: a bar for each repository, or plain lines if there is no terminal."""

import time
from collections.abc import Callable, Sequence

from django.db import OperationalError, connection
from rich import progress
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

from compliance import jobs
from compliance.models import Job, Repository, Snapshot

PAUSE = 0.5


class Progress:
    """Shows progress until every history is complete or blocked by a problem. The problem is then shown."""

    def __init__(self, console: Console, meanwhile: Callable[[], None]) -> None:
        """Prepare the display. `meanwhile` is called on every check."""
        self.console, self.meanwhile = console, meanwhile

    def follow(self, repositories: Sequence[Repository]) -> None:
        """Return once there is nothing left to wait for."""
        columns = (
            TextColumn("  {task.description:<28}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        with progress.Progress(*columns, console=self.console, auto_refresh=False, transient=True) as bar:
            tasks = {repository.pk: bar.add_task(repository.name, total=None) for repository in repositories}
            seen: set[int] = set()
            while tasks:
                self.meanwhile()
                try:
                    for repository in Repository.objects.filter(pk__in=list(tasks)):
                        done, total, end = state(repository)
                        bar.update(tasks[repository.pk], completed=done, total=total or None)
                        if repository.head_id and repository.pk not in seen:
                            seen.add(repository.pk)
                            bar.console.print(f"  {repository.name}: {today(repository)}", markup=False)
                        if end:
                            bar.remove_task(tasks.pop(repository.pk))
                            bar.console.print(f"  {repository.name}: {end}", markup=False)
                except OperationalError:  # Postgres is being restarted
                    connection.close()
                bar.refresh()
                if tasks:
                    time.sleep(PAUSE)


def state(repository: Repository) -> tuple[int, int, str]:
    """Return the number of commits recorded under the active plan, that of those to be read, and any reason
    to stop waiting.
    """
    done = Snapshot.objects.filter(plan=repository.plan, commit__position__isnull=False).count()
    total = repository.line_length - repository.unread_commits
    if repository.trouble:
        return done, total, repository.trouble
    buried = repository.jobs.filter(state=Job.State.BURIED).order_by("-finished_at").first()
    waiting = jobs.pending_of(repository).exists()
    if buried is not None and not waiting:
        return done, total, f"gave up: {buried.error.splitlines()[0] if buried.error else buried}"
    if repository.history_done and not waiting:
        return done, total, f"{done} of {total} commits recorded"
    return done, total, ""


def today(repository: Repository) -> str:
    """Return the figures for the newest commit, or the reason why there are none."""
    newest = Snapshot.objects.filter(plan=repository.plan, commit=repository.head).first()
    return f"{newest.clean} of {newest.files} files are clean today" if newest else "the plan has changed"
