"""What composers of news about events share: places, days and lists of their details."""

from collections.abc import Sequence
from datetime import date

from django.urls import NoReverseMatch

from compliance.lib.dates import written
from compliance.models import NotificationEvent
from compliance.notifications.digest_content import address
from compliance.notifications.event_texts import slug_of, text_of


def page(events: Sequence[NotificationEvent], name: str, *arguments: str) -> str:
    """Return the URL of a page of the events' repository, or an empty text if it can't be known."""
    slug = slug_of(events)
    return place(name, slug, *arguments) if slug else ""


def place(name: str, *arguments: str) -> str:
    """Return the URL of a page, or an empty text if something that it is about has no page."""
    try:
        return address(name, *arguments)
    except NoReverseMatch:
        return ""


def day_of(event: NotificationEvent, name: str) -> str:
    """Return a date of an event's detail as text, or an empty text if there is none."""
    try:
        return written(date.fromisoformat(text_of(event, name)))
    except ValueError:
        return ""


def texts_of(event: NotificationEvent, name: str) -> list[str]:
    """Return a list of texts of an event's detail."""
    found = event.detail.get(name)
    return [value for value in found if isinstance(value, str)] if isinstance(found, list) else []


def is_over(event: NotificationEvent) -> bool:
    """Return true if the event says that a condition is over."""
    return event.detail.get("over") is True
