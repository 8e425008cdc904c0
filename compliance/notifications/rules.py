"""Sends events to channels according to rules. An event goes to a channel once, however many rules match."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from compliance.lib.batches import BATCH
from compliance.models import Cadence, DigestEntry, NotificationEvent, NotificationRule
from compliance.notifications.channel_messages import send
from compliance.notifications.quiet import next_digest, times_of
from compliance.notifications.topic import Topic

_FREQUENCY = {cadence: rank for rank, cadence in enumerate(Cadence)}


def route(topic: Topic, events: Sequence[NotificationEvent]) -> None:
    """Record the messages to channels about events of one topic and repository."""
    chosen: defaultdict[NotificationRule, list[NotificationEvent]] = defaultdict(list)
    for rules in _by_channel(events[0].repository_id).values():
        for event in events:
            if rule := next((rule for rule in rules if matches(rule, event)), None):
                chosen[rule].append(event)
    now = timezone.now()
    for rule, those in chosen.items():
        if rule.cadence == Cadence.AT_ONCE:
            detail = {"events": [event.pk for event in those], "rule": rule.pk}
            send(rule.channel, topic.name, str(those[-1].pk), detail, those[0].repository)
        else:
            DigestEntry.objects.bulk_create(
                [_entry(rule, event, now) for event in those], ignore_conflicts=True, batch_size=BATCH
            )


def matches(rule: NotificationRule, event: NotificationEvent) -> bool:
    """Return true if an event passes the filters of a rule, whose repository is known to fit."""
    owners = {owner.casefold() for owner in event.owners}
    return (
        (not rule.topics or event.topic in rule.topics)
        and (not rule.phases or not set(rule.phases).isdisjoint(event.phases))
        and (not rule.owners or not owners.isdisjoint(owner.casefold() for owner in rule.owners))
        and (not rule.risks or event.risk in rule.risks)
        and not _is_about_its_failure(rule, event)
    )


def _is_about_its_failure(rule: NotificationRule, event: NotificationEvent) -> bool:
    """Return true if an event says that the rule's own channel fails, which it can't carry."""
    return event.detail.get("channel") == rule.channel_id and event.detail.get("over") is not True


def _by_channel(repository: int | None) -> dict[int, list[NotificationRule]]:
    """Return the rules for a repository by channel, those that send most often first."""
    fits = Q(repository=None) | Q(repository=repository)
    reaches = Q(channel__repository=None) | Q(channel__repository=repository)
    rows = NotificationRule.objects.filter(fits, reaches, is_enabled=True, channel__is_enabled=True)
    found: defaultdict[int, list[NotificationRule]] = defaultdict(list)
    for rule in rows.select_related("channel").order_by("pk"):
        found[rule.channel_id].append(rule)
    return {
        channel: sorted(rules, key=lambda rule: _FREQUENCY[Cadence(rule.cadence)])
        for channel, rules in found.items()
    }


def _entry(rule: NotificationRule, event: NotificationEvent, now: datetime) -> DigestEntry:
    cadence = Cadence(rule.cadence)
    due = next_digest(times_of(None), cadence, now)
    return DigestEntry(rule=rule, event=event, cadence=cadence, due_at=due)
