"""The risk levels of violations, highest first, under the names that the engine uses."""

from django.db import models


class Risk(models.TextChoices):
    """The risk level of a violation. Lists and charts use this order."""

    CRITICAL = "critical", "critical"
    HIGH = "high", "high"
    MEDIUM = "medium", "medium"
    LOW = "low", "low"
