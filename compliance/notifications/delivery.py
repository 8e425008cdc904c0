"""Sends each message exactly once: its row is locked while it is sent and marked as sent in the same
transaction.
"""

from collections.abc import Callable

from django.db import transaction
from django.db.models.functions import Now

from compliance.jobs import TemporaryError
from compliance.lib.field_types import storable
from compliance.models import Notice
from compliance.notifications.channel import RejectedError, UnacceptedError


class UnsentError(TemporaryError):
    """Raised if some messages could not be sent. The job fails with this message and is retried."""


def deliver(notice: Notice, send: Callable[[Notice], None]) -> str:
    """Send one message unless it has already been sent. Return the error as text, or an empty string."""
    with transaction.atomic():
        free = Notice.objects.select_for_update(skip_locked=True).filter(pk=notice.pk)
        mine = free.first()
        if mine is None:
            return "another worker is sending it"
        if mine.sent_at:
            return ""
        try:
            send(mine)
        except RejectedError as error:
            free.update(error=_words(error), detail={**mine.detail, "given_up": True})
            return ""
        except OSError as error:
            free.update(error=_words(error))
            return _words(error)
        free.update(sent_at=Now(), error="")
        return ""


def _words(error: OSError) -> str:
    text = str(error) if isinstance(error, UnacceptedError) else f"{type(error).__name__}: {error}"
    return storable(text)[:1000]
