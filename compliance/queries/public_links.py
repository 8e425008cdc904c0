"""Public links as shown to managers."""

from django.http import HttpRequest
from django.urls import reverse

from compliance.models import PublicLink


def addresses(request: HttpRequest, link: PublicLink) -> dict[str, str]:
    """Return the link's full URL, and the Markdown for a badge that leads to it."""
    page, badge, shields = (
        request.build_absolute_uri(reverse(name, args=[link.key])) if link.key else ""
        for name in ("shared", "shared-badge", "shared-shields")
    )
    markdown = f"[![SSOT compliance]({badge})]({page})"
    return {"page": page, "shields": shields, "markdown": markdown}
