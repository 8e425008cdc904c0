"""Writes the table of docs/notifications/events.md from the topics."""

from collections.abc import Iterator

from compliance.notifications.topics import TOPICS
from docs.writers import replace_table

PAGE = "notifications/events.md"


def page() -> str:
    """Return the page with an updated table. The rest of the page is written by hand."""
    return replace_table(PAGE, list(_rows()))


def _rows() -> Iterator[tuple[str, str, str]]:
    yield "Topic", "Happens when", "Who is told by default"
    for topic in TOPICS.values():
        told = "; ".join(f"{audience}: {way}" for audience, way in topic.audience.items()) or "nobody"
        yield f"{topic.title}: `{topic.name}`", topic.when, told
