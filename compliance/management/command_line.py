"""The command line of manage.py and `ssot-compliance`: Django's, with the product's settings."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import Error

from compliance.lib.product_files import product_version
from compliance.lib.wording import first_line


def main() -> None:
    """Run one management command, such as `ssot-compliance up`.

    What an operator can fix (settings, a file, a database that isn't there) is said without a
    traceback, with exit code 1, unless `--traceback` is given.
    """
    if sys.argv[1:] in (["--version"], ["version"]):  # Django would print its own
        sys.stdout.write(f"{product_version()}\n")
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "compliance.settings")
    try:
        execute_from_command_line()
    except (ImproperlyConfigured, OSError, Error) as error:
        words = _explain(error)
        if not words or "--traceback" in sys.argv:
            raise
        sys.exit(f"Error: {words}")


def _explain(error: Exception) -> str:
    """Return what is wrong and how to fix it, or an empty string if an operator can't fix it."""
    if isinstance(error, ImproperlyConfigured):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename else ""
    # Only with valid settings can these modules be used.
    from compliance.lib.database_failures import SENTENCES, cause_of, fix_of  # noqa: PLC0415
    from compliance.lib.database_limits import is_unavailable  # noqa: PLC0415

    if not is_unavailable(error):
        return ""
    cause = cause_of(error)
    return f"{SENTENCES[cause]} {fix_of(cause)}\n  {first_line(error)}"
