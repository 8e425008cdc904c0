"""The tables of the queue, which `manage.py migrate` creates."""

import psycopg
import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import connection

from compliance.management.commands.migrate import _install_queue


def drop() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS pgmq CASCADE")


def exists() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace('pgmq') IS NOT NULL")
        return bool(cursor.fetchone()[0])


def test_the_queue_is_created_once(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    drop()
    call_command("install_queue")
    call_command("install_queue")
    assert capsys.readouterr().out == "The queue is ready.\nThe queue already exists.\n"


def test_migrate_creates_the_queue_unless_it_is_elsewhere(db: None, settings: LazySettings) -> None:
    drop()
    settings.QUEUE_IN_POSTGRES = False
    call_command("migrate", verbosity=0)
    assert not exists()
    settings.QUEUE_IN_POSTGRES = True
    call_command("migrate", "compliance", verbosity=0)
    call_command("migrate", plan=True, verbosity=0)
    assert not exists()
    call_command("migrate", verbosity=0)
    call_command("migrate", verbosity=0)
    assert exists()


def test_a_role_that_may_not_create_schemas_is_told_what_to_do(db: None) -> None:
    drop()
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE nobody_special")
        cursor.execute("SET LOCAL ROLE nobody_special")
    with pytest.raises(CommandError, match="GRANT CREATE ON DATABASE name TO role") as caught:
        _install_queue("default")
    assert isinstance(caught.value.__context__, psycopg.errors.InsufficientPrivilege)
