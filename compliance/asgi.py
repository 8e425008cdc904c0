"""The ASGI entry point, which gunicorn serves. Asynchronous applications are mounted here, alongside
Django.
"""

from compliance.server.django_threads import ThreadedApp
from compliance.wsgi import application as django

THREADS = 8
"""Number of requests that one process handles at the same time. Each thread keeps a connection to
Postgres.
"""

HEALTH = ("/livez", "/healthz", "/readyz")

application = ThreadedApp(django, THREADS, reserved=HEALTH)
