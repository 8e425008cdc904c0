"""What a person still wants to be e-mailed when an e-mail is built, which may be days after its events."""

from collections.abc import Sequence

from django.contrib.auth.models import User

from compliance.models import NotificationEvent, RepositoryWatch, TopicPreference, Way

SILENCED = (Way.INBOX, Way.OFF)


def still_wanted(to: User | str, events: Sequence[NotificationEvent]) -> list[NotificationEvent]:
    """Return the events about which an account, or an address without one, still wants e-mails: those whose
    topic they haven't turned off, in repositories that they don't ignore.
    """
    whose = {"person": to} if isinstance(to, User) else {"email": to.casefold()}
    rows = TopicPreference.objects.filter(topic__in={event.topic for event in events}, **whose)
    ways = {(row.topic, row.repository_id): row.way for row in rows}
    ignored: set[int] = set()
    if isinstance(to, User):
        watches = RepositoryWatch.objects.filter(person=to, level=RepositoryWatch.Level.IGNORING)
        ignored.update(watches.values_list("repository", flat=True))
    return [
        event
        for event in events
        if event.repository_id not in ignored
        and ways.get((event.topic, event.repository_id), ways.get((event.topic, None))) not in SILENCED
    ]
