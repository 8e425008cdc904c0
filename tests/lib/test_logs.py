"""What log lines look like, and which ids they carry."""

import json
import logging
import sys

import pytest
from django.test import Client

from compliance.jobs.runner import JobRun, work
from compliance.lib.logs import JsonFormatter, PlainFormatter, add_log_context, log_context
from compliance.models import Job


def record(message: str) -> logging.LogRecord:
    return logging.LogRecord("shop", logging.WARNING, __file__, 1, message, None, None)


def test_json_lines_carry_ids_and_mask_secrets() -> None:
    with log_context(request="r1"):
        add_log_context(delivery="d\n1")
        with log_context(job=7):
            line = JsonFormatter().format(record("cloned https://me:pass@host/a\nb"))
        after = JsonFormatter().format(record("x"))
    assert "\n" not in line
    values = json.loads(line)
    assert values.pop("time").endswith("+00:00")
    assert values == {
        "level": "WARNING",
        "logger": "shop",
        "message": "cloned https://***@host/a\nb",
        "request": "r1",
        "delivery": "d\n1",
        "job": 7,
    }
    assert "job" not in json.loads(after)
    assert "request" not in json.loads(JsonFormatter().format(record("x")))


def test_json_lines_have_the_traceback_without_secrets() -> None:
    try:
        raise ValueError("token ghp_0123456789abcdef")
    except ValueError:
        failed = record("failed")
        failed.exc_info = sys.exc_info()
    values = json.loads(JsonFormatter().format(failed))
    assert values["traceback"].splitlines()[-1] == "ValueError: token ***"


def test_plain_lines_carry_ids_before_the_message() -> None:
    with log_context(job=7, kind="update"):
        assert PlainFormatter().format(record("slow")).endswith("logger=shop job=7 kind=update slow")
    assert PlainFormatter().format(record("slow")).endswith("logger=shop slow")


def test_a_request_keeps_the_id_of_its_proxy_and_gets_one_otherwise(client: Client) -> None:
    given = client.get("/livez", headers={"X-Request-ID": "a.b:c-1"})
    assert given["X-Request-ID"] == "a.b:c-1"
    others = [client.get("/livez", headers={"X-Request-ID": name}) for name in ("", "a b", "é", "x" * 65)]
    names = [answer["X-Request-ID"] for answer in others]
    assert len(set(names)) == len(names)
    assert all(len(name) == 16 for name in names)


def test_what_a_job_logs_carries_its_id(db: None, caplog: pytest.LogCaptureFixture) -> None:
    job = Job.objects.create(kind="probe")
    lines = []

    def probe(_: JobRun) -> bool:
        lines.append(json.loads(JsonFormatter().format(record("inside"))))
        return True

    work({"probe": probe}, "worker")
    assert (lines[0]["job"], lines[0]["kind"], lines[0]["attempt"]) == (job.pk, "probe", 1)
