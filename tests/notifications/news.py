"""What the product has emitted, and alerts that began earlier."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import F

from compliance.events import emit
from compliance.models import Alert, InboxEntry, NotificationEvent, TopicPreference
from tests.views.cast import World


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


def break_it(netra: World, person: User | None, number: int = 1) -> None:
    """A commit has two new violations, which directly concerns a person."""
    sha = f"{number:040x}"
    detail = {"sha": sha, "subject": "Break it", "author": "Cy", "violations": 2, "files": 1}
    emit("regression", sha, repository=netra.repository, person=person, detail=detail)


def close_phase(netra: World, person: User | None) -> None:
    """A phase has closed, which directly concerns a person."""
    emit("phase.closed", "1", repository=netra.repository, person=person, detail={"title": "Cleanup"})


def prefer(person: User, way: str, *topics: str) -> None:
    """A person chooses how to be told about topics, by default regressions."""
    for topic in topics or ("regression",):
        TopicPreference.objects.create(person=person, topic=topic, way=way)
