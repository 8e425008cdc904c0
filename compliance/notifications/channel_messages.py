"""Sends messages to channels through the outbox.

`send` records a message, and the outbox has it written from the events and the current records when it is
sent. The topics in `topics` write their messages; `write_test` and `write_digest` write the others.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from compliance.integrations import delivery
from compliance.lib.field_types import storable
from compliance.lib.secret_keys import new_key
from compliance.lib.wording import count_of
from compliance.models import (
    Channel,
    DigestEntry,
    NotificationEvent,
    NotificationRule,
    OutboxItem,
    Repository,
)
from compliance.notifications.channel import ChannelGoneError, ChannelKind, Destination
from compliance.notifications.channels import CHANNELS
from compliance.notifications.digest_content import address
from compliance.notifications.digest_messages import DIGEST, still_current, write_digest
from compliance.notifications.matching import still_sent
from compliance.notifications.message import Fact, Level, Link, Message
from compliance.notifications.rule_setup import reason_of
from compliance.notifications.topic import Addressee
from compliance.notifications.topics import TOPICS

KIND = "message"
"""The kind of these items in the outbox."""

TEST = "channel.test"
"""The topic of a test, which is sent to a disabled channel, too."""

_NOTED_EVERY = timedelta(minutes=1)
"""Time after which the success of a channel is recorded again."""

_LONGEST_FAILURE = 1000


def send(
    channel: Channel,
    topic: str,
    key: str,
    detail: Mapping[str, Any] | None = None,
    repository: Repository | None = None,
) -> None:
    """Record a message, which is sent after the caller's transaction.

    The same key is sent to a channel only once. `detail` is JSON data: `events` are the ids of the events
    that it is about, and `rule` is the id of the rule that sends it. Nothing is recorded if the channel is
    disabled.
    """
    if not channel.is_enabled and topic != TEST:
        return
    kind = CHANNELS[channel.kind]
    delivery.record(
        [
            OutboxItem(
                kind=KIND,
                channel=channel.kind,
                repository=repository or channel.repository,
                target=str(channel.pk),
                key=f"{topic} {key}",
                host=kind.host(channel.url),
                detail={"about": topic, "channel": channel.name, **(detail or {})},
            )
        ]
    )


def send_test(channel: Channel, person: User | None) -> None:
    """Record a test message."""
    send(channel, TEST, new_key(), {"person": person.username if person else ""})


def write_test(item: OutboxItem) -> Message:
    """Write a test message."""
    person = str(item.detail.get("person") or "somebody")
    repository = item.repository
    where = address("overview", repository.slug) if repository else address("home")
    return Message(
        topic=TEST,
        title="This is a test message",
        text="If you can read this, messages to this channel arrive.",
        facts=(
            Fact("Channel", str(item.detail["channel"])),
            Fact("Repository", repository.name if repository else "all", where),
        ),
        links=(Link("Open the dashboard", where),),
        reason=f"{person} tested the channel",
        stop=Link("Change or remove this channel", address("channel", item.target)),
        repository=repository.slug if repository else "",
        level=Level.GOOD,
    )


def write_events(channel: Channel, item: OutboxItem) -> Message:
    """Write the message about events of one topic, or the digest of a rule.

    Raises:
        NotNeededError: if the events were deleted or are over, no rule sends them any more, or this release
            doesn't know their topic.
    """
    rows = NotificationEvent.objects.select_related("repository", "person", "actor").order_by("pk")
    if item.detail["about"] == DIGEST:
        collected = {"rule": item.detail["rule"], "collected_at": item.detail["collected_at"]}
        rows = rows.filter(pk__in=DigestEntry.objects.filter(**collected).values("event"))
    else:
        rows = rows.filter(pk__in=item.detail.get("events", ()))
    known = [event for event in rows if event.topic in TOPICS]
    if not known:
        raise delivery.NotNeededError("The events were deleted, or this release doesn't know their topic.")
    sending = still_sent(channel, known, item.detail.get("rule"))
    events = still_current(list(sending))
    if not events:
        raise delivery.NotNeededError("No rule of this channel sends this any more, or it is over.")
    to = _addressee(channel, list(dict.fromkeys(sending[event] for event in events)))
    if item.detail["about"] == DIGEST:
        return write_digest(events, to, Link("Open the dashboard", address("home")), "on the dashboard")
    return TOPICS[events[0].topic].write(events, to)


def _addressee(channel: Channel, rules: Sequence[NotificationRule]) -> Addressee:
    """Return the channel with the rules that send a message to it: usually one, which can be changed or
    disabled at the link.
    """
    first, more = rules[0], len(rules) - 1
    if more:
        words = f"{reason_of(first)}, and {count_of(more, 'other rule')} of this channel send the rest"
        return Addressee(words, Link("Change or disable these rules", address("channel", str(channel.pk))))
    return Addressee(reason_of(first), Link("Change or disable this rule", address("rule", str(first.pk))))


class ChannelSender:
    """Builds the messages to channels."""

    def build(self, item: OutboxItem) -> delivery.Message:
        """Write and render a message, if its channel exists and is enabled."""
        channel = Channel.objects.filter(pk=item.target).first()
        if channel is None:
            raise delivery.NotNeededError("The channel was removed.")
        topic = item.detail["about"]
        if not channel.is_enabled and topic != TEST:
            raise delivery.NotNeededError("The channel is disabled.")
        kind: ChannelKind | None = CHANNELS.get(channel.kind)
        if kind is None or topic not in {TEST, DIGEST, *TOPICS}:
            raise delivery.NotNeededError(f"This release can't send {topic!r} through {channel.kind!r}.")
        if not channel.url:
            raise ValueError("The address can't be decrypted with SECRET_KEY or one of its fallbacks.")
        message = write_test(item) if topic == TEST else write_events(channel, item)
        attempt = kind.prepare(_destination(channel, item), message)
        return delivery.Message(partial(_attempt, channel, attempt))


def _destination(channel: Channel, item: OutboxItem) -> Destination:
    secrets = [channel.secret] if channel.secret else []
    if channel.former_secret_until and channel.former_secret_until > timezone.now():
        secrets.append(channel.former_secret)
    elif channel.former_secret_until:
        Channel.objects.filter(pk=channel.pk, former_secret_until=channel.former_secret_until).update(
            former_secret="", former_secret_until=None
        )
    # The time distinguishes items of databases that were restored from a backup or set up again.
    identifier = f"msg_{item.pk}_{item.created_at:%Y%m%d%H%M%S}"
    return Destination(channel.url, identifier, item.created_at, tuple(secrets))


def _attempt(channel: Channel, attempt: Callable[[], delivery.Sent]) -> delivery.Sent:
    """Send a message, and record at the channel how that went."""
    mine = Channel.objects.filter(pk=channel.pk)
    try:
        sent = attempt()
    except OSError as error:
        words = storable(str(error) or type(error).__name__)[:_LONGEST_FAILURE]
        mine.update(last_failure_at=Now(), last_failure=words)
        if isinstance(error, ChannelGoneError):
            _disable(channel, words)
        raise
    recent = timezone.now() - _NOTED_EVERY
    old = (
        Q(last_success_at=None) | Q(last_success_at__lt=recent) | Q(last_failure_at__gt=F("last_success_at"))
    )
    mine.filter(old).update(last_success_at=Now())
    return sent


def _disable(channel: Channel, words: str) -> None:
    """Disable a channel, unless it was changed since the message was prepared."""
    unchanged = Channel.objects.filter(pk=channel.pk, revision=channel.revision, is_enabled=True)
    unchanged.update(is_enabled=False, disabled_reason=words, revision=F("revision") + 1)
