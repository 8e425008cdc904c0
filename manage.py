#!/usr/bin/env python
"""Django's command line, with this project's settings."""

import sys


def main() -> None:
    """Run one management command."""
    try:
        from compliance.management.command_line import main as run  # noqa: PLC0415  (said plainly if missing)
    except ImportError as error:
        sys.exit(f"Django cannot be imported ({error}). Run `make up`, or use .venv/bin/python manage.py ...")
    run()


if __name__ == "__main__":
    main()
