"""What a browser, a program and Prometheus see in maintenance mode."""

import re
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from compliance.jobs import maintenance_mode
from compliance.jobs.maintenance_mode import Maintenance


@pytest.fixture
def maintained(monkeypatch: pytest.MonkeyPatch) -> Maintenance:
    """Maintenance that this process knows of. No test here has a database."""
    now = timezone.now()
    found = Maintenance(now - timedelta(minutes=5), now + timedelta(minutes=10), "We <move> the disk.")
    monkeypatch.setattr(maintenance_mode._Known, "value", found)
    return found


def test_pages_give_the_message_and_the_end(
    client: Client, maintained: Maintenance, settings: LazySettings
) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    for path in ("/", "/sign-in/", "/repositories/r/", "/nowhere"):
        page = client.get(path)
        assert page.status_code == 503
        assert 0 < int(page["Retry-After"]) <= 600
        assert page["Cache-Control"] == "no-store"
        assert page["Content-Security-Policy"]
        text = page.content.decode()
        assert "We &lt;move&gt; the disk." in text
        assert "It should be available again at" in text
        assert "(Europe/Berlin)" in text


def test_a_form_that_is_sent_says_that_it_is_lost(client: Client, maintained: Maintenance) -> None:
    page = client.post("/sign-in/", {"username": "x"})
    assert page.status_code == 503
    assert "Your changes weren't saved." in page.content.decode()


def test_the_api_returns_a_problem(client: Client, maintained: Maintenance) -> None:
    answer = client.get("/api/v1/repositories")
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert answer.json()["detail"].startswith("Maintenance mode is on. We <move> the disk. It should be")
    assert int(answer["Retry-After"]) > 0


def test_health_metrics_static_files_and_webhooks_stay_open(
    db: None, client: Client, maintained: Maintenance
) -> None:
    assert client.get("/livez").status_code == 200
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["maintenance"][:9]) == (200, "on since ")
    text = client.get("/metrics").content.decode()
    (seconds,) = re.findall(r"^ssot_maintenance_seconds (\S+)$", text, re.MULTILINE)
    assert 300 <= float(seconds) < 600
    assert "\nssot_maintenance_overdue_seconds 0.0\n" in text
    assert client.get("/static/css/base.css").status_code == 200
    assert client.post("/webhooks/github/r/", b"{}", content_type="application/json").status_code == 401


def test_maintenance_below_a_path(client: Client, maintained: Maintenance, settings: LazySettings) -> None:
    settings.PATH_PREFIX = "/ssot"
    assert client.get("/ssot/").status_code == 503
    assert client.get("/ssot/livez").status_code == 200
