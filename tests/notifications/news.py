"""What the product has emitted, and alerts that began earlier."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

from django.db import connection
from django.db.models import F

from compliance.models import Alert, InboxEntry, NotificationEvent


def emitted(topic: str) -> list[NotificationEvent]:
    """The events of a topic, the oldest first."""
    return list(NotificationEvent.objects.filter(topic=topic).select_related("person", "repository"))


def inbox() -> list[tuple[str, str]]:
    """Who has which topics in the inbox."""
    return sorted(InboxEntry.objects.values_list("person__username", "event__topic"))


def age_alerts(**since: float) -> None:
    """Let all alerts have begun earlier."""
    Alert.objects.update(began_at=F("began_at") - timedelta(**since))


def at_once(function: Callable[[], object], number: int = 4) -> None:
    """Call a function in several threads at the same time, each with a connection of its own."""
    start, failures = Barrier(number), []

    def run() -> None:
        try:
            start.wait()
            function()
        except Exception as error:  # noqa: BLE001  (it fails the test below)
            failures.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures
