"""The command `ssot-compliance` of an installed package: Django's, with the product's settings."""

import os

from django.core.management import execute_from_command_line


def main() -> None:
    """Run one management command, such as `ssot-compliance up`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "compliance.settings")
    execute_from_command_line()
