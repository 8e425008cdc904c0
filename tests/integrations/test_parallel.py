"""The same delivery many times at once, over real HTTP: one row, one job."""

import json
import threading
from collections import Counter
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from pytest_django.live_server_helper import LiveServer

from compliance.models import Delivery, Job, Repository
from tests.integrations.sender import payload, signature

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_twenty_copies_at_once_are_one_delivery_and_one_job(live_server: LiveServer) -> None:
    repository = Repository.objects.create(slug="platform", name="P", url="/srv/p.git", branch="main")
    body = payload("push__one_commit")
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "X-Hub-Signature-256": signature(body, repository.webhook_secret),
    }
    address = urlsplit(live_server.url)
    answers: list[tuple[int, str]] = []
    gate = threading.Barrier(20)

    def send() -> None:
        connection = HTTPConnection(address.hostname or "", address.port, timeout=30)
        gate.wait()
        connection.request("POST", "/webhooks/github/platform/", body, headers)
        answer = connection.getresponse()
        answers.append((answer.status, json.loads(answer.read())["message"]))
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(status for status, _ in answers) == {202: 1, 200: 19}
    assert Delivery.objects.get().repeats == 19
    assert Job.objects.get().merged == 0
