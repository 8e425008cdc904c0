"""How the token's owner is notified: topics, repositories and times."""

from datetime import datetime, time
from typing import Annotated, Any, Literal

from django.contrib.auth.models import User
from django.http import HttpRequest
from ninja import Field, Router, Schema
from pydantic import ConfigDict

from compliance.api.authentication import (
    WRITE,
    person_of,
    repositories_of,
    repository_of,
    require_all_repositories,
)
from compliance.lib.field_types import Instant
from compliance.models import Repository
from compliance.notifications import preferences

router = Router(tags=["notifications"])
of_repository = Router(tags=["notifications"])

WayName = Literal["at once", "daily", "weekly", "inbox", "off"]
LevelName = Literal["participating", "watching", "ignoring"]
TopicName = Annotated[str, Field(max_length=40, pattern=r"^[\w.]+$")]
Ways = dict[TopicName, WayName | None]
"""How the person learns about topics. Null is the default or, for a repository, the general choice."""


class TopicOut(Schema):
    """A topic: `way` is null if `default` applies, a sentence about the owner's role."""

    name: str
    title: str
    when: str
    way: WayName | None
    default: str


class PreferencesOut(Schema):
    """The preferences of the token's owner. No e-mails are sent from `quiet_from` until `quiet_until`, on
    weekends with `quiet_weekends`, until `muted_until`, or at all without `is_mailed`.

    Times are those of `time_zone`, an IANA name, or of the installation if it is empty. `digest_day` is 0 for
    Monday. `exceptions` are the repositories with preferences of their own.
    """

    topics: list[TopicOut]
    exceptions: list[str]
    is_mailed: bool
    time_zone: str
    quiet_from: time | None
    quiet_until: time | None
    quiet_weekends: bool
    muted_until: datetime | None
    digest_hour: int
    digest_day: int


class PreferencesIn(Schema):
    """What to change; what is omitted stays. Null ends quiet hours and a mute, and restores a topic's
    default.
    """

    model_config = ConfigDict(extra="forbid")
    topics: Ways = Field(default_factory=dict, max_length=100)
    is_mailed: bool = True
    time_zone: str = Field("", max_length=64, pattern=r"^[\w/+-]*$")
    quiet_from: time | None = None
    quiet_until: time | None = None
    quiet_weekends: bool = False
    muted_until: Instant | None = None
    digest_hour: int = Field(8, ge=0, le=23)
    digest_day: int = Field(0, ge=0, le=6)


class RepositoryPreferencesOut(Schema):
    """The preferences for a repository. Where `way` is null, the general choice applies."""

    level: LevelName
    topics: list[TopicOut]


class RepositoryPreferencesIn(Schema):
    """What to change; what is omitted stays. Null restores the general choice for a topic."""

    model_config = ConfigDict(extra="forbid")
    level: LevelName = "participating"
    topics: Ways = Field(default_factory=dict, max_length=100)


@router.get("", response=PreferencesOut, summary="Show notification preferences")
def show(request: HttpRequest) -> PreferencesOut:
    """Show how the token's owner is notified."""
    return _told(request, person_of(request))


@router.put("", response=PreferencesOut, auth=WRITE, summary="Change notification preferences")
def change(request: HttpRequest, given: PreferencesIn) -> PreferencesOut:
    """Change how the token's owner is notified."""
    require_all_repositories(request, "These preferences are for all repositories")
    person = person_of(request)
    values = given.model_dump(exclude_unset=True, exclude={"topics"})
    for name in ("quiet_from", "quiet_until"):
        if values.get(name):
            values[name] = values[name].replace(tzinfo=None)
    preferences.change(person, values, _ways(given.topics))
    return _told(request, person)


@of_repository.get(
    "/{slug}/notification-preferences",
    response=RepositoryPreferencesOut,
    summary="Show notification preferences for a repository",
)
def show_for_repository(request: HttpRequest, slug: str) -> RepositoryPreferencesOut:
    """Show how the token's owner is notified about a repository."""
    return _told_for_repository(person_of(request), repository_of(request, slug))


@of_repository.put(
    "/{slug}/notification-preferences",
    response=RepositoryPreferencesOut,
    auth=WRITE,
    summary="Change notification preferences for a repository",
)
def change_for_repository(
    request: HttpRequest, slug: str, given: RepositoryPreferencesIn
) -> RepositoryPreferencesOut:
    """Change how the token's owner is notified about a repository."""
    repository, person = repository_of(request, slug), person_of(request)
    preferences.set_ways(person, _ways(given.topics), repository)
    if "level" in given.model_fields_set:
        preferences.set_level(person, repository, given.level)
    return _told_for_repository(person, repository)


def _ways(given: Ways) -> dict[str, str]:
    return {name: way or "" for name, way in given.items()}


def _topics(person: User, repository: Repository | None) -> list[TopicOut]:
    own = preferences.ways_of(person, repository)
    return [
        TopicOut(
            name=topic.name,
            title=topic.title,
            when=topic.when,
            way=own[topic.name].value if topic.name in own else None,  # type: ignore[arg-type]
            default=preferences.describe_default(topic, person),
        )
        for topic in preferences.topics_for(person)
    ]


def _told(request: HttpRequest, person: User) -> PreferencesOut:
    found = preferences.settings_of(person)
    visible = set(repositories_of(request).values_list("pk", flat=True))
    same = PreferencesOut.model_fields.keys() - {"topics", "exceptions"}
    values: dict[str, Any] = {name: getattr(found, name) for name in same}
    return PreferencesOut(
        topics=_topics(person, None),
        exceptions=[row.slug for row, _, _ in preferences.exceptions_of(person) if row.pk in visible],
        **values,
    )


def _told_for_repository(person: User, repository: Repository) -> RepositoryPreferencesOut:
    level: Any = preferences.level_of(person, repository)
    return RepositoryPreferencesOut(level=level, topics=_topics(person, repository))
