"""Detaches and removes connections, together with the webhooks that the product installed through them."""

from collections.abc import Iterator

from django.contrib.auth.models import User
from django.db import transaction

from compliance.integrations import connection_jobs
from compliance.integrations.api import ApiError
from compliance.integrations.apis import APIS
from compliance.integrations.connections import ConnectionValueError
from compliance.jobs import JobRun, Priority, TemporaryError, enqueue, pending
from compliance.models import Attachment, Connection


def detach(row: Attachment, person: User | None) -> None:
    """Let a repository use a connection no longer, and queue the removal of the webhook that was installed
    for it.
    """
    # In one transaction: a job that still found the row would take it for attached again.
    with transaction.atomic():
        connection_jobs.request_removal(row, person)
        row.delete()


def remove(found: Connection, person: User | None, *, keep_webhook: bool = False) -> bool:
    """Delete a connection. If the product installed webhooks through it that are still there, queue a job
    that removes these first, unless they are to be kept. Return True if the connection is deleted already.

    Raises `ConnectionValueError` while a repository uses it.
    """
    with transaction.atomic():
        _lock(found)
        users = [row.repository.name for row in found.attachments.select_related("repository")[:5]]
        if users:
            raise ConnectionValueError("", f"Detach it first from {', '.join(users)}.")
        if not keep_webhook and has_webhooks(found):
            key = str(found.pk)
            enqueue(
                connection_jobs.DISCONNECT, key=key, priority=Priority.HIGH, cause=found.name, person=person
            )
            return False
        found.delete()
    return True


def has_webhooks(found: Connection) -> bool:
    """Return true if webhooks that the product installed must be removed before the connection is."""
    return any(_webhooks(found))


def disconnect(run: JobRun) -> bool:
    """Remove the webhooks that were installed through a connection, and delete it. If the provider refuses
    that, the connection remains and shows why.

    Raises `TemporaryError` if another attempt may succeed.
    """
    found = Connection.objects.filter(pk=run.job.key).first()
    if found is None:
        return True
    with connection_jobs.one_at_a_time(found):
        found.refresh_from_db()  # another job may have installed the webhook in the meantime
        try:
            for project, known in dict.fromkeys(_webhooks(found)):
                APIS[found.provider].remove(found, project, known)
        except ApiError as error:
            connection_jobs.record_failure(run, found, error)
            if connection_jobs.may_pass(error):
                raise TemporaryError(str(error)) from error
            return True
        with transaction.atomic():
            run.lock()
            _lock(found)
            if found.attachments.exists():  # attached in the meantime
                Connection.objects.filter(pk=found.pk).update(webhook_id="", webhook_at=None)
            else:
                found.delete()
    return True


def _webhooks(found: Connection) -> Iterator[tuple[str, str]]:
    """Yield the project and the id of each webhook that is still installed: a tracker's, and those of
    repositories that were detached just now.
    """
    if found.webhook_id:
        yield "", found.webhook_id
    for job in pending(connection_jobs.REMOVE).filter(detail__connection=found.pk):
        yield str(job.detail.get("project", "")), str(job.detail.get("webhook", ""))


def _lock(found: Connection) -> None:
    """Let nobody attach a connection until the end of the caller's transaction."""
    Connection.objects.select_for_update().filter(pk=found.pk).first()
