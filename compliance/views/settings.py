"""A repository's settings: where it is read from, its webhook, its plan."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from compliance.accounts.roles import Role, needs
from compliance.models.repository import new_secret
from compliance.views.lookup import find_repository


@require_safe
@never_cache
def settings(request: HttpRequest, slug: str) -> HttpResponse:
    """The page; the webhook's secret is on it for administrators only."""
    repository = find_repository(slug)
    context = {
        "repository": repository,
        "section": "settings",
        "webhook": request.build_absolute_uri(f"/webhooks/github/{repository.slug}/"),
        "plans": list(repository.plans.defer("text").select_related("author").order_by("-number")[:20]),
    }
    return render(request, "settings/page.html", context)


@require_POST
@needs(Role.ADMINISTRATOR)
def rotate_secret(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the webhook a new secret; the one before it is accepted until the next change."""
    repository = find_repository(slug)
    repository.former_webhook_secret = repository.webhook_secret
    repository.webhook_secret = new_secret()
    repository.save(update_fields=["webhook_secret", "former_webhook_secret"])
    messages.success(
        request,
        "The webhook has a new secret. The previous one stays valid until the next change.",
    )
    return redirect("settings", slug=slug)
