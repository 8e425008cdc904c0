"""URLs as they are seen from outside, including the path prefix if a proxy adds one."""

from urllib.parse import urlsplit

from django.conf import settings


def public_address(path: str) -> str:
    """Return the full URL for a path returned by `reverse`, which already contains the prefix of
    PUBLIC_URL.
    """
    public = urlsplit(settings.PUBLIC_URL)
    return f"{public.scheme}://{public.netloc}{path}"
