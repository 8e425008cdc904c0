"""Conditions that are going on, so that each is reported once and not again until it is over."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from compliance.models.notification import LONGEST_KEY, LONGEST_TOPIC
from compliance.models.repository import Repository


class Alert(models.Model):
    """A condition that holds, such as a repository that can't be read, of which one event is emitted.

    `topic` is that of the event, and `subject` identifies what the condition is about. `began_at` is when it
    was noticed first. It is pending until it has lasted long enough for its topic, and fires then:
    `fired_at` is set in the transaction that emits the event. It is also set, without an event, if the
    condition was there before anybody wanted to know. `detail` has what the end of the condition is reported
    with.

    A row is deleted as soon as its condition is over, so there are as many as there are problems: at most one
    for each repository, open phase, kind of evidence, open pull request, connection and channel.
    """

    repository = models.ForeignKey(Repository, models.CASCADE, null=True, blank=True, related_name="alerts")
    topic = models.CharField(max_length=LONGEST_TOPIC)
    subject = models.CharField(max_length=LONGEST_KEY)
    began_at = models.DateTimeField(db_default=Now())
    fired_at = models.DateTimeField(null=True, blank=True)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("repository", "topic", "subject"), nulls_distinct=False, name="one_alert_per_subject"
            ),
        )
        indexes = (
            models.Index(fields=("topic", "began_at"), condition=Q(fired_at=None), name="alerts_to_fire"),
            models.Index(fields=("topic", "id"), name="alerts_of_a_topic"),
        )

    def __str__(self) -> str:
        return f"{self.topic} {self.subject}"
