"""The job that sends what is due: several items at a time, each in a thread of its own."""

import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, connections

from compliance.integrations.delivery import items
from compliance.integrations.delivery.outcomes import (
    Message,
    NotNeededError,
    PostponedError,
    RejectedError,
    Sender,
    Sent,
    UnacceptedError,
)
from compliance.jobs import JobRun
from compliance.models import Job, OutboxItem

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Number of items that one run sends at the same time."""

CHECK_EVERY = 0.5
"""Seconds between two looks for further items while some are being sent."""

RENEW_EVERY = 10.0
_PATIENCE = (0.1, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds between the attempts to record an outcome while the database doesn't respond."""

Senders = Mapping[str, Callable[[], Sender]]
"""Creates the sender of each kind of item."""


def deliver(run: JobRun, senders: Senders) -> bool:
    """Send the items that are due until none is left, or until the worker has something more urgent to do.

    Only one process of a machine does this, so that servers that don't answer can't occupy all of them.
    """
    if _is_another_running(run.job):
        return True
    items.recover()
    batch = _Batch(run.job.worker, senders)
    try:
        while not run.should_yield() and batch.begin():
            batch.handle(CHECK_EVERY)
    finally:
        batch.end()
    return not items.is_any_due()


def _is_another_running(job: Job) -> bool:
    running = Job.objects.filter(kind=items.JOB, state=Job.State.RUNNING, pk__lt=job.pk)
    return running.filter(worker__startswith=f"worker {settings.MACHINE_NAME}:").exists()


class _Batch:
    """The items that one run is sending."""

    def __init__(self, worker: str, senders: Senders) -> None:
        self._worker = worker
        self._senders = senders
        self._made: dict[str, Sender] = {}
        self._pool = ThreadPoolExecutor(AT_ONCE, "outbox")
        self._sending: dict[Future[Sent], OutboxItem] = {}
        self._renewed_at = time.monotonic()

    def begin(self) -> bool:
        """Begin to send due items. Return False if nothing is being sent."""
        for item in items.claim(self._worker, AT_ONCE - len(self._sending)):
            try:
                message = self._build(item)
            except NotNeededError as error:
                items.settle_given_up(item, str(error))
            except PostponedError as error:
                items.settle_postponed(item, str(error), error.until)
            except Exception as error:  # any error must be shown on the item's row
                log.exception("Item %s of the outbox could not be built", item.pk)
                items.settle_failed(item, f"{type(error).__name__}: {error}")
            else:
                self._sending[self._pool.submit(_send, item, message)] = item
        return bool(self._sending) or items.is_any_due()

    def _build(self, item: OutboxItem) -> Message:
        if item.kind not in self._made:
            if item.kind not in self._senders:
                raise NotNeededError(f"This release has no sender for the kind {item.kind!r}.")
            self._made[item.kind] = self._senders[item.kind]()
        return self._made[item.kind].build(item)

    def handle(self, seconds: float | None) -> None:
        """Record the outcomes that there are after at most so many seconds, and renew the other leases."""
        if not self._sending:
            time.sleep(seconds or 0)  # what is due waits for a host to which other workers are sending
            return
        done, _ = wait(self._sending, seconds, FIRST_COMPLETED)
        for future in done:
            _persist(self._sending.pop(future), future)
        if time.monotonic() - self._renewed_at > RENEW_EVERY:
            self._renewed_at = time.monotonic()
            items.renew(list(self._sending.values()))

    def end(self) -> None:
        """Wait for what is being sent, which has time limits of its own."""
        while self._sending:
            self.handle(RENEW_EVERY)
        self._pool.shutdown()


def _send(item: OutboxItem, message: Message) -> Sent:
    try:
        if item.may_have_arrived and message.find and (found := message.find()):
            return found
        return message.send()
    finally:
        connections.close_all()


def _persist(item: OutboxItem, future: "Future[Sent]") -> None:
    """Record an outcome, also if the database fails for a moment: an accepted item must not be sent again."""
    for pause in (*_PATIENCE, None):
        try:
            _settle(item, future)
        except (DatabaseError, InterfaceError):
            connection.close()
            if pause is None:
                raise
            time.sleep(pause)
        else:
            return


def _settle(item: OutboxItem, future: "Future[Sent]") -> None:
    error = future.exception()
    if error is None:
        sent = future.result()
        items.settle_sent(item, sent.words, sent.remote_id)
    elif isinstance(error, RejectedError):
        items.settle_given_up(item, str(error))
    elif isinstance(error, OSError):
        _retry(item, error)
    else:
        log.error("Item %s of the outbox failed", item.pk, exc_info=error)
        items.settle_failed(item, f"{type(error).__name__}: {error}", may_have_arrived=True)


def _retry(item: OutboxItem, error: OSError) -> None:
    known: dict[str, Any] = {"wait": None, "unreachable": isinstance(error, ConnectionRefusedError)}
    known["may_have_arrived"] = not known["unreachable"]
    words = f"{type(error).__name__}: {error}"
    if isinstance(error, UnacceptedError):
        words, known = str(error), {name: getattr(error, name) for name in known}
    pause: timedelta | None = known["wait"]
    if not items.settle_failed(item, words, pause, may_have_arrived=known["may_have_arrived"]):
        return
    if pause:
        items.put_off(item, pause, whole_host=isinstance(error, UnacceptedError) and error.whole_host)
    elif known["unreachable"]:
        items.put_off(item, items.HOST_DELAY, whole_host=True)
