"""Other credentials for a tracked repository, from their entry until they are in use."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from compliance.models.connection import Connection
from compliance.models.repository import Repository
from compliance.models.secret import SecretField


class AccessChange(models.Model):
    """What an administrator wants to replace, which is tried before it is used.

    `access` is what `Repository.access` will be, unless the credentials of `connection` are used; `project`
    is the path of the repository at its forge, and `webhook_url` the address for its webhook. In the state
    `waiting`, a person has to act: to install the public half of a new deploy key, or to compare the keys
    that the server shows now. A repository has at most one row, which is deleted once the credentials are in
    use, or 7 days after it was made.
    """

    class Kind(models.TextChoices):
        NOTHING = "nothing", "Read without credentials"
        TOKEN = "token", "New token"
        CONNECTION = "connection", "Connection"
        DEPLOY_KEY = "deploy key", "New deploy key"
        HOST_KEY = "host key", "Changed host key"

    class State(models.TextChoices):
        ASKING = "asking"
        WAITING = "waiting"
        CHECKING = "checking"
        FAILED = "failed"

    repository = models.OneToOneField(Repository, models.CASCADE, related_name="access_change")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=8, choices=State.choices)
    access = SecretField(blank=True, default="")
    connection = models.ForeignKey(Connection, models.CASCADE, null=True, blank=True, related_name="+")
    project = models.CharField(max_length=400, blank=True, default="")
    webhook_url = models.CharField(max_length=2000, blank=True, default="")
    trouble = models.TextField(blank=True, default="")
    trouble_kind = models.CharField(max_length=12, choices=Repository.Trouble.choices, blank=True, default="")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.kind} for {self.repository_id} ({self.state})"
