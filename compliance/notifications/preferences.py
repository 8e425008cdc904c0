"""A person's own notification preferences, for pages and the API alike."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import available_timezones

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from compliance.accounts.roles import Role, may
from compliance.lib.wording import join_names
from compliance.models import NotificationSettings, Repository, RepositoryWatch, TopicPreference, Way
from compliance.notifications.digests import reschedule
from compliance.notifications.quiet import morning_of, times_of
from compliance.notifications.topic import Audience, Topic
from compliance.notifications.topics import TOPICS

FURTHEST_MUTE = timedelta(days=366)
LEVELS: Mapping[str, str] = {
    RepositoryWatch.Level.PARTICIPATING: "Participating: what your role, files and claims involve",
    RepositoryWatch.Level.WATCHING: "Watching: every topic",
    RepositoryWatch.Level.IGNORING: "Ignoring: nothing",
}
"""What each level of watching a repository includes."""

_BY_ROLE = {Audience.MANAGER: Role.MANAGER, Audience.ADMINISTRATOR: Role.ADMINISTRATOR}


class PreferenceError(Exception):
    """Raised if a preference can't be stored as requested. `field` is the name of what is wrong, or empty."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def topics_for(person: User) -> list[Topic]:
    """Return the topics about which a person with this role may be notified, ordered by title."""
    found = (topic for topic in TOPICS.values() if may(person, topic.least_role))
    return sorted(found, key=lambda topic: topic.title)


def describe_default(topic: Topic, person: User) -> str:
    """Return a sentence that says how a person is notified about a topic without a preference."""
    by_way: dict[Way, list[str]] = {}
    for audience, way in topic.audience.items():
        if audience not in _BY_ROLE or may(person, _BY_ROLE[audience]):
            by_way.setdefault(way, []).append(topic.reason(audience))
    if not by_way:
        return "By default, you aren't notified."
    parts = [
        f"{way.label} {join_names([f'if {reason}' for reason in by_way[way]], 'or')}"
        for way in Way
        if way in by_way
    ]
    return f"By default: {'; '.join(parts)}."


def ways_of(person: User, repository: Repository | None = None) -> dict[str, Way]:
    """Return the preferences of a person by topic: those for a repository, or the general ones."""
    rows = TopicPreference.objects.filter(person=person, repository=repository)
    return {row.topic: Way(row.way) for row in rows}


@transaction.atomic
def set_ways(person: User, given: Mapping[str, str], repository: Repository | None = None) -> None:
    """Store preferences by topic, for a repository or for all others. An empty one restores the default, and
    topics that aren't given keep theirs.

    Raises:
        PreferenceError: if a topic or a way doesn't exist.
    """
    known = {topic.name for topic in topics_for(person)}
    for name, way in given.items():
        if name not in known:
            raise PreferenceError("topics", f"“{name[:60]}” is not a topic. Use {_listed(sorted(known))}.")
        if way not in ("", *Way.values):
            raise PreferenceError(name, f"“{way[:60]}” is not a valid choice. Use {_listed(Way.values)}.")
    unset = [name for name, way in given.items() if not way]
    TopicPreference.objects.filter(person=person, repository=repository, topic__in=unset).delete()
    for name, way in given.items():
        if way:
            TopicPreference.objects.update_or_create(
                person=person, email="", repository=repository, topic=name, defaults={"way": way}
            )


def settings_of(person: User) -> NotificationSettings:
    """Return the settings of a person. Without any, the result has the defaults and isn't stored yet."""
    found = NotificationSettings.objects.filter(person=person).first()
    return found or NotificationSettings(person=person)


@transaction.atomic
def change(person: User, given: Mapping[str, Any], ways: Mapping[str, str]) -> None:
    """Store settings as `change_settings` and preferences as `set_ways` does, or nothing."""
    set_ways(person, ways)
    if given:
        change_settings(person, given)


