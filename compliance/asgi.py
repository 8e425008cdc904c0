"""The ASGI entry point, which gunicorn serves. Asynchronous applications are mounted here, alongside
Django.
"""

from django.conf import settings

from compliance.server.django_threads import ThreadedApp
from compliance.server.unchanged import UnchangedPages
from compliance.views.monitoring_addresses import ADDRESSES
from compliance.wsgi import application as django

THREADS = 8
"""Number of requests that one process handles at the same time. Each thread keeps a connection to
Postgres.
"""

_PREFIXED = tuple(f"{settings.PATH_PREFIX}{path}" for path in ADDRESSES)
"""A proxy may pass the path prefix on, or remove it."""

application = UnchangedPages(ThreadedApp(django, THREADS, reserved=(*ADDRESSES, *_PREFIXED)))
