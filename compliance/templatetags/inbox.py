"""The number of unread entries in the header of every page."""

from typing import Any

from django import template
from django.contrib.auth.models import User

from compliance.queries.inbox import badge_context

register = template.Library()


@register.inclusion_tag("inbox/badge.html")
def inbox_badge(person: User) -> dict[str, Any]:
    """Show the link to the inbox with its number of unread entries, which open pages keep up to date."""
    return badge_context(person)
