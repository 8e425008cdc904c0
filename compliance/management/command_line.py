"""The command line of manage.py and `ssot-compliance`: Django's, with the product's settings."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from compliance.lib.product_files import product_version


def main() -> None:
    """Run one management command, such as `ssot-compliance up`.

    What is wrong with the settings is said without a traceback, with exit code 1.
    """
    if sys.argv[1:] in (["--version"], ["version"]):  # Django would print its own
        sys.stdout.write(f"{product_version()}\n")
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "compliance.settings")
    try:
        execute_from_command_line()
    except ImproperlyConfigured as error:
        sys.exit(f"Error: {error}")
