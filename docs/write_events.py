"""Writes the table of docs/notifications/events.md from the topics."""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).parents[1]
PAGE = PROJECT / "docs" / "notifications" / "events.md"
_TABLE = re.compile(r"^\| Topic \| Happens.*?\n(?=\n)", re.MULTILINE | re.DOTALL)


def page() -> str:
    """Return the page with an updated table. The rest of the page is written by hand."""
    table = "\n".join(_rows()) + "\n"
    return _TABLE.sub(lambda _: table, PAGE.read_text(), count=1)


def _rows() -> Iterator[str]:
    from compliance.notifications.topics import TOPICS  # noqa: PLC0415  (Django must be set up before)

    yield "| Topic | Happens when | Who is told by default |"
    yield "| --- | --- | --- |"
    for topic in TOPICS.values():
        told = "; ".join(f"{audience}: {way}" for audience, way in topic.audience.items()) or "nobody"
        yield f"| {topic.title}: `{topic.name}` | {topic.when} | {told} |"


if __name__ == "__main__":
    import django

    sys.path.insert(0, str(PROJECT))  # a script finds only modules in its own folder
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "compliance.settings")
    django.setup()
    PAGE.write_text(page())
