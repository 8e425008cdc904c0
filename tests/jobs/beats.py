"""A scheduler whose messages stay in this process."""

from typing import Any

from compliance.celery import Application
from compliance.jobs.schedule import PostgresScheduler

SCHEDULE = {
    "sweep": {"task": "compliance.tasks.sweep", "schedule": 5.0, "options": {"expires": 10}},
    "poll": {"task": "compliance.tasks.poll", "schedule": 60.0},
}


class Beat(PostgresScheduler):
    """A scheduler whose messages are kept in a list, or refused."""

    def __init__(self) -> None:
        app = Application("beat", broker="memory://", set_as_current=False)
        app.conf.beat_schedule = SCHEDULE
        self.sent: list[str] = []
        self.broken = False
        vars(app)["send_task"] = self._keep
        super().__init__(app)

    def _keep(self, name: str, **_: Any) -> None:
        if self.broken:
            raise ConnectionResetError("Server unexpectedly closed connection")
        self.sent.append(name.rpartition(".")[2])
