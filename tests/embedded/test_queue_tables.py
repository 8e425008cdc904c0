"""The command that creates the tables of the queue."""

import pytest
from django.core.management import call_command
from django.db import connection


def test_the_queue_is_created_once(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS pgmq CASCADE")
    call_command("install_queue")
    call_command("install_queue")
    assert capsys.readouterr().out == "The queue is ready.\nThe queue already exists.\n"
