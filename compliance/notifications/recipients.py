"""Determines who is told about an event, and how: by their involvement, preferences and watches."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.contrib.auth.models import User
from django.db.models import Q

from compliance.accounts.roles import Role, holders
from compliance.models import Claim, NotificationEvent, RepositoryWatch, TopicPreference, Way
from compliance.notifications.topic import Audience, Topic
from compliance.people.identities import accounts_of
from compliance.people.owner_accounts import accounts_owning

_STRENGTH = {way: rank for rank, way in enumerate(Way)}
_CLOSENESS = {audience: rank for rank, audience in enumerate(Audience)}


@dataclass(frozen=True, slots=True)
class Told:
    """How one person is told about an event, given by its id. `reason` completes the sentence "Sent because
    …".
    """

    event: int
    way: Way
    reason: str


class Recipients:
    """Finds recipients. What doesn't depend on the event is read once."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._by_address: dict[str, set[int]] = {}
        self._by_owner: dict[str, set[int]] = {}

    def of(self, topic: Topic, events: Sequence[NotificationEvent]) -> Mapping[User, list[Told]]:
        """Return the people who are told about some of these events, which have one topic and repository."""
        involved = [self._involved(topic, event) for event in events]
        everybody = {pk for people in involved for pk in people}
        choices = _Choices(topic, events[0].repository_id, everybody)
        accounts = self._permitted(topic, everybody)
        found: defaultdict[User, list[Told]] = defaultdict(list)
        for event, people in zip(events, involved, strict=True):
            for pk, audiences in people.items():
                told = choices.decide(topic, event, pk, audiences)
                if told and pk in accounts:
                    found[accounts[pk]].append(told)
        return found

    def addresses(self, topic: Topic, events: Sequence[NotificationEvent]) -> Mapping[str, list[Told]]:
        """Return the addresses without an account that are told about some of these events, in lower case."""
        way = topic.audience.get(Audience.SUBJECT)
        found: defaultdict[str, list[Told]] = defaultdict(list)
        if way == Way.AT_ONCE:
            for event in events:
                if event.email and not self._accounts(event.email):
                    found[event.email.casefold()].append(Told(event.pk, way, topic.reason(Audience.SUBJECT)))
        refused = TopicPreference.objects.filter(_of(topic, events[0].repository_id), email__in=list(found))
        for email in refused.values_list("email", flat=True):
            found.pop(email, None)
        return found

    def _involved(self, topic: Topic, event: NotificationEvent) -> Mapping[int, set[Audience]]:
        """Return the topic's audiences by person, without those who ignore the repository."""
        found: defaultdict[int, set[Audience]] = defaultdict(set)
        for audience in topic.ways():
            for pk in self._members(audience, event):
                found[pk].add(audience)
        levels = self._watches.get(event.repository_id or 0, {})
        ignoring = {pk for pk, level in levels.items() if level == RepositoryWatch.Level.IGNORING}
        return {pk: found[pk] for pk in found.keys() - ignoring - {event.actor_id}}

    def _members(self, audience: Audience, event: NotificationEvent) -> Collection[int]:
        match audience:
            case Audience.SUBJECT:
                known = {event.person_id} if event.person_id else set()
                return known | set(event.people) | self._accounts(event.email)
            case Audience.CLAIMANT:
                return self._claimants(event)
            case Audience.OWNER:
                return self._owners(event.owners)
            case Audience.MANAGER:
                return self._managers
            case Audience.ADMINISTRATOR:
                return self._administrators
            case Audience.WATCHER:
                levels = self._watches.get(event.repository_id or 0, {})
                return [pk for pk, level in levels.items() if level == RepositoryWatch.Level.WATCHING]

    def _accounts(self, email: str) -> set[int]:
        if email not in self._by_address:
            self._by_address[email] = accounts_of(email)
        return self._by_address[email]

    def _owners(self, owners: Collection[str]) -> set[int]:
        if new := [owner for owner in owners if owner not in self._by_owner]:
            known = accounts_owning(new)
            self._by_owner |= {owner: known.get(owner, set()) for owner in new}
        return {pk for owner in owners for pk in self._by_owner[owner]}

    def _claimants(self, event: NotificationEvent) -> Collection[int]:
        paths = event.detail.get("paths")
        if not paths:
            return ()
        claims = Claim.objects.filter(
            file__repository=event.repository_id, file__path__in=paths, state=Claim.State.ACTIVE
        )
        return set(claims.values_list("person", flat=True))

    @cached_property
    def _managers(self) -> frozenset[int]:
        return frozenset(holders(Role.MANAGER).values_list("pk", flat=True))

    @cached_property
    def _administrators(self) -> frozenset[int]:
        return frozenset(holders(Role.ADMINISTRATOR).values_list("pk", flat=True))

    @cached_property
    def _watches(self) -> Mapping[int, Mapping[int, str]]:
        found: defaultdict[int, dict[int, str]] = defaultdict(dict)
        for repository, person, level in RepositoryWatch.objects.values_list("repository", "person", "level"):
            found[repository][person] = level
        return found

    def _permitted(self, topic: Topic, people: Collection[int]) -> Mapping[int, User]:
        """Return the active accounts of those who may be told."""
        role = topic.least_role
        rows = User.objects.filter(is_active=True) if role == Role.VIEWER else holders(role)
        return {row.pk: row for row in rows.filter(pk__in=people).select_related("notification_settings")}


class _Choices:
    """The preferences of some people for a topic in a repository."""

    def __init__(self, topic: Topic, repository: int | None, people: Collection[int]) -> None:
        rows = TopicPreference.objects.filter(_of(topic, repository), person__in=people)
        self._found = {(row.person_id, row.repository_id): Way(row.way) for row in rows}
        self._repository = repository

    def decide(
        self, topic: Topic, event: NotificationEvent, person: int, audiences: Collection[Audience]
    ) -> Told | None:
        ways = topic.ways()
        first = min(audiences, key=lambda audience: (_STRENGTH[ways[audience]], _CLOSENESS[audience]))
        own = self._found.get((person, self._repository), self._found.get((person, None)))
        way = own or ways[first]
        return None if way == Way.OFF else Told(event.pk, way, topic.reason(first))


def _of(topic: Topic, repository: int | None) -> Q:
    return Q(topic=topic.name) & (Q(repository=None) | Q(repository=repository))
