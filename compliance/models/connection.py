"""Connections to forges and issue trackers, and the repositories that use them."""

import pghistory
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import connection as database
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from compliance.models.repository import Repository, new_secret
from compliance.models.secret import SecretField

_SLUGS = 0x55076
"""The number that identifies the lock on the slugs among the database's advisory locks."""


class InstalledWebhook(models.Model):
    """A webhook that the product has added at a provider.

    `webhook_id` is the provider's id of it, or empty if there is none. `webhook_problem` says why the product
    couldn't add it, so that somebody has to.
    """

    webhook_id = models.CharField(max_length=200, blank=True, default="")
    webhook_at = models.DateTimeField(null=True, blank=True)
    webhook_problem = models.TextField(blank=True, default="")

    class Meta:
        abstract = True


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(condition=pghistory.AnyChange("name", "api_url", "prefixes", "app_id")),
    pghistory.DeleteEvent(),
    pghistory.ManualEvent("credentials"),  # type: ignore[no-untyped-call]
    pghistory.ManualEvent("secret"),  # type: ignore[no-untyped-call]
    fields=["name", "provider", "api_url", "prefixes", "app_id"],
    model_name="ConnectionEvent",
)
class Connection(InstalledWebhook):
    """Access to one forge or issue tracker, which an administrator sets up and several repositories use.

    `provider` is the name of its module in `integrations`, and `slug` identifies the connection in URLs.
    Connections and repositories share one namespace of slugs, because both appear in webhook addresses.

    The credentials are either `token`, together with the login name `account` if the provider wants both, or
    those of a GitHub App. `webhook_secret` verifies a tracker's webhooks; a forge's are verified with the
    repository's secret. `prefixes` are those of a tracker's issue keys, such as SHOP for SHOP-12.

    `scopes` is what the credentials allowed, and `acts_as` the account they belong to, when they were last
    used with success. There are a few rows for each installation, and nothing deletes them but people.
    """

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    provider = models.CharField(max_length=20)
    api_url = models.CharField(max_length=1000)
    account = models.CharField(max_length=254, blank=True, default="")
    token = SecretField(blank=True, default="")
    app_id = models.CharField(max_length=40, blank=True, default="")
    private_key = SecretField(blank=True, default="")
    webhook_secret = SecretField(default=new_secret)
    former_webhook_secret = SecretField(blank=True, default="")
    prefixes = ArrayField(models.CharField(max_length=50), blank=True, default=list)
    scopes = ArrayField(models.CharField(max_length=100), blank=True, default=list)
    acts_as = models.CharField(max_length=200, blank=True, default="")
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_failure_at = models.DateTimeField(null=True, blank=True)
    last_failure = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    repositories = models.ManyToManyField(Repository, through="Attachment", related_name="connections")

    class Meta:
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name

    @property
    def is_failing(self) -> bool:
        """Return true if the last call to the provider failed."""
        failed, succeeded = self.last_failure_at, self.last_success_at
        return failed is not None and (succeeded is None or failed > succeeded)

    def owns(self, key: str) -> bool:
        """Return true if the prefix of an issue's key, which is `SHOP` in `SHOP-12`, is the connection's."""
        prefix, _, number = key.rpartition("-")
        return bool(number) and prefix.casefold() in map(str.casefold, self.prefixes)


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(condition=pghistory.AnyChange("project")),
    pghistory.DeleteEvent(),
    fields=["repository", "connection", "project"],
    model_name="AttachmentEvent",
)
class Attachment(InstalledWebhook):
    """A repository's use of a connection. A repository has at most one forge, and any number of trackers.

    `project` is the path of the repository at the forge, such as `team/shop`; it is empty for a tracker. The
    installed webhook is the forge's for this repository. A row lasts until somebody detaches the connection.
    """

    class Kind(models.TextChoices):
        FORGE = "forge"
        TRACKER = "tracker"

    connection = models.ForeignKey(Connection, models.PROTECT, related_name="attachments")
    repository = models.ForeignKey(Repository, models.CASCADE, related_name="attachments")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    project = models.CharField(max_length=400, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("kind", "pk")
        constraints = (
            models.UniqueConstraint(fields=("connection", "repository"), name="connections_attach_once"),
            models.UniqueConstraint(
                fields=("repository",), condition=Q(kind="forge"), name="one_forge_per_repository"
            ),
        )

    def __str__(self) -> str:
        return f"{self.connection_id} for {self.repository_id}"


def lock_slugs() -> None:
    """Prevent others from giving out slugs until the end of the caller's transaction, so that a slug that is
    free remains free until the row is written.
    """
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [_SLUGS])


def taken_slugs(start: str) -> set[str]:
    """Return the slugs of repositories and connections, now or formerly, that begin with this text."""
    found = {"slug__startswith": start}
    former = apps.get_model("compliance", "FormerSlug").objects.filter(**found)
    return {
        *Repository.everything.filter(**found).values_list("slug", flat=True),
        *former.values_list("slug", flat=True),
        *Connection.objects.filter(**found).values_list("slug", flat=True),
    }
