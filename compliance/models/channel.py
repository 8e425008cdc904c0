"""Channels: places outside the product to which it sends messages, such as a chat room or a webhook."""

import pghistory
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from compliance.models.repository import Repository
from compliance.models.secret import SecretField


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(condition=pghistory.AnyChange("name", "repository", "is_enabled")),
    pghistory.DeleteEvent(),
    pghistory.ManualEvent("address"),  # type: ignore[no-untyped-call]
    pghistory.ManualEvent("secret"),  # type: ignore[no-untyped-call]
    fields=["name", "kind", "repository", "is_enabled", "disabled_reason"],
    model_name="ChannelEvent",
)
class Channel(models.Model):
    """A place to which messages are sent, for one repository or, without one, for the whole installation.

    `kind` is the name of its module in `notifications.channels`. `url` is the address, such as the URL of an
    incoming webhook, which lets anyone send there who knows it. `secret` signs what is sent, if the kind
    signs, and `former_secret` signs it as well until `former_secret_until`.

    A channel that no longer exists at the receiver is disabled with the reason; one that a person disabled
    has none. `revision` rises with each change of the address, the secret or the state, so that an attempt
    that began before it can't disable the channel.

    There are a few rows for each installation, and nothing deletes them but people.
    """

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20)
    repository = models.ForeignKey(Repository, models.CASCADE, null=True, blank=True, related_name="channels")
    url = SecretField()
    secret = SecretField(blank=True, default="")
    former_secret = SecretField(blank=True, default="")
    former_secret_until = models.DateTimeField(null=True, blank=True)
    is_enabled = models.BooleanField(default=True)
    disabled_reason = models.TextField(blank=True, default="")
    revision = models.PositiveIntegerField(default=0)
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_failure_at = models.DateTimeField(null=True, blank=True)
    last_failure = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("name", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(former_secret="", former_secret_until__isnull=True)
                | (~Q(former_secret="") & Q(former_secret_until__isnull=False)),
                name="former_secrets_have_an_end",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_failing(self) -> bool:
        """Return true if the last attempt to send a message failed."""
        failed, succeeded = self.last_failure_at, self.last_success_at
        return failed is not None and (succeeded is None or failed > succeeded)
