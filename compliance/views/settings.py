"""The settings page for a repository: clone URL, webhook, policy for pull requests and plan."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from compliance.accounts.roles import Role, may, needs
from compliance.integrations.forges import PROVIDERS
from compliance.integrations.forges.gitlab import signing_token
from compliance.lib.addresses import source_of_addresses, webhook_url
from compliance.models import Repository
from compliance.models.repository import new_secret
from compliance.views.attachments import attachments_context, send_secret
from compliance.views.gate_policy import policy_context
from compliance.views.history_depth import depth_context
from compliance.views.issue_notes import notes_context
from compliance.views.lookup import find_repository
from compliance.views.navigation import NavigationLink
from compliance.views.notification_rules import described_rules
from compliance.views.repository_lifecycle import lifecycle_context


@require_safe
@never_cache
def settings(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the page. Only administrators see the webhook's secret."""
    repository = find_repository(slug)
    context = {
        "repository": repository,
        "section": "settings",
        "webhooks": [
            (name, provider, webhook_url(request, name, slug)) for name, provider in PROVIDERS.items()
        ],
        "source_of_address": source_of_addresses(),
        "signing_token": signing_token(repository.webhook_secret),
        **attachments_context(repository),
        **policy_context(repository),
        **(_for_administrators(request, repository) if may(request.user, Role.ADMINISTRATOR) else {}),
        **notes_context(repository, request.GET.get("note", "")),
        "rules": described_rules(request, repository=repository) if may(request.user, Role.MANAGER) else [],
        "plans": list(repository.plans.defer("text").select_related("author").order_by("-number")[:20]),
    }
    return render(request, "settings/page.html", context)


def _for_administrators(request: HttpRequest, repository: Repository) -> dict[str, Any]:
    return {**lifecycle_context(repository), **depth_context(request, repository)}


@require_POST
@needs(Role.ADMINISTRATOR)
def rotate_secret(request: HttpRequest, slug: str) -> HttpResponse:
    """Generate a new webhook secret. The previous one is accepted until the secret is changed again."""
    repository = find_repository(slug)
    repository.former_webhook_secret = repository.webhook_secret
    repository.webhook_secret = new_secret()
    repository.save(update_fields=["webhook_secret", "former_webhook_secret"])
    send_secret(request, repository)
    messages.success(
        request,
        "The webhook has a new secret. The previous one remains valid until you change the secret again.",
    )
    return redirect("settings", slug=slug)


NAVIGATION = NavigationLink(80, "Settings", "settings")
REPOSITORY_URLS = [
    path("settings/", settings, name="settings"),
    path("settings/secret/", rotate_secret, name="rotate-secret"),
]
