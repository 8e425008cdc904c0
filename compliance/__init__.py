"""The dashboard: a Django project with a single app. It loads the Celery app, so that tasks can register with
it.
"""

from compliance.celery import app as celery_app

__all__ = ["celery_app"]
