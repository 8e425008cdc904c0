"""The system page and its API show the installation's state to administrators."""

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from compliance.accounts.roles import Role, give
from compliance.jobs.liveness import write_heartbeat
from compliance.models import Job, Repository, ScheduledTask
from compliance.queries.system import read_system
from compliance.scans import engine_version
from compliance.templatetags.system_names import TASK_TITLES

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client: Client) -> Client:
    user = User.objects.create_user("root")
    give(user, Role.ADMINISTRATOR)
    client.force_login(user)
    return client


def test_the_page_shows_jobs_processes_versions_and_tables(administrator: Client) -> None:
    repository = Repository.objects.create(slug="r", name="r", url="/nowhere")
    now = timezone.now()
    Job.objects.create(repository=repository, kind="update", state=Job.State.DONE, finished_at=now)
    Job.objects.create(repository=repository, kind="update", state=Job.State.WAITING)
    Job.objects.create(repository=repository, kind="patch", state=Job.State.BURIED, finished_at=now)
    write_heartbeat("worker of this test", "busy")
    ScheduledTask.objects.create(name="sweep")
    state = read_system()
    queues = {queue.kind: queue for queue in state.queues}
    assert (queues["update"].waiting, queues["update"].failed, queues["update"].last_success) == (1, 0, now)
    assert queues["update"].oldest_due is not None
    assert (queues["patch"].failed, queues["patch"].last_failure) == (1, now)
    assert queues["patch"].last_success is None
    assert state.size == sum(table.size for table in state.tables) > 0
    text = administrator.get("/system/").content.decode()
    for shown in (
        "Worker <code>worker of this test</code>",
        "Upkeep of queue, events and outbox <code>sweep</code>",
        engine_version(),
        "Violation <code>compliance_violation</code>",
        "DELIVERY_BODY_DAYS",
        "after 7 days",
    ):
        assert shown in text


def test_every_periodic_task_has_a_plain_name(settings: LazySettings) -> None:
    assert set(settings.CELERY_BEAT_SCHEDULE) == set(TASK_TITLES)


def test_the_menu_leads_to_the_page(administrator: Client) -> None:
    assert 'href="/system/"' in administrator.get("/").content.decode()
