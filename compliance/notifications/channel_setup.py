"""Creates and changes channels, for pages and the API alike."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pghistory
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from compliance.lib.field_types import is_storable
from compliance.lib.standard_webhooks import key_of, new_secret
from compliance.models import Channel, OutboxItem, Repository
from compliance.notifications.channel_messages import KIND
from compliance.notifications.channels import CHANNELS

FORMER_SECRET_FOR = timedelta(days=7)
"""Time for which messages are signed with the former secret as well."""

MOST_CHANNELS = 500
LONGEST_NAME = 200
LONGEST_SECRET = 200


class ChannelValueError(Exception):
    """Raised if a channel can't be stored as requested. `field` is the name of the field that is wrong, or
    empty.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def create(kind: str, given: Mapping[str, Any], repository: Repository | None) -> Channel:
    """Store a new channel. If its kind signs, it gets the secret that is given, or a generated one. Raises
    `ChannelValueError`.
    """
    if kind not in CHANNELS:
        known = ", ".join(sorted(CHANNELS))
        raise ChannelValueError("kind", f"{kind[:40]!r} is no kind of channel. Choose one of {known}.")
    if Channel.objects.count() >= MOST_CHANNELS:
        raise ChannelValueError("", f"There are {MOST_CHANNELS} channels already. Remove one first.")
    channel = Channel(kind=kind, repository=repository, name=_name(given.get("name", "")))
    channel.url = _address(kind, str(given.get("url", "")))
    secret = str(given.get("secret") or "")
    if CHANNELS[kind].SIGNS:
        channel.secret = _secret(secret)
    elif secret:
        raise ChannelValueError("secret", f"{CHANNELS[kind].LABEL} uses no secret. Leave it out.")
    channel.save()
    return channel


def change(channel: Channel, given: Mapping[str, Any]) -> None:
    """Store changed values; an empty or missing address keeps the stored one. Raises `ChannelValueError`."""
    if "name" in given:
        channel.name = _name(given["name"])
    if "repository" in given:
        channel.repository = given["repository"]
    is_moved = bool(given.get("url"))
    if is_moved:
        channel.url = _address(channel.kind, str(given["url"]))
        channel.revision += 1
    with transaction.atomic():
        channel.save(update_fields=["name", "repository", "url", "revision"])
        if is_moved:
            pghistory.create_event(channel, label="address")


def set_enabled(channel: Channel, *, is_enabled: bool) -> None:
    """Enable or disable a channel on behalf of a person."""
    Channel.objects.filter(pk=channel.pk).update(
        is_enabled=is_enabled, disabled_reason="", revision=F("revision") + 1
    )
    channel.refresh_from_db()


def rotate(channel: Channel, chosen: str = "") -> None:
    """Give a channel a new secret, the given or a generated one. For a week, messages are signed with both.
    Raises `ChannelValueError`.
    """
    if not CHANNELS[channel.kind].SIGNS:
        raise ChannelValueError("secret", f"{CHANNELS[channel.kind].LABEL} uses no secret.")
    secret = _secret(chosen)
    if secret == channel.secret:
        raise ChannelValueError("secret", "This is the current secret already. Choose another one.")
    with transaction.atomic():
        channel.former_secret, channel.secret = channel.secret, secret
        channel.former_secret_until = timezone.now() + FORMER_SECRET_FOR if channel.former_secret else None
        channel.revision += 1
        channel.save(update_fields=["secret", "former_secret", "former_secret_until", "revision"])
        pghistory.create_event(channel, label="secret")


def messages_of(channel: Channel) -> QuerySet[OutboxItem]:
    """Return the messages to a channel that the outbox still has, the newest first."""
    found = OutboxItem.objects.filter(kind=KIND, target=str(channel.pk)).order_by("-pk")
    return found.select_related("repository").defer("secret")


def _name(value: Any) -> str:
    name = str(value).strip()
    if not name:
        raise ChannelValueError("name", "Give the channel a name.")
    if len(name) > LONGEST_NAME:
        raise ChannelValueError("name", f"At most {LONGEST_NAME} characters are allowed.")
    if not is_storable(name) or not name.isprintable():
        raise ChannelValueError("name", "Remove the control characters.")
    return name


def _address(kind: str, value: str) -> str:
    try:
        return CHANNELS[kind].check(value)
    except ValueError as error:
        raise ChannelValueError("url", str(error)) from None


def _secret(chosen: str) -> str:
    secret = chosen.strip() or new_secret()
    try:
        key_of(secret)
    except ValueError as error:
        raise ChannelValueError("secret", f"{error} Leave the field empty to generate one.") from None
    return secret
