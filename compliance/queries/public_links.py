"""Public links as managers see them."""

from django.http import HttpRequest
from django.urls import reverse

from compliance.models import PublicLink


def addresses(request: HttpRequest, link: PublicLink) -> dict[str, str]:
    """Return the link's full addresses, and the Markdown of a badge that links to the page."""
    page, badge, shields = (
        request.build_absolute_uri(reverse(name, args=[link.key])) if link.key else ""
        for name in ("shared", "shared-badge", "shared-shields")
    )
    markdown = f"[![SSOT compliance]({badge})]({page})"
    return {"page": page, "shields": shields, "markdown": markdown}
