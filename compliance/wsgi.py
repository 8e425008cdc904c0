"""The WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

from compliance.lib.database_limits import Process, run_as

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "compliance.settings")

run_as(Process.WEB)
application = get_wsgi_application()
# The settings have read it. gunicorn would refuse the paths from which a proxy has removed the prefix.
os.environ.pop("SCRIPT_NAME", None)
