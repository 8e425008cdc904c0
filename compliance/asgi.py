"""ASGI entry point: what gunicorn serves. Asynchronous applications are mounted here, beside Django."""

from compliance.server.django_threads import ThreadedApp
from compliance.wsgi import application as django

THREADS = 8
"""Requests that one process handles at once; each thread keeps a connection to Postgres."""

application = ThreadedApp(django, THREADS)
