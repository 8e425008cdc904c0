"""The policy for pull requests, which managers set on the settings page of a repository."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from compliance.accounts.roles import Role, needs, person_of
from compliance.models import Repository, Risk
from compliance.pull_requests.policy import PolicyError, policy_of, policy_sentences, set_policy
from compliance.views.lookup import find_repository

_LEVELS = {"block": "Block", "warn": "Warn", "off": "Off"}
_SUPPRESSIONS = {"allow": "Allow", "warn": "Warn", "block": "Block"}


@require_POST
@needs(Role.MANAGER)
def set_gate_policy(request: HttpRequest, slug: str) -> HttpResponse:
    """Set the whole policy. A risk without a level of its own has the one for all risks."""
    posted = request.POST
    own = {risk: posted.get(f"risk-{risk}", "") for risk in Risk.values}
    values = {
        "level": posted.get("level", ""),
        "by_risk": {risk: level for risk, level in own.items() if level},
        "suppressions": posted.get("suppressions", ""),
        "locks": bool(posted.get("locks")),
        "comments": bool(posted.get("comments")),
    }
    try:
        set_policy(find_repository(slug), person_of(request), values)
    except PolicyError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The policy for pull requests is saved. Open ones are being judged again.")
    return redirect("settings", slug=slug)


def policy_context(repository: Repository) -> dict[str, Any]:
    """Return what the settings page shows of the policy."""
    policy = policy_of(repository)
    return {
        "gate_policy": policy,
        "gate_policy_sentences": policy_sentences(policy),
        "gate_levels": _LEVELS.items(),
        "gate_suppressions": _SUPPRESSIONS.items(),
        "gate_risks": [(risk, policy.by_risk.get(risk, "")) for risk in Risk.values],
    }


REPOSITORY_URLS = [
    path("settings/pull-requests/", set_gate_policy, name="gate-policy"),
]
