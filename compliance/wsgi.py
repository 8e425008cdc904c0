"""The WSGI entry point."""

import logging
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from compliance.lib.database_limits import Process, run_as
from compliance.lib.garbage import collect_rarely
from compliance.server.metrics_folder import prepare_metrics_folder

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "compliance.settings")

BOOT_ERROR = 3
"""The exit code of a worker process after which gunicorn stops instead of starting another one."""

run_as(Process.WEB)
prepare_metrics_folder(settings.DATA_DIR)
application = get_wsgi_application()

from compliance.accounts.installation_key import require_key_at_start  # noqa: E402  (needs the models)
from compliance.jobs import maintenance_mode  # noqa: E402

if problem := require_key_at_start():
    logging.getLogger(__name__).critical("%s", problem)
    raise SystemExit(BOOT_ERROR)
# Django imports the views with the first request, and all other requests of the process wait for that.
import_module(settings.ROOT_URLCONF)
from compliance.views.charts_ahead import draw_in_background  # noqa: E402
from compliance.views.webhooks import receive_kept  # noqa: E402

maintenance_mode.watch(receive_kept)
collect_rarely()
draw_in_background()
# The settings have read it. gunicorn would refuse the paths from which a proxy has removed the prefix.
os.environ.pop("SCRIPT_NAME", None)
