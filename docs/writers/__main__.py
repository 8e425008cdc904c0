"""Writes the generated parts of docs/: `python -m docs.writers`."""

import os

import django

from docs.writers import DOCS, writers


def main() -> None:
    """Write every page that has changed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "compliance.settings")
    django.setup()
    for writer in writers():
        page = DOCS / writer.PAGE
        text = writer.page()
        if not page.exists() or page.read_text() != text:
            page.write_text(text)


if __name__ == "__main__":
    main()
