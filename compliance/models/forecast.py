"""The forecasts that were recorded week by week, to compare them with what came."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from compliance.models.repository import PlanVersion, Repository


class RecordedForecast(models.Model):
    """The forecast for a repository or one of its phases in one week, as it was shown at `as_of`.

    `week` is the Monday of the week in the server's time zone, and `phase` the key of a phase, or empty for
    the whole, whose goal is `target` percent. `left` and `pace` are files, for a phase violations. The dates
    are null unless the state is “under way”. They are stored because a later release may compute others.

    Rows are kept for ever, whichever plan is active. The table remains small: it has one row per week for a
    repository and for each open phase of its plan.
    """

    repository = models.ForeignKey(Repository, models.CASCADE, related_name="recorded_forecasts")
    plan = models.ForeignKey(PlanVersion, models.SET_NULL, null=True, blank=True, related_name="+")
    week = models.DateField()
    phase = models.CharField(max_length=200, blank=True)
    as_of = models.DateTimeField()
    state = models.CharField(max_length=20)
    target = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)
    left = models.PositiveIntegerField()
    pace = models.FloatField(null=True, blank=True)
    due = models.DateField(null=True, blank=True)
    chance = models.FloatField(null=True, blank=True)
    earliest_95 = models.DateField(null=True, blank=True)
    earliest_80 = models.DateField(null=True, blank=True)
    earliest_50 = models.DateField(null=True, blank=True)
    median = models.DateField(null=True, blank=True)
    latest_50 = models.DateField(null=True, blank=True)
    latest_80 = models.DateField(null=True, blank=True)
    latest_95 = models.DateField(null=True, blank=True)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-week", "phase")
        constraints = (
            models.UniqueConstraint(
                fields=("repository", "phase", "week"), name="one_forecast_per_week_and_phase"
            ),
            models.CheckConstraint(
                condition=Q(earliest_95__isnull=True)
                | Q(
                    earliest_95__lte=F("earliest_80"),
                    earliest_80__lte=F("earliest_50"),
                    earliest_50__lte=F("median"),
                    median__lte=F("latest_50"),
                    latest_50__lte=F("latest_80"),
                    latest_80__lte=F("latest_95"),
                ),
                name="recorded_ranges_nest",
            ),
            models.CheckConstraint(
                condition=Q(chance__isnull=True) | Q(chance__gte=0, chance__lte=1),
                name="recorded_chances_are_probabilities",
            ),
        )

    def __str__(self) -> str:
        return f"{self.phase or 'the whole'} of {self.repository_id} in the week of {self.week}"
