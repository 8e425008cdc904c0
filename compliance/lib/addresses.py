"""URLs as they are seen from outside, including the path prefix if a proxy adds one."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.http import HttpRequest
from django.urls import reverse


def public_address(path: str) -> str:
    """Return the full URL for a path returned by `reverse`, which already contains the prefix of
    PUBLIC_URL.
    """
    public = urlsplit(settings.PUBLIC_URL)
    return f"{public.scheme}://{public.netloc}{path}"


def address_for_others(request: HttpRequest, path: str) -> str:
    """Return the full URL of a path for another server, which need not know the address in the browser:
    below PUBLIC_URL or, if that isn't set, below the address of the request.
    """
    return public_address(path) if settings.IS_PUBLIC_URL_GIVEN else request.build_absolute_uri(path)


def webhook_url(request: HttpRequest, provider: str, slug: str) -> str:
    """Return the URL to which a provider sends the webhooks of a repository or tracker."""
    return address_for_others(request, reverse("webhook", args=(provider, slug)))


def problem_of_links() -> str:
    """Return a warning if links in statuses, comments and messages don't lead here, or an empty string."""
    if settings.IS_PUBLIC_URL_GIVEN:
        return ""
    return (
        f"Links in statuses, comments and messages begin with {settings.PUBLIC_URL}, because PUBLIC_URL is "
        "not set, so they work on this machine only. Set it to the address at which people open these pages."
    )


def source_of_addresses() -> str:
    """Return a sentence that says where `address_for_others` comes from."""
    if settings.IS_PUBLIC_URL_GIVEN:
        return "The address begins with the setting PUBLIC_URL."
    return (
        "The address is the one in your browser, because PUBLIC_URL is not set. Set it if other "
        "servers reach this one at another address."
    )


def warn_about_addresses(**_: Any) -> list[checks.CheckMessage]:
    """Return a warning for `manage.py check --deploy` if links that leave the product lead nowhere."""
    if settings.IS_PUBLIC_URL_GIVEN:
        return []
    return [
        checks.Warning(
            f"PUBLIC_URL is not set: the links in e-mails, messages, statuses, comments and notes on issues "
            f"begin with {settings.PUBLIC_URL}, which others can't open.",
            hint="Set PUBLIC_URL to the address at which people reach the product.",
            id="compliance.W002",
        )
    ]


def warn_about_proxies(**_: Any) -> list[checks.CheckMessage]:
    """Return a warning for `manage.py check --deploy` if pages are served through an unknown proxy."""
    if not settings.ENVIRONMENT.https or settings.TRUSTED_PROXIES:
        return []
    return [
        checks.Warning(
            "HTTPS is set, but TRUSTED_PROXIES is not: all clients appear to have the proxy's address, and "
            "anybody who reaches the web server directly can claim to use HTTPS.",
            hint="Set TRUSTED_PROXIES to the addresses of the proxy, such as 127.0.0.1,::1.",
            id="compliance.W005",
        )
    ]
