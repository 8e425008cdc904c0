#!/usr/bin/env python
"""Django's command line, with this project's settings."""

import os
import sys


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "compliance.settings")
    try:
        from django.core.management import execute_from_command_line  # noqa: PLC0415  (said plainly if missing)
    except ImportError as error:
        sys.exit(f"Django cannot be imported ({error}). Run `make up`, or use .venv/bin/python manage.py ...")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
