"""Closes accounts: permanently ends their sessions, tokens and password reset keys."""

from typing import Any

from django.apps import apps
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.contrib.sessions.models import Session
from django.utils import timezone

from compliance.models import Token


class ResetKeys(PasswordResetTokenGenerator):
    """Password reset keys that become invalid when the account is closed."""

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        events = apps.get_model("compliance", "AccountEvent").objects
        closed = events.filter(pgh_obj_id=user.pk, is_active=False).order_by("-pk")
        last = closed.values_list("pk", flat=True).first()
        return f"{super()._make_hash_value(user, timestamp)}{last or ''}"


def end_access(sender: type[User], *, instance: User, **_: object) -> None:  # noqa: ARG001  (a signal's receiver)
    """End the sessions and tokens of an account that has just been saved as closed, regardless of who saved
    it.
    """
    if instance.is_active:
        return
    Token.objects.filter(person=instance, revoked_at=None).update(revoked_at=timezone.now())
    ended = [
        session.pk
        for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator(chunk_size=500)
        if session.get_decoded().get(SESSION_KEY) == str(instance.pk)
    ]
    Session.objects.filter(pk__in=ended).delete()
