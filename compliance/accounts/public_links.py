"""Creates, looks up and revokes public links. This is the only module that checks if a key is valid."""

from datetime import date, timedelta

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from compliance.lib.secret_keys import digest_of, is_key, new_key
from compliance.models import PublicLink, Repository

NOTED = timedelta(minutes=5)
"""Minimum time between two updates of `used_at`, so that a frequently used link isn't written on every
request.
"""


def make(
    repository: Repository,
    person: User | None,
    *,
    name: str = "",
    until: date | None = None,
    show_commits: bool = False,
) -> PublicLink:
    """Create a link with a random 256-bit key that is valid until the end of the date `until`."""
    key = new_key()
    return PublicLink.objects.create(
        repository=repository,
        person=person,
        name=name,
        until=until,
        show_commits=show_commits,
        key=key,
        digest=digest_of(key),
    )


def opened(key: str) -> PublicLink | None:
    """Return the link that belongs to a key, with its repository, plan and newest commit, and record its use.

    Return None if the key is unknown, revoked or expired; the caller can't distinguish these cases.
    """
    if not is_key(key):
        return None
    rows = standing().select_related("repository__plan", "repository__head")
    link = rows.filter(digest=digest_of(key)).first()
    if link:
        before = Q(last_used_at__isnull=True) | Q(last_used_at__lt=timezone.now() - NOTED)
        PublicLink.objects.filter(before, pk=link.pk).update(last_used_at=Now())
    return link


def standing() -> QuerySet[PublicLink]:
    """Return the links that are currently valid."""
    today = timezone.localdate()
    return PublicLink.objects.filter(
        Q(until__isnull=True) | Q(until__gte=today),
        revoked_at__isnull=True,
        repository__deleted_at__isnull=True,
    ).order_by("-created_at", "-pk")


def revoke(link: PublicLink) -> None:
    """Revoke a link permanently, with immediate effect. Revoking it again has no effect."""
    PublicLink.objects.filter(pk=link.pk, revoked_at__isnull=True).update(revoked_at=Now())
