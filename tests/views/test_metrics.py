"""`/metrics`, as Prometheus reads it."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import yaml
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from compliance.jobs.endings import fail, finish
from compliance.jobs.queue import claim
from compliance.models import DURATIONS, Job, JobTotal, OutboxItem, Repository
from tests.processes import ROOT, free_port, wait

Samples = Mapping[tuple[str, ...], float]


def read(text: str) -> Samples:
    """The values by the name of the metric and its labels' values, ordered by the labels' names."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def scrape(client: Client, db: None) -> Callable[[], Samples]:
    return lambda: read(client.get("/metrics").content.decode())


def test_a_job_is_counted_when_it_ends_and_its_total_never_falls(scrape: Callable[[], Samples]) -> None:
    for kind in ("update", "update", "patch"):
        Job.objects.create(kind=kind, key=f"{Job.objects.count()}")
    assert scrape()["ssot_jobs", "update", "waiting"] == 2
    for _ in range(3):
        job = claim("w")
        assert job
        assert scrape()["ssot_jobs", job.kind, "running"] == 1
        if job.kind == "patch":
            Job.objects.filter(pk=job.pk).update(max_attempts=1)
            job.refresh_from_db()
            fail(job, "broken")
        else:
            Job.objects.filter(pk=job.pk).update(started_at=timezone.now() - timedelta(seconds=20))
            finish(job)
    Job.objects.all().delete()

    found = scrape()

    assert found["ssot_jobs_ended_total", "update", "done"] == 2
    assert found["ssot_jobs_ended_total", "patch", "buried"] == 1
    assert found["ssot_job_duration_seconds_count", "update"] == 2
    assert 40 <= found["ssot_job_duration_seconds_sum", "update"] < 60
    assert found["ssot_job_duration_seconds_bucket", "update", "15.0"] == 0
    assert found["ssot_job_duration_seconds_bucket", "update", "60.0"] == 2
    assert ("ssot_jobs", "update", "waiting") not in found


def test_durations_fall_into_the_classes_whose_bounds_they_do_not_reach(db: None) -> None:
    now = timezone.now()
    for seconds in (0, 1, 4.9, 5, 3599, 3600, 90_000):
        job = Job.objects.create(kind="update", started_at=now - timedelta(seconds=seconds))
        Job.objects.filter(pk=job.pk).update(state="done", finished_at=now)
    total = JobTotal.objects.get()
    assert len(total.durations) == len(DURATIONS) + 1
    assert total.durations == [1, 2, 1, 0, 0, 0, 1, 2]


def test_queues_the_outbox_and_repositories_are_measured(scrape: Callable[[], Samples]) -> None:
    Repository.objects.create(slug="shop", name="Shop", url="https://example.org/shop.git")
    hour = timezone.now() - timedelta(hours=1)
    Job.objects.create(kind="update", queue="scans", due_at=hour)
    OutboxItem.objects.create(kind="notice", channel="slack", key="k", next_at=hour)
    OutboxItem.objects.create(kind="notice", channel="email", key="l", state="failed")

    found = scrape()

    assert 3600 <= found["ssot_queue_age_seconds", "scans"] < 3700
    assert 3600 <= found["ssot_outbox_age_seconds", "slack"] < 3700
    assert found["ssot_outbox_items", "email", "failed"] == 1
    assert found["ssot_repositories", ""] == 1
    assert found["ssot_table_bytes", "compliance_job"] > 0
    assert found["ssot_database_up",] == 1


