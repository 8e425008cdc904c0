"""Sends events to channels according to rules. An event goes to a channel once, however many rules match."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from compliance.lib.batches import BATCH
from compliance.models import Cadence, DigestEntry, NotificationEvent, NotificationRule, Repository
from compliance.notifications.channel_messages import send
from compliance.notifications.matching import matches, rules_by_channel
from compliance.notifications.quiet import next_digest, times_of
from compliance.notifications.topic import Topic


class ChannelMessages:
    """The messages to channels about events of one topic and repository, which are added in batches."""

    def __init__(self, topic: Topic, repository: Repository | None) -> None:
        """Read the rules for the repository."""
        self._topic = topic
        self._repository = repository
        self._rules = rules_by_channel(repository)
        self._chosen: defaultdict[NotificationRule, list[int]] = defaultdict(list)

    def add(self, events: Sequence[NotificationEvent]) -> None:
        """Choose the rule that sends each event to a channel, if there is one."""
        for rules in self._rules.values():
            for event in events:
                if rule := next((rule for rule in rules if matches(rule, event)), None):
                    self._chosen[rule].append(event.pk)

    def record(self) -> None:
        """Record what is sent at once, and what waits for a digest."""
        now = timezone.now()
        for rule, events in self._chosen.items():
            if rule.cadence == Cadence.AT_ONCE:
                detail = {"events": events, "rule": rule.pk}
                send(rule.channel, self._topic.name, str(events[-1]), detail, self._repository)
            else:
                entries = [_entry(rule, event, now) for event in events]
                DigestEntry.objects.bulk_create(entries, ignore_conflicts=True, batch_size=BATCH)


def _entry(rule: NotificationRule, event: int, now: datetime) -> DigestEntry:
    cadence = Cadence(rule.cadence)
    due = next_digest(times_of(None), cadence, now)
    return DigestEntry(rule=rule, event_id=event, cadence=cadence, due_at=due)
