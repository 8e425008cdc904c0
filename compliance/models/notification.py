"""Notifications: what happened, who wants to know it, and what they have read.

The audit trail also has models whose names end with `Event`. Those are histories of rows; a
`NotificationEvent` is something that happened in the product, which people and channels are told about.
"""

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from compliance.models.channel import Channel
from compliance.models.repository import Repository
from compliance.models.risk import Risk

LONGEST_TOPIC = 40
LONGEST_KEY = 200


class NotificationEvent(models.Model):
    """Something that happened once: `key` is unique among the events of a repository and topic.

    `phases` are the keys of phases in the plan, `owners` those of the files, as CODEOWNERS names them, and
    `risk` is the highest risk. Rules filter by these. `person` and the accounts `people` are those whom the
    event directly concerns; `email` is the address of somebody whom it concerns and who may have no account.
    `actor` is the person who caused it, who isn't told. `detail` has names and numbers as they were then; if
    it has `paths`, the owners are filled in when the event is routed, and whoever claims these files is told.

    `routed_at` is when it was decided who is told. `prune` deletes routed events after NOTICE_DAYS.
    """

    repository = models.ForeignKey(
        Repository, models.CASCADE, null=True, blank=True, related_name="notification_events"
    )
    topic = models.CharField(max_length=LONGEST_TOPIC)
    key = models.CharField(max_length=LONGEST_KEY)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    phases = ArrayField(models.TextField(), default=list, blank=True)
    owners = ArrayField(models.TextField(), default=list, blank=True)
    risk = models.CharField(max_length=8, choices=Risk.choices, blank=True, default="")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    people = ArrayField(models.BigIntegerField(), default=list, blank=True)
    email = models.CharField(max_length=300, blank=True, default="")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    detail = models.JSONField(default=dict, blank=True)
    routed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("repository", "topic", "key"), nulls_distinct=False, name="one_event_per_key"
            ),
        )
        indexes = (
            models.Index(fields=("id",), condition=Q(routed_at=None), name="events_to_route"),
            models.Index(fields=("recorded_at",), name="events_by_age"),
        )

    def __str__(self) -> str:
        return f"{self.topic} {self.key}"


class Way(models.TextChoices):
    """How a person learns about a topic, the strongest way first. All but the last fill the inbox, too."""

    AT_ONCE = "at once", "e-mail at once"
    DAILY = "daily", "in a daily e-mail"
    WEEKLY = "weekly", "in a weekly e-mail"
    INBOX = "inbox", "in the inbox only"
    OFF = "off", "not at all"


class Cadence(models.TextChoices):
    """How often messages are sent."""

    AT_ONCE = "at once", "at once"
    DAILY = "daily", "once a day"
    WEEKLY = "weekly", "once a week"


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["created_at", "created_by"],
    model_name="NotificationRuleEvent",
)
class NotificationRule(models.Model):
    """Which events are sent to a channel, and how often.

    Without a repository, the rule is for all of them. An empty filter matches everything; otherwise an event
    must have one of the values. There are a few rules for each channel, and they end with it.
    """

    repository = models.ForeignKey(
        Repository, models.CASCADE, null=True, blank=True, related_name="notification_rules"
    )
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="rules")
    topics = ArrayField(models.CharField(max_length=LONGEST_TOPIC), default=list, blank=True)
    phases = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    owners = ArrayField(models.CharField(max_length=300), default=list, blank=True)
    risks = ArrayField(models.CharField(max_length=8, choices=Risk.choices), default=list, blank=True)
    cadence = models.CharField(max_length=8, choices=Cadence.choices, default=Cadence.AT_ONCE)
    is_enabled = models.BooleanField(default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("channel", "pk")

    def __str__(self) -> str:
        return f"rule {self.pk} for {self.channel_id}"


class NotificationSettings(models.Model):
    """When a person gets e-mails. Each person has at most one row; without one, the defaults apply.

    `time_zone` is a name of the IANA database, or empty for the installation's. No e-mail is sent from
    `quiet_from` until `quiet_until`, which may be on the next day, on weekends if `quiet_weekends` is set,
    and until `muted_until`. A daily digest is sent at `digest_hour`, a weekly one at that hour on
    `digest_day` (0 is Monday). Without `is_mailed`, the person gets no e-mail about any topic.
    """

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notification_settings"
    )
    time_zone = models.CharField(max_length=64, blank=True, default="")
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    quiet_weekends = models.BooleanField(default=False)
    muted_until = models.DateTimeField(null=True, blank=True)
    digest_hour = models.PositiveSmallIntegerField(default=8, validators=[MaxValueValidator(23)])
    digest_day = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(6)])
    is_mailed = models.BooleanField(default=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_hours_have_two_ends",
            ),
            models.CheckConstraint(
                condition=Q(digest_hour__lte=23, digest_day__lte=6), name="digests_have_a_time_of_the_week"
            ),
        )

    def __str__(self) -> str:
        return f"notification settings of {self.person_id}"


