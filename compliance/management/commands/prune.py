"""Delete what is older than its retention: `manage.py prune`."""

from typing import Any

from django.core.management.base import BaseCommand

from compliance.jobs import retention


class Command(BaseCommand):
    """Deletes everything that the periodic task would delete bit by bit."""

    help = "Delete what is older than its retention. docs/storage.md lists what is kept for how long."

    def handle(self, *_: Any, **__: Any) -> None:
        """Delete in batches, and print what was deleted."""
        changed = retention.prune()
        for limit in retention.limits():
            self.stdout.write(f"{changed[limit.name]:>9,}  {limit.what}")
