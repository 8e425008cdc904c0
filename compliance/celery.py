"""The Celery app. Its messages are only wake-ups; the job rows are authoritative."""

import os
from collections.abc import Callable
from functools import partial
from typing import ClassVar

from celery import Celery

from compliance.embedded.workers import Workers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "compliance.settings")
# When a worker or beat starts, Celery would run Django's checks, which load each page, and drop the messages.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")


class Application(Celery):
    """The Celery app, whose command `celery worker` runs the product's own worker processes.

    `shares_messages` is false in a worker process beside which another one is reserved for short work.
    """

    shares_messages = True

    start_checks: ClassVar[list[Callable[[], str]]] = []
    """Functions that return why a worker must not start, or an empty string."""

    @property
    def Worker(self) -> Callable[..., Workers]:  # type: ignore[override]  # noqa: N802  (the library's name)
        """Return the class that the command `celery worker` starts."""
        return partial(Workers, self)


app = Application("compliance")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
