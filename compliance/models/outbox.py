"""Everything that leaves the product: e-mails, and later comments, statuses and messages."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from compliance.models.repository import Repository
from compliance.models.secret import SecretField


class OutboxItem(models.Model):
    """Something that is to be sent, or was sent, to one target.

    `kind` decides what sends it (`tasks.SENDERS`), `channel` is the way that it goes, and `target` the person
    or object that receives it. `key` identifies its subject, so that it is recorded only once. The content
    is built from `detail` and the current records when it is sent. `secret` is a link that can't be built
    again; it is emptied once the item is sent or given up. `host` is the server, which gets a limited number
    of items at a time.

    `attempts` fences the writes of a worker that has lost its lease. `may_have_arrived` is true if an attempt
    ended without a result, so that the item may have been received. `log` has the outcomes of the newest
    attempts, and `outcome` that of the last one. `remote_id` is the receiver's id of what was created there.
    `revision` is the number of times that an item was requested again because its content has changed; if it
    rises while the item is being sent, the item is sent once more.

    `prune` deletes rows after NOTICE_DAYS (docs/storage.md).
    """

    class State(models.TextChoices):
        """A failed item had too many attempts; one that was given up can't be delivered or isn't needed."""

        WAITING = "waiting"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        GIVEN_UP = "given up"

    kind = models.CharField(max_length=20)
    channel = models.CharField(max_length=20)
    repository = models.ForeignKey(
        Repository, models.CASCADE, null=True, blank=True, related_name="outbox_items"
    )
    target = models.CharField(max_length=300, blank=True)
    key = models.CharField(max_length=300)
    host = models.CharField(max_length=255, blank=True)
    detail = models.JSONField(default=dict)
    secret = SecretField(blank=True, default="")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=15)
    next_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=200, blank=True)
    outcome = models.TextField(blank=True)
    may_have_arrived = models.BooleanField(default=False)
    remote_id = models.CharField(max_length=200, blank=True)
    revision = models.PositiveIntegerField(default=0, db_default=0)
    log = models.JSONField(default=list)
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("repository", "channel", "target", "key"),
                nulls_distinct=False,
                name="one_row_per_outbox_item",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="sent_items_say_when",
            ),
        )
        indexes = (
            models.Index(fields=("next_at",), condition=Q(state="waiting"), name="items_to_send"),
            models.Index(fields=("host",), condition=Q(state="sending"), name="items_being_sent"),
            models.Index(fields=("created_at",), name="items_by_age"),
            models.Index(fields=("target", "-id"), condition=Q(kind="message"), name="messages_of_channels"),
            models.Index(
                fields=("repository", "-id"),
                condition=~Q(state="sent"),
                name="items_not_sent",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.key} to {self.target}"
