"""What an installation of several machines shares: the fingerprint of its secret key, and the releases of the
scanner that have run in it.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class KeyFingerprint(models.Model):
    """The fingerprint of the secret key with which the secrets in this database are encrypted. There is one
    row.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    fingerprint = models.CharField(max_length=64)
    stored_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(id=1), name="one_secret_key"),)

    def __str__(self) -> str:
        return self.fingerprint[:12]


class EngineRelease(models.Model):
    """A release of the scanner that has run here. A higher number means a newer release.

    `matching` is the number of the rules by which it matches the violations of two commits.

    There is one row for each release that was ever installed, so the table remains small.
    """

    engine = models.CharField(max_length=16, unique=True)
    number = models.PositiveIntegerField(unique=True)
    matching = models.PositiveSmallIntegerField(default=1, db_default=1)
    seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("number",)

    def __str__(self) -> str:
        return f"{self.engine} (release {self.number})"


class MaintenanceMode(models.Model):
    """The maintenance that is going on. There is one row while the mode is on, and none while it is off."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    began_at = models.DateTimeField(db_default=Now())
    until = models.DateTimeField(null=True, blank=True)
    message = models.TextField(blank=True, default="")

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(id=1), name="one_maintenance"),)

    def __str__(self) -> str:
        return f"since {self.began_at}"
