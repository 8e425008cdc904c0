"""E-mails with a secret link: an invitation, or the link with which a person chooses a new password."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone

from compliance.accounts import invitations
from compliance.integrations import delivery
from compliance.models import Invitation, OutboxItem
from compliance.notifications import mail

KIND = "account"
"""The kind of these items."""

SUBJECTS = {"invitation": "Your invitation to", "reset": "Password reset for"}


def send_invitation(invitation: Invitation, link: str) -> None:
    """Record the e-mail with an invitation's link, which is sent after the transaction."""
    key = f"invitation {invitation.pk}"
    _record("invitation", invitation.email, key, link, {"invitation": invitation.pk})


def send_reset(user: User, link: str) -> None:
    """Record the e-mail with a password reset link, which is sent after the transaction."""
    # Only the newest link is sent; earlier ones would work as well.
    waiting = OutboxItem.objects.filter(kind=KIND, detail__about="reset", detail__person=user.pk)
    waiting.filter(state=OutboxItem.State.WAITING).update(
        state=OutboxItem.State.GIVEN_UP, outcome="A newer link was requested.", secret=""
    )
    _record("reset", user.email, f"reset {user.pk} {timezone.now().isoformat()}", link, {"person": user.pk})


def _record(about: str, to: str, key: str, link: str, detail: dict[str, int]) -> None:
    delivery.record(
        [
            OutboxItem(
                kind=KIND,
                channel=mail.NAME,
                target=to,
                key=key,
                host=mail.host(),
                detail={"about": about, **detail},
                secret=link,
            )
        ]
    )


class AccountLetterSender:
    """Builds these e-mails, as long as their links are valid."""

    def build(self, item: OutboxItem) -> delivery.Message:
        """Build an e-mail from the stored link."""
        about, facts = item.detail["about"], _facts(item)
        if not item.secret:
            raise delivery.NotNeededError(
                "The link is no longer stored. Create a new one on the page People."
            )
        host = urlsplit(settings.PUBLIC_URL).netloc
        message = EmailMessage(
            subject=f"{SUBJECTS[about]} SSOT compliance at {host}",
            body=render_to_string(f"mail/{about}.txt", {"address": item.secret, "host": host, **facts}),
            to=[item.target],
            headers=mail.headers_of(item),
        )
        return mail.message_of(message)


def _facts(item: OutboxItem) -> dict[str, object]:
    if item.detail["about"] == "invitation":
        invitation = invitations.standing().filter(pk=item.detail["invitation"]).first()
        if invitation is None:
            raise delivery.NotNeededError("The invitation was used or revoked, or has expired.")
        return {"invitation": invitation}
    person = User.objects.filter(pk=item.detail["person"], is_active=True).first()
    if person is None or invitations.forgetful(item.secret.rstrip("/").rpartition("/")[2]) is None:
        raise delivery.NotNeededError("The link was used or has expired, or the account is closed.")
    return {"person": person}
