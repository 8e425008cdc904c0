"""The jobs that call forges and trackers: test a connection, and add, update or remove a webhook.

No page waits for another server. A failure is part of the connection's state, which its page shows; only one
that may be over soon is tried again.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus

from django.contrib.auth.models import User
from django.db import connection as database
from django.db import transaction
from django.db.models.functions import Now

from compliance.integrations.api import ApiError, Hook
from compliance.integrations.apis import APIS
from compliance.jobs import JobRun, Priority, TemporaryError, enqueue, pending
from compliance.lib.field_types import one_line, storable
from compliance.models import Attachment, Connection, Job

CHECK, INSTALL, REMOVE = "connection", "hook", "unhook"
"""The kinds of the jobs."""

DISCONNECT = "disconnect"
"""The kind of the job that removes a connection after its webhooks (`connection_removal`)."""

_CALLS = 0x55077
"""The number that identifies the locks on calls among the database's advisory locks."""

_LONGEST_PROBLEM = 1000


def request_check(found: Connection, person: User | None) -> Job:
    """Queue a test of a connection."""
    return enqueue(CHECK, key=str(found.pk), priority=Priority.HIGH, cause=found.name, person=person)


def request_webhook(row: Attachment | Connection, url: str, person: User | None) -> Job:
    """Queue the installation of a webhook with this URL: a repository's at its forge, or a tracker's.

    If it is installed already, its URL, its secret and its events are updated.
    """
    return enqueue(
        INSTALL, key=_key(row), detail={"url": url}, priority=Priority.HIGH, cause=str(row), person=person
    )


def request_removal(row: Attachment, person: User | None = None) -> None:
    """Queue the removal of the webhook that was installed for a repository, if there is one."""
    if row.webhook_id:
        detail = {"connection": row.connection_id, "project": row.project, "webhook": row.webhook_id}
        key = f"{row.connection_id} {row.webhook_id}"[:200]
        enqueue(REMOVE, key=key, detail=detail, cause=row.connection.name, person=person)


def is_testing(found: Connection) -> bool:
    """Return true while a test of a connection is waiting or running."""
    return pending(CHECK, str(found.pk)).exists()


def is_installing(row: Attachment | Connection) -> bool:
    """Return true while the installation of a webhook is waiting or running."""
    return pending(INSTALL, _key(row)).exists()


def is_being_removed(found: Connection) -> bool:
    """Return true while the job that removes a connection is waiting or running."""
    return pending(DISCONNECT, str(found.pk)).exists()


def check(run: JobRun) -> bool:
    """Ask whose a connection's credentials are and what they allow, and record the answer or the failure."""
    found = Connection.objects.filter(pk=run.job.key).first()
    if found is None:
        return True
    try:
        told = APIS[found.provider].identify(found)
    except ApiError as error:
        record_failure(run, found, error)
        return True
    scopes = [one_line(scope, 100) for scope in told.scopes[:200]]
    _record(run, found, acts_as=one_line(told.acts_as, 200), scopes=scopes)
    return True


def install(run: JobRun) -> bool:
    """Add or update a webhook, and record its id or why that failed.

    Raises `TemporaryError` if another attempt may succeed.
    """
    row = _row_of(run.job.key)
    url = str(run.job.detail.get("url", ""))
    if row is None or not url:
        return True
    with one_at_a_time(row.connection if isinstance(row, Attachment) else row):
        row = _row_of(run.job.key)  # another job may have installed it in the meantime, or removed the row
        if row is None:
            return True
        found = row.connection if isinstance(row, Attachment) else row
        secret = row.repository.webhook_secret if isinstance(row, Attachment) else found.webhook_secret
        project = row.project if isinstance(row, Attachment) else ""
        hook = Hook(url, secret, row.webhook_id)
        try:
            known = APIS[found.provider].install(found, project, hook)
        except ApiError as error:
            problem = storable(str(error))[:_LONGEST_PROBLEM]
            record_failure(run, found, error, lambda: _save(row, webhook_problem=problem))
            if may_pass(error):
                raise TemporaryError(str(error)) from error
            return True
        values = {"webhook_id": known[:200], "webhook_problem": "", "webhook_at": Now()}
        _record(run, found, more=lambda: _save_or_remove(row, known, **values))
    return True


def remove(run: JobRun) -> bool:
    """Remove a webhook whose row is gone. Raises `TemporaryError` if another attempt may succeed."""
    detail: Mapping[str, object] = run.job.detail
    found = Connection.objects.filter(pk=str(detail.get("connection") or 0)).first()
    if found is None:
        return True
    project, known = str(detail.get("project", "")), str(detail.get("webhook", ""))
    with one_at_a_time(found):
        if Attachment.objects.filter(connection=found, project=project, webhook_id=known).exists():
            return True  # attached again, and installed under the same id
        try:
            APIS[found.provider].remove(found, project, known)
        except ApiError as error:
            record_failure(run, found, error)
            if may_pass(error):
                raise TemporaryError(str(error)) from error
        else:
            _record(run, found)
    return True


def _key(row: Attachment | Connection) -> str:
    return f"{'repository' if isinstance(row, Attachment) else 'tracker'} {row.pk}"


def _row_of(key: str) -> Attachment | Connection | None:
    kind, _, pk = key.partition(" ")
    if kind == "repository":
        return Attachment.objects.select_related("connection", "repository").filter(pk=pk).first()
    return Connection.objects.filter(pk=pk).first()


@contextmanager
def one_at_a_time(found: Connection) -> Iterator[None]:
    """Let no other job change webhooks through a connection: both would find none, and add one each."""
    key = [_CALLS, found.pk % 2**31]
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", key)
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)


def may_pass(error: ApiError) -> bool:
    """Return true if the server may answer otherwise later."""
    return (
        error.status in (0, HTTPStatus.TOO_MANY_REQUESTS) or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    )


def record_failure(
    run: JobRun, found: Connection, error: ApiError, more: Callable[[], object] | None = None
) -> None:
    words = storable(str(error))[:_LONGEST_PROBLEM]
    with transaction.atomic():
        run.lock()
        Connection.objects.filter(pk=found.pk).update(last_failure_at=Now(), last_failure=words)
        if more:
            more()


def _record(
    run: JobRun, found: Connection, more: Callable[[], object] | None = None, **values: object
) -> None:
    with transaction.atomic():
        run.lock()
        Connection.objects.filter(pk=found.pk).update(last_success_at=Now(), **values)
        if more:
            more()


def _save(row: Attachment | Connection, **values: object) -> bool:
    rows = type(row)._default_manager.filter(pk=row.pk)  # noqa: SLF001  (Django's public name)
    return bool(rows.update(**values))


def _save_or_remove(row: Attachment | Connection, known: str, **values: object) -> None:
    """Store the id of an installed webhook. If the repository was detached in the meantime, queue the removal
    of the webhook.
    """
    if not _save(row, **values) and isinstance(row, Attachment):
        row.webhook_id = known
        request_removal(row)
