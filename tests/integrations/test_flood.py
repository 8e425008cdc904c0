"""A thousand webhooks at once over real HTTP: none is lost, one job comes of it, a flood is told to wait."""

from datetime import timedelta
from http.client import HTTPConnection

import pytest
from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from compliance.models import Allowance, Delivery, Job, Repository
from tests.integrations.sender import Sender
from tests.processes import Start, answers, free_port, wait

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def messages() -> int:
    """How many messages wait for a worker."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT queue_name FROM pgmq.list_queues()")
        queues = [name for (name,) in cursor.fetchall()]
        cursor.execute(" UNION ALL ".join(f"SELECT count(*) FROM pgmq.q_{name}" for name in queues))
        return sum(int(count) for (count,) in cursor.fetchall())


def test_a_thousand_webhooks_are_stored_and_more_get_a_retry_time(
    process_environment: dict[str, str], start: Start
) -> None:
    repository = Repository.objects.create(slug="shop", name="Shop", url="/srv/shop.git", branch="main")
    port = free_port()
    start(process_environment, "web", port=port)
    wait(lambda: answers(f"http://127.0.0.1:{port}"))

    before = messages()
    told = Sender(port, "shop", repository.webhook_secret, threads=16).run(1000)
    assert told.statuses == {"202": 1000}
    assert Delivery.objects.count() == len(set(told.acknowledged)) == 1000
    assert Job.objects.get().merged == 999
    assert messages() == before + 1, "workers are told once"

    minutes = settings.HOOKS_AT_ONCE / settings.HOOKS_PER_MINUTE
    Allowance.objects.update(full_at=Now() + timedelta(minutes=minutes, seconds=3))
    refused = Sender(port, "shop", repository.webhook_secret, threads=1).run(1)
    assert refused.statuses == {"429": 1}
    assert {int(seconds) for seconds in refused.waits} <= {3, 4}
    assert Delivery.objects.count() == 1000

    Allowance.objects.update(full_at=Now() + timedelta(minutes=minutes, seconds=-1))
    again = Sender(port, "shop", repository.webhook_secret, threads=17).run(1)
    assert sum(again.statuses.values()) == 1
    assert Delivery.objects.count() == 1000 + again.statuses["202"]


def test_a_body_that_is_too_large_or_of_unknown_size_is_answered_before_it_is_sent(
    process_environment: dict[str, str], start: Start
) -> None:
    """The answer comes although nothing of the body was sent, so nothing of it can have been kept."""
    Repository.objects.create(slug="shop", name="Shop", url="/srv/shop.git", branch="main")
    port = free_port()
    start(process_environment, "web", port=port)
    wait(lambda: answers(f"http://127.0.0.1:{port}"))
    for header, value, status in (
        ("Content-Length", str(25 * 1024 * 1024 + 1), 413),
        ("Transfer-Encoding", "chunked", 411),
        ("Content-Encoding", "gzip", 415),
    ):
        client = HTTPConnection("127.0.0.1", port, timeout=10)
        client.putrequest("POST", "/webhooks/github/shop/")
        client.putheader(header, value)
        if header == "Content-Encoding":
            client.putheader("Content-Length", "1000")
        client.endheaders()
        assert client.getresponse().status == status, header
        client.close()
    assert not Delivery.objects.exists()
