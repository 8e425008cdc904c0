"""The one Django app."""

from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    """All models, pages and commands live here."""

    name = "compliance"
    verbose_name = "Compliance"
    default_auto_field = "django.db.models.BigAutoField"
