"""The risk levels of violations, highest first, as the engine names them."""

from django.db import models


class Risk(models.TextChoices):
    """Risk level of a violation; the order is that of lists and charts."""

    CRITICAL = "critical", "critical"
    HIGH = "high", "high"
    MEDIUM = "medium", "medium"
    LOW = "low", "low"
