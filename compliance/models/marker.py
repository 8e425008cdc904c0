"""Events marked on the trend."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from compliance.lib.field_types import EARLIEST, LATEST
from compliance.models.commit import Commit
from compliance.models.repository import Repository
from compliance.models.tracker import Phase


@pghistory.track(
    pghistory.InsertEvent(condition=pgtrigger.Q(new__kind="note")),
    pghistory.UpdateEvent(condition=pgtrigger.Q(new__kind="note", old__text__df=pgtrigger.F("new__text"))),
    pghistory.DeleteEvent(condition=pgtrigger.Q(old__kind="note")),
    fields=["repository", "commit", "text"],
    model_name="MarkerEvent",
)
class Marker(models.Model):
    """A mark on the trend. `at` is the time of the event, and `commit` was the branch's newest commit at that
    time.

    Notes are written by people. A waiver leaves one mark when it is approved and one when it is over. Tags
    come from the repository, for commits on the tracked branch. The marks for phases are rewritten when
    history is re-evaluated; `phase` is the phase to which such a mark belongs.
    """

    class Kind(models.TextChoices):
        CLOSED = "phase closed"
        REOPENED = "phase reopened"
        PLAN = "plan changed"
        TAG = "tag"
        NOTE = "note"
        WAIVED = "waived"
        WAIVER_OVER = "waiver over"

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="markers")
    kind = models.CharField(max_length=14, choices=Kind.choices)
    at = models.DateTimeField()
    commit = models.ForeignKey(Commit, models.SET_NULL, null=True, blank=True, related_name="+")
    phase = models.ForeignKey(Phase, models.CASCADE, null=True, blank=True, related_name="markers")
    text = models.TextField()
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("at", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(at__gte=EARLIEST, at__lt=LATEST), name="marks_have_a_readable_time"
            ),
        )
        indexes = (models.Index(fields=("repository", "at"), name="markers_of_a_line"),)

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}"
