"""Matches events with the rules that send them to channels."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q, QuerySet

from compliance.models import Cadence, Channel, NotificationEvent, NotificationRule, Repository

FAILING = "connection.failing"
"""The topic of events that may say that a channel fails."""

_FREQUENCY = {cadence: rank for rank, cadence in enumerate(Cadence)}


def still_sent(
    channel: Channel, events: Iterable[NotificationEvent], rule: int | None = None
) -> dict[NotificationEvent, NotificationRule]:
    """Return those of some events that the rules of a channel send now, each with its rule: that with the id
    `rule` if it still does, or else the first other one. A message may have waited since it was recorded, and
    a rule or a channel may have been limited to another repository meanwhile.
    """
    rules = sorted(_enabled().filter(channel=channel), key=lambda row: row.pk != rule)
    found = {}
    for event in events:
        sending = (row for row in rules if _reaches(row, event.repository_id) and matches(row, event))
        if first := next(sending, None):
            found[event] = first
    return found


def _reaches(rule: NotificationRule, repository: int | None) -> bool:
    """Return true if a rule and its channel are for a repository."""
    scopes = (rule.repository_id, rule.channel.repository_id)
    return all(scope in (None, repository) for scope in scopes)


def _enabled() -> QuerySet[NotificationRule]:
    rows = NotificationRule.objects.filter(is_enabled=True, channel__is_enabled=True)
    return rows.select_related("channel__repository", "repository").order_by("pk")


def matches(rule: NotificationRule, event: NotificationEvent) -> bool:
    """Return true if a rule whose repository is known to fit sends an event."""
    return passes_filters(rule, event) and not is_own_failure(rule, event)


def passes_filters(rule: NotificationRule, event: NotificationEvent) -> bool:
    """Return true if an event passes the filters of a rule. The event's detail isn't read."""
    owners = {owner.casefold() for owner in event.owners}
    return (
        (not rule.topics or event.topic in rule.topics)
        and (not rule.phases or not set(rule.phases).isdisjoint(event.phases))
        and (not rule.owners or not owners.isdisjoint(owner.casefold() for owner in rule.owners))
        and (not rule.risks or event.risk in rule.risks)
    )


def is_own_failure(rule: NotificationRule, event: NotificationEvent) -> bool:
    """Return true if an event says that the rule's own channel fails, which it can't carry."""
    if event.topic != FAILING:
        return False
    return event.detail.get("channel") == rule.channel_id and event.detail.get("over") is not True


def rules_by_channel(repository: Repository | None) -> dict[int, list[NotificationRule]]:
    """Return the rules for a repository by channel, those that send most often first."""
    fits = Q(repository=None) | Q(repository=repository)
    reaches = Q(channel__repository=None) | Q(channel__repository=repository)
    found: defaultdict[int, list[NotificationRule]] = defaultdict(list)
    for rule in _enabled().filter(fits, reaches):
        found[rule.channel_id].append(rule)
    return {
        channel: sorted(rules, key=lambda rule: _FREQUENCY[Cadence(rule.cadence)])
        for channel, rules in found.items()
    }
