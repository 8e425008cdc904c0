"""Sends one mail exactly once: its row is locked meanwhile and marked in the same transaction."""

import smtplib
from collections.abc import Callable

from django.db import transaction
from django.db.models.functions import Now

from compliance.models import Notice


class UnsentError(Exception):
    """Some mails could not be sent; the job fails with this message and is retried."""


def deliver(notice: Notice, send: Callable[[Notice], None]) -> str:
    """Send one mail with `send` unless it has been sent; return the error in words, or nothing."""
    with transaction.atomic():
        free = Notice.objects.select_for_update(skip_locked=True).filter(pk=notice.pk)
        mine = free.first()
        if mine is None:
            return "another worker is sending it"
        if mine.sent_at:
            return ""
        try:
            send(mine)
        except smtplib.SMTPRecipientsRefused as refused:
            words = "; ".join(_answer(code, text) for code, text in refused.recipients.values())
            final = all(code >= 500 for code, _ in refused.recipients.values())
            detail = {**mine.detail, "given_up": True} if final else mine.detail
            free.update(error=f"The mail server rejected the address: {words}"[:1000], detail=detail)
            return "" if final else f"the mail server temporarily rejected an address: {words}"
        except smtplib.SMTPResponseException as error:
            words = f"The mail server answered {_answer(error.smtp_code, error.smtp_error)}"[:1000]
            free.update(error=words)
            return words
        except OSError as error:
            words = f"{type(error).__name__}: {error}".replace("\0", "")[:1000]
            free.update(error=words)
            return words
        free.update(sent_at=Now(), error="")
        return ""


def _answer(code: int, text: bytes | str) -> str:
    said = text.decode(errors="replace") if isinstance(text, bytes) else text
    return f"{code} {said}".replace("\0", "")