class TopicPreference(models.Model):
    """How somebody learns about a topic, in one repository or, without one, in all others.

    Instead of a person, a row may have the address of somebody without an account who unsubscribed.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="topic_preferences"
    )
    email = models.CharField(max_length=300, blank=True, default="")
    topic = models.CharField(max_length=LONGEST_TOPIC)
    repository = models.ForeignKey(
        Repository, models.CASCADE, null=True, blank=True, related_name="topic_preferences"
    )
    way = models.CharField(max_length=8, choices=Way.choices)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("person", "email", "topic", "repository"),
                nulls_distinct=False,
                name="one_preference_per_topic",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False, email="") | (Q(person=None) & ~Q(email="")),
                name="preferences_are_of_a_person_or_an_address",
            ),
        )

    def __str__(self) -> str:
        return f"{self.topic} for {self.person_id or self.email}: {self.way}"


class RepositoryWatch(models.Model):
    """How much of a repository a person wants to know.

    Without a row, a person participates: they are told what their role, files and claims involve. Whoever
    watches a repository is told about all its topics, and whoever ignores it about none.
    """

    class Level(models.TextChoices):
        WATCHING = "watching"
        PARTICIPATING = "participating"
        IGNORING = "ignoring"

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="repository_watches")
    repository = models.ForeignKey(Repository, models.CASCADE, related_name="watches")
    level = models.CharField(max_length=13, choices=Level.choices)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("person", "repository"), name="one_watch_per_repository"),
        )

    def __str__(self) -> str:
        return f"{self.person_id} is {self.level} {self.repository_id}"


class InboxEntry(models.Model):
    """An event that a person is told about, unread until `read_at`.

    `reason` completes the sentence "You are told because …". `prune` deletes entries that were read more than
    90 days ago; the others end with their event.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="inbox")
    event = models.ForeignKey(NotificationEvent, models.CASCADE, related_name="inbox_entries")
    reason = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-pk",)
        constraints = (models.UniqueConstraint(fields=("person", "event"), name="one_inbox_entry_per_event"),)
        indexes = (
            models.Index(fields=("person", "-id"), name="inbox_entries_of_a_person"),
            models.Index(fields=("person",), condition=Q(read_at=None), name="unread_inbox_entries"),
            models.Index(fields=("read_at",), condition=Q(read_at__isnull=False), name="read_inbox_entries"),
        )

    def __str__(self) -> str:
        return f"{self.event_id} for {self.person_id}"


class DigestEntry(models.Model):
    """An event that waits for the next digest of a person or a rule, which is sent at `due_at`.

    E-mails that would be sent during quiet hours wait here, too, with the cadence "at once". Rows are marked
    with the time at which they were collected, so that none is in two digests, and end with their event.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="digest_entries"
    )
    rule = models.ForeignKey(
        NotificationRule, models.CASCADE, null=True, blank=True, related_name="digest_entries"
    )
    event = models.ForeignKey(NotificationEvent, models.CASCADE, related_name="digest_entries")
    cadence = models.CharField(max_length=8, choices=Cadence.choices)
    due_at = models.DateTimeField()
    collected_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("person", "rule", "event"), nulls_distinct=False, name="one_digest_entry_per_event"
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False, rule=None) | Q(person=None, rule__isnull=False),
                name="digest_entries_are_for_a_person_or_a_rule",
            ),
        )
        indexes = (
            models.Index(fields=("due_at",), condition=Q(collected_at=None), name="digest_entries_to_send"),
        )

    def __str__(self) -> str:
        return f"{self.event_id} for {self.person_id or self.rule_id} at {self.due_at}"
