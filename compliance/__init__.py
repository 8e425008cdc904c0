"""The dashboard: a Django project with a single app. It loads the Celery app, so that tasks can register with
it.
"""

from compliance.lib.garbage import load_and_end_fast

load_and_end_fast()

from compliance.celery import app as celery_app  # noqa: E402  (what is imported from here on is spared)

__all__ = ["celery_app"]
