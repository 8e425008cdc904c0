"""The states of issues that no plan references yet."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from compliance.models.connection import Connection
from compliance.models.repository import Repository


class KnownIssue(models.Model):
    """The newest state in which a forge or tracker has reported an issue, whether a plan references it or
    not. A plan that references it later takes the state from here.

    A forge's issue belongs to the repository, and a tracker's to the connection. `key` and `parent`, the key
    of the issue whose subtask this one is, are in lower case. `news` are the other values of `IssueNews` in
    `integrations.issues`.

    `integrations.known_issues` keeps the 5,000 of each repository or connection that were reported last.
    """

    repository = models.ForeignKey(
        Repository, models.CASCADE, null=True, blank=True, related_name="known_issues", db_index=False
    )
    connection = models.ForeignKey(
        Connection, models.CASCADE, null=True, blank=True, related_name="known_issues", db_index=False
    )
    key = models.CharField(max_length=200)
    parent = models.CharField(max_length=200, blank=True, default="")
    state = models.CharField(max_length=40)
    updated_at = models.DateTimeField()
    listed_at = models.DateTimeField()
    news = models.JSONField()
    heard_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = (
            models.Index(fields=("repository", "-heard_at"), name="known_issues_of_repository"),
            models.Index(fields=("connection", "-heard_at"), name="known_issues_of_connection"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("repository", "connection", "key"),
                nulls_distinct=False,
                name="one_row_per_known_issue",
            ),
            models.CheckConstraint(
                condition=Q(repository__isnull=True) ^ Q(connection__isnull=True),
                name="known_issues_have_one_source",
            ),
        )

    def __str__(self) -> str:
        return f"{self.key} {self.state}"
