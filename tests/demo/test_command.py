"""`manage.py demonstration` where it can't run: it says what to do, and adds nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import OperationalError, ProgrammingError, connection
from django.db.models.functions import Now

from compliance.jobs import maintenance_mode
from compliance.models import Heartbeat, Job, Repository

pytestmark = pytest.mark.django_db(transaction=True)


def nothing_runs() -> None:
    pass


def nothing_runs_any_more() -> None:
    Heartbeat.objects.create(name="worker here:1", at=Now() - timedelta(minutes=10))


def nothing_may_run() -> None:
    Heartbeat.objects.create(name="worker here:1")
    maintenance_mode.begin("An upgrade")


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (nothing_runs, r"No worker is running\. Start .*worker.*, then run this command again\."),
        (nothing_runs_any_more, r"The workers sent no heartbeat for 60. s\. Start .*worker"),
        (nothing_may_run, r"Maintenance mode is on, so no job runs\. Run .*maintenance off"),
    ],
)
def test_it_is_refused_if_no_job_would_run(
    state: Callable[[], None], said: str, tmp_path: Path, settings: LazySettings
) -> None:
    settings.DATA_DIR = tmp_path
    state()
    with pytest.raises(CommandError, match=said):
        call_command("demonstration")
    assert not Repository.objects.exists()
    assert not Job.objects.exists()


@contextmanager
def failing(error: Exception) -> Iterator[None]:
    def refuse(*_: object, **__: object) -> None:
        raise error

    with connection.execute_wrapper(refuse):
        yield


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            ProgrammingError('relation "compliance_job" does not exist'),
            r"lacks a table\. Run .*migrate",
        ),
        (OperationalError("connection refused\n"), "^The database cannot be reached: connection refused$"),
    ],
)
def test_it_says_what_the_database_lacks(
    error: Exception, said: str, tmp_path: Path, settings: LazySettings
) -> None:
    settings.DATA_DIR = tmp_path
    with failing(error), pytest.raises(CommandError, match=said):
        call_command("demonstration")
