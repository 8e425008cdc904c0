"""Collects what waits for digests and sends each person and each rule one message about it."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from compliance.integrations import delivery
from compliance.lib.batches import batches
from compliance.models import Cadence, DigestEntry, NotificationRule
from compliance.notifications.channel_messages import send
from compliance.notifications.digest_messages import DIGEST
from compliance.notifications.notices import digest_notice
from compliance.notifications.quiet import next_digest, next_permitted, times_of


def digests_due(now: datetime | None = None) -> int:
    """Record the digests that are due, and return their number. This is called every few minutes.

    It is safe to call this concurrently: an entry is collected once, in the transaction that records its
    digest.
    """
    at = now or timezone.now()
    due = DigestEntry.objects.filter(collected_at=None, due_at__lte=at)
    sent = 0
    for person in User.objects.filter(pk__in=due.values("person")).select_related("notification_settings"):
        sent += _collect_for_person(person, at)
    rules = NotificationRule.objects.filter(pk__in=due.values("rule")).select_related("channel", "repository")
    for rule in rules:
        sent += _collect_for_rule(rule, at)
    return sent


@transaction.atomic
def reschedule(person: User, now: datetime | None = None) -> None:
    """Move what waits for a person's digests to the times of their new settings."""
    at = now or timezone.now()
    times = times_of(getattr(person, "notification_settings", None))
    waiting = list(_locked(DigestEntry.objects.filter(person=person, collected_at=None)))
    due = {
        cadence: next_permitted(times, at if cadence == Cadence.AT_ONCE else next_digest(times, cadence, at))
        for cadence in Cadence
    }
    for entry in waiting:
        entry.due_at = due[Cadence(entry.cadence)]
    DigestEntry.objects.bulk_update(waiting, ["due_at"], batch_size=1000)


@transaction.atomic
def _collect_for_person(person: User, now: datetime) -> bool:
    settings = getattr(person, "notification_settings", None)
    entries = list(_locked(DigestEntry.objects.filter(person=person, collected_at=None, due_at__lte=now)))
    if not entries:
        return False
    permitted = next_permitted(times_of(settings), now)
    if permitted > now:  # the settings have changed since
        _update(entries, due_at=permitted)
        return False
    _update(entries, collected_at=now)
    if not person.is_active or not person.email or (settings and not settings.is_mailed):
        return False
    delivery.record([digest_notice(person, now.isoformat())])
    return True


@transaction.atomic
def _collect_for_rule(rule: NotificationRule, now: datetime) -> bool:
    entries = list(_locked(DigestEntry.objects.filter(rule=rule, collected_at=None, due_at__lte=now)))
    if not entries:
        return False
    _update(entries, collected_at=now)
    if not rule.is_enabled or not rule.channel.is_enabled:
        return False
    detail = {"rule": rule.pk, "collected_at": now.isoformat()}
    send(rule.channel, DIGEST, f"{rule.pk} {now.isoformat()}", detail, rule.repository)
    return True


def _locked(entries: QuerySet[DigestEntry]) -> QuerySet[DigestEntry]:
    """Lock entries, without those that another process collects at this moment."""
    return entries.select_for_update(skip_locked=True, of=("self",)).order_by("pk")


def _update(entries: Iterable[DigestEntry], **values: datetime) -> None:
    for batch in batches([entry.pk for entry in entries]):
        DigestEntry.objects.filter(pk__in=batch).update(**values)