@transaction.atomic
def change_settings(person: User, given: Mapping[str, Any]) -> NotificationSettings:
    """Store changed settings, and move what waits for a digest to the new times. Omitted ones stay.

    Args:
        person: whose settings are changed.
        given: the fields of NotificationSettings: `time_zone` as an IANA name, `quiet_from` and `quiet_until`
            as times or None, and the others.

    Raises:
        PreferenceError: if a value isn't permitted.
    """
    found = settings_of(person)
    for name, value in given.items():
        setattr(found, name, value)
    if found.time_zone and found.time_zone not in available_timezones():
        raise PreferenceError(
            "time_zone", f"“{found.time_zone[:60]}” is not a known time zone. Use a name like Europe/Vienna."
        )
    _check_quiet_hours(found.quiet_from, found.quiet_until)
    if not (0 <= found.digest_hour <= 23 and 0 <= found.digest_day <= 6):
        raise PreferenceError("digest_hour", "Hours go from 0 to 23, and days from 0 (Monday) to 6.")
    now = timezone.now()
    if found.muted_until and found.muted_until > now + FURTHEST_MUTE:
        raise PreferenceError("muted_until", "E-mails can be muted for a year at most.")
    if found.muted_until and found.muted_until <= now:
        found.muted_until = None
    found.save()
    reschedule(User.objects.select_related("notification_settings").get(pk=person.pk))
    return found


def end_of_mute(person: User, choice: str, day: date | None, now: datetime) -> datetime:
    """Return when a mute ends. Days are those of the person's time zone. A mute until the end of a day ends
    when the next one begins for the person, see `morning_of`.

    Args:
        person: who mutes their e-mails.
        choice: `hour`, `today`, `week`, or `day` for the end of the given day.
        day: the last muted day, if `day` was chosen.
        now: the current time.

    Raises:
        PreferenceError: if the choice is invalid, or the day is missing or in the past.
    """
    times = times_of(settings_of(person))
    today = now.astimezone(times.zone).date()
    match choice:
        case "hour":
            return now + timedelta(hours=1)
        case "week":
            return now + timedelta(days=7)
        case "today":
            last = today
        case "day" if day and today <= day <= today + FURTHEST_MUTE:
            last = day
        case "day":
            raise PreferenceError("day", "Enter a day from today until a year from now.")
        case _:
            raise PreferenceError("for", f"“{choice[:60]}” is not valid; use hour, today, week or day.")
    return morning_of(times, last + timedelta(days=1))


def set_level(person: User, repository: Repository, level: str) -> None:
    """Store how much of a repository a person wants to know. Raises `PreferenceError`."""
    if level not in RepositoryWatch.Level.values:
        known = _listed(RepositoryWatch.Level.values)
        raise PreferenceError("level", f"“{level[:60]}” is not a level. Use {known}.")
    if level == RepositoryWatch.Level.PARTICIPATING:
        RepositoryWatch.objects.filter(person=person, repository=repository).delete()
    else:
        RepositoryWatch.objects.update_or_create(
            person=person, repository=repository, defaults={"level": level}
        )


def level_of(person: User, repository: Repository) -> str:
    """Return how much of a repository a person wants to know."""
    rows = RepositoryWatch.objects.filter(person=person, repository=repository)
    return rows.values_list("level", flat=True).first() or RepositoryWatch.Level.PARTICIPATING


def exceptions_of(person: User) -> list[tuple[Repository, str, str]]:
    """Return the repositories for which a person has preferences, with the level of watching and a phrase
    about the topics that differ.
    """
    levels = dict(RepositoryWatch.objects.filter(person=person).values_list("repository", "level"))
    ways: dict[int, list[str]] = {}
    rows = TopicPreference.objects.filter(person=person, repository__isnull=False).order_by("topic")
    for row in rows:
        title = TOPICS[row.topic].title if row.topic in TOPICS else row.topic
        ways.setdefault(row.repository_id or 0, []).append(f"{title}: {Way(row.way).label}")
    repositories = Repository.objects.filter(pk__in=levels.keys() | ways.keys()).order_by("name")
    return [
        (row, levels.get(row.pk, RepositoryWatch.Level.PARTICIPATING), "; ".join(ways.get(row.pk, ())))
        for row in repositories
    ]


def _check_quiet_hours(begin: time | None, end: time | None) -> None:
    if (begin is None) != (end is None):
        raise PreferenceError(
            "quiet_until" if begin else "quiet_from", "Quiet hours need a beginning and an end."
        )
    if begin is not None and begin == end:
        raise PreferenceError("quiet_until", "Quiet hours can't end when they begin. Leave both empty.")


def _listed(words: Any) -> str:
    return join_names([str(word) for word in words], "or")
