"""The command `ssot-compliance` of an installed package: Django's, with the product's settings."""

import os
import sys

from django.core.management import execute_from_command_line

from compliance.lib.product_files import product_version


def main() -> None:
    """Run one management command, such as `ssot-compliance up`."""
    if sys.argv[1:] in (["--version"], ["version"]):  # Django would print its own
        sys.stdout.write(f"{product_version()}\n")
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "compliance.settings")
    execute_from_command_line()