def test_only_this_machine_reads_metrics_without_a_token(
    client: Client, db: None, settings: LazySettings
) -> None:
    assert client.get("/metrics", REMOTE_ADDR="::1").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="::ffff:127.0.0.1").status_code == 200
    refused = [
        client.get("/metrics", REMOTE_ADDR="10.1.2.3"),
        client.get("/metrics", REMOTE_ADDR=""),
        client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}),
        client.get("/metrics", headers={"Forwarded": "for=203.0.113.9"}),
        client.get("/metrics", headers={"Host": "somebody.example.org"}),  # a name that leads a browser here
    ]
    assert [answer.status_code for answer in refused] == [403] * 5
    assert "METRICS_TOKEN" in refused[0].content.decode()

    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"metrics_token": "t" * 20})
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    right = {"Authorization": f"Bearer {'t' * 20}"}
    assert client.get("/metrics", headers=right, REMOTE_ADDR="10.1.2.3").status_code == 200


def test_documentation_alerts_and_dashboard_name_the_metrics_that_exist(client: Client, db: None) -> None:
    families = text_string_to_metric_families(client.get("/metrics").content.decode())
    kinds = {family.name: family.type for family in families if family.name.startswith("ssot_")}
    exposed = {f"{name}_total" if kind == "counter" else name: kind for name, kind in kinds.items()}
    folder = ROOT / "docs" / "monitoring"
    rows = re.findall(r"^\| `(ssot_\w+)` \| (\w+) \|", (folder / "README.md").read_text(), re.MULTILINE)
    assert dict(rows) == exposed
    rules = yaml.safe_load((folder / "alerts.yaml").read_text())["groups"][0]["rules"]
    panels = json.loads((folder / "dashboard.json").read_text())["panels"]
    assert _named(rule["expr"] for rule in rules) <= set(exposed)
    assert _named(target["expr"] for panel in panels for target in panel["targets"]) == set(exposed)
    alerts = re.findall(r"^\| `(Ssot\w+)` \|", (folder / "README.md").read_text(), re.MULTILINE)
    assert alerts == [rule["alert"] for rule in rules]


def _named(queries: Iterable[str]) -> set[str]:
    return {name.removesuffix("_bucket") for query in queries for name in re.findall(r"ssot_\w+", query)}


def test_only_repositories_that_are_polled_have_an_age(scrape: Callable[[], Samples]) -> None:
    now = timezone.now()
    for slug in ("shop", "old", "gone", "quiet"):
        url = f"https://example.org/{slug}.git"
        Repository.objects.create(slug=slug, name=slug, url=url, polled_at=now)
    Repository.objects.filter(slug="old").update(archived_at=now)
    Repository.objects.filter(slug="quiet").update(poll=False)
    Repository.objects.filter(slug="gone").update(deleted_at=now)

    polled = [sample for sample in scrape() if sample[0] == "ssot_poll_age_seconds"]

    assert polled == [("ssot_poll_age_seconds", "shop")]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_any_process_of_a_web_server_counts_the_requests_of_all(
    process_environment: dict[str, str], tmp_path: Path
) -> None:
    port = free_port()
    ended = tmp_path / "var" / "metrics" / "999999-1"
    ended.mkdir(parents=True)
    environment = {**process_environment, "DATA_DIR": str(tmp_path / "var")}
    arguments = ["gunicorn", "compliance.asgi", "--bind", f"127.0.0.1:{port}", "--workers", "3"]
    arguments += ["--worker-class", "compliance.server.connections.Worker", "--no-control-socket"]
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", *arguments], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        wait(lambda: _status(port, "/livez") == 200)
        before = _counted(port)
        for _ in range(30):  # each on a connection of its own, which any process accepts
            assert _status(port, "/livez") == 200
        assert _counted(port) == before + 30
        folders = list((tmp_path / "var" / "metrics").iterdir())
        assert [folder.name.partition("-")[0] for folder in folders] == [str(server.pid)]
        assert len({path.name.rpartition("_")[2] for path in folders[0].iterdir()}) <= 3
    finally:
        server.terminate()
        server.wait()


def _status(port: int, path: str) -> int:
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code
    except OSError:
        return 0


def _counted(port: int) -> float:
    request = Request(f"http://127.0.0.1:{port}/metrics")
    with urlopen(request, timeout=30) as answer:
        return read(answer.read().decode())["ssot_http_requests_total", "GET", "200", "livez"]
