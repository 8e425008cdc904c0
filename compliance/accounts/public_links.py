"""Public links: made, opened by their key, revoked. The one place that says whether a key opens anything."""

from datetime import date, timedelta

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from compliance.lib.secret_keys import digest_of, is_key, new_key
from compliance.models import PublicLink, Repository

NOTED = timedelta(minutes=5)
"""How exactly the last use is known: a link that is read often is not written each time."""


def make(
    repository: Repository, person: User | None, *, name: str = "", until: date | None = None
) -> PublicLink:
    """A new link with a key of 256 bits of chance, good until the end of the day `until`."""
    key = new_key()
    return PublicLink.objects.create(
        repository=repository, person=person, name=name, until=until, key=key, digest=digest_of(key)
    )


def opened(key: str) -> PublicLink | None:
    """The link that a key opens, with its repository, plan and newest commit, and note that it was used.

    None for a key that is unknown, revoked or past its day: to whoever asks these are the same.
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
    """The links that open something today."""
    today = timezone.localdate()
    return PublicLink.objects.filter(
        Q(until__isnull=True) | Q(until__gte=today), revoked_at__isnull=True
    ).order_by("-created_at", "-pk")


def revoke(link: PublicLink) -> None:
    """Close a link for good, at once; one that is closed stays as it is."""
    PublicLink.objects.filter(pk=link.pk, revoked_at__isnull=True).update(revoked_at=Now())
