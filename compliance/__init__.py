"""The dashboard: Django project and its only app; Celery's app is loaded with it, so that tasks find it."""

from compliance.celery import app as celery_app

__all__ = ["celery_app"]
