"""The risk levels of violations, highest first, under the names that the engine uses."""

from django.db import models
from django.db.models import Case, IntegerField, Value, When


class Risk(models.TextChoices):
    """The risk level of a violation. Lists and charts use this order."""

    CRITICAL = "critical", "critical"
    HIGH = "high", "high"
    MEDIUM = "medium", "medium"
    LOW = "low", "low"


def risk_rank(column: str) -> Case:
    """Return the expression that ranks rows by a risk column, highest first. Unknown values come last."""
    ranks = (When(**{column: risk}, then=Value(rank)) for rank, risk in enumerate(Risk.values))
    return Case(*ranks, default=Value(len(Risk)), output_field=IntegerField())
