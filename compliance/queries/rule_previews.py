"""The messages that a notification rule would have sent, computed from the events that are still recorded."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min
from django.utils import timezone
from django.utils.timezone import localtime

from compliance.lib.dates import written
from compliance.lib.wording import count_of
from compliance.models import Cadence, NotificationEvent, NotificationRule
from compliance.notifications.matching import FAILING, is_own_failure, passes_filters
from compliance.notifications.quiet import next_digest, times_of
from compliance.notifications.rule_setup import scope_of
from compliance.notifications.topics import TOPICS

DAYS = 30
MOST_EVENTS = 20_000
"""Maximum number of events that are read for a preview."""


@dataclass(frozen=True, slots=True)
class RulePreview:
    """What a rule would have sent since a time. `is_partial` is true if there are more events than were
    read, so that the numbers are lower bounds.
    """

    messages: int
    events: int
    since: datetime
    is_whole_period: bool
    is_partial: bool

    @property
    def sentence(self) -> str:
        """Return a sentence that says how many messages would have been sent."""
        when = f"In the last {DAYS} days"
        if not self.is_whole_period:
            when = f"Since {written(localtime(self.since))}, when the first of its events were recorded"
        least = "at least " if self.is_partial else ""
        if not self.events:
            return f"{when}, this rule would have sent no message."
        messages = count_of(self.messages, "message")
        return (
            f"{when}, this rule would have sent {least}{messages} about {count_of(self.events, 'event')}, "
            "if no other rule had sent them to this channel."
        )


def preview(rule: NotificationRule, now: datetime | None = None) -> RulePreview:
    """Return what a rule, stored or not, would have sent in the last days, in three queries."""
    until = now or timezone.now()
    since = until - timedelta(days=DAYS)
    rows = NotificationEvent.objects.filter(routed_at__gt=since, topic__in=rule.topics or list(TOPICS))
    if scope := scope_of(rule):
        rows = rows.filter(repository=scope)
    if rule.phases:
        rows = rows.filter(phases__overlap=rule.phases)
    if rule.risks:
        rows = rows.filter(risk__in=rule.risks)
    read = list(rows.only("topic", "repository", "phases", "owners", "risk", "routed_at")[: MOST_EVENTS + 1])
    own = _own_failures(rule, since)
    found = [event for event in read[:MOST_EVENTS] if passes_filters(rule, event) and event.pk not in own]
    first = NotificationEvent.objects.aggregate(first=Min("recorded_at"))["first"]
    return RulePreview(
        messages=len({_message(rule, event) for event in found}),
        events=len(found),
        since=max(since, first) if first else since,
        is_whole_period=first is not None and first <= since,
        is_partial=len(read) > MOST_EVENTS,
    )


def _own_failures(rule: NotificationRule, since: datetime) -> set[int]:
    """Return the events that say that the rule's channel fails, which it can't carry. Only they need the
    details of events, which are large.
    """
    rows = NotificationEvent.objects.filter(topic=FAILING, routed_at__gt=since)
    return {event.pk for event in rows.only("topic", "detail") if is_own_failure(rule, event)}


def _message(rule: NotificationRule, event: NotificationEvent) -> tuple[object, ...]:
    """Return what identifies the message that an event is part of."""
    routed_at = event.routed_at or event.recorded_at
    if rule.cadence == Cadence.AT_ONCE:
        # Events that are routed in one transaction have the same time.
        return event.topic, event.repository_id, routed_at
    return (next_digest(times_of(None), Cadence(rule.cadence), routed_at),)
