"""Addresses as people outside reach them, also under a path prefix behind a proxy."""

from urllib.parse import urlsplit

from django.conf import settings


def public_address(path: str) -> str:
    """Return the full address of a path from `reverse`, which already has the prefix of PUBLIC_URL."""
    public = urlsplit(settings.PUBLIC_URL)
    return f"{public.scheme}://{public.netloc}{path}"
