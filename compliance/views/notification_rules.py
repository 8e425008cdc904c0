"""The pages on which managers set up which events are sent to a channel."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance.accounts.roles import Role, needs, person_of
from compliance.models import Cadence, Channel, NotificationRule, Repository, Risk
from compliance.notifications import rule_setup
from compliance.notifications.channels import CHANNELS
from compliance.notifications.rule_setup import RuleValueError, scope_of
from compliance.notifications.topics import TOPICS
from compliance.queries.channels import describe_state
from compliance.queries.rule_previews import preview
from compliance.views.styled_forms import RepositoryChoice, StyledForm

READ_AND_SEND = require_http_methods(["GET", "HEAD", "POST"])
RULES = 25
"""Number of rules on one page of a list."""

CADENCES = (
    (Cadence.AT_ONCE, "At once"),
    (Cadence.DAILY, "In one message a day"),
    (Cadence.WEEKLY, "In one message a week"),
)


class RuleForm(StyledForm):
    """The values of a rule that aren't lists. `rule_setup` checks them, because the API checks the same."""

    channel = forms.ModelChoiceField(
        Channel.objects.filter(kind__in=list(CHANNELS)).select_related("repository"),
        empty_label="Choose a channel",
        error_messages={"required": "Choose a channel.", "invalid_choice": "There is no such channel."},
    )
    repository = RepositoryChoice()
    cadence = forms.ChoiceField(label="How often", choices=CADENCES)
    owners = forms.CharField(
        label="Owners of the files",
        required=False,
        widget=forms.TextInput({"placeholder": "any, or @org/team, ann@example.org"}),
    )


@READ_AND_SEND
@never_cache
@needs(Role.MANAGER)
def add(request: HttpRequest) -> HttpResponse:
    """Show the form for a new rule, for a channel and repository in the query; POST stores it."""
    rule = NotificationRule()
    if request.method == "POST":
        return _saved(request, rule)
    return _shown(request, rule, RuleForm(initial=request.GET.dict()), _chosen(request.GET))


@READ_AND_SEND
@never_cache
@needs(Role.MANAGER)
def rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a rule; POST changes it."""
    found = _found(pk)
    if request.method == "POST":
        return _saved(request, found)
    first = {
        "channel": found.channel_id,
        "repository": found.repository.slug if found.repository else "",
        "cadence": found.cadence,
        "owners": ", ".join(found.owners),
    }
    chosen = {name: list(getattr(found, name)) for name in ("topics", "phases", "risks")}
    return _shown(request, found, RuleForm(initial=first), chosen)


@require_safe
@never_cache
@needs(Role.MANAGER)
def show_preview(request: HttpRequest) -> HttpResponse:
    """Return what a rule with the values in the query would do, and the phases that can be chosen for it."""
    form, chosen = RuleForm(request.GET), _chosen(request.GET)
    try:
        context = _outlook(rule_setup.checked(NotificationRule(), _given(form, chosen)))
    except RuleValueError as error:
        context = {"problem": str(error)}
    context |= _phase_context(form, chosen)
    context["are_phases_stale"] = request.GET.get("phases_of", "") != context["phases_of"]
    return render(request, "rules/preview.html", context)


@require_POST
@needs(Role.MANAGER)
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Enable or disable a rule, depending on the form field `want`."""
    found = rule_setup.change(_found(pk), {"is_enabled": request.POST.get("want") != "no"})
    messages.success(request, f"The rule is {'enabled' if found.is_enabled else 'disabled'}.")
    return redirect("rule", pk=pk)


@require_POST
@needs(Role.MANAGER)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a rule with what waits for its next digest."""
    found = _found(pk)
    found.delete()
    messages.success(request, "The rule was removed.")
    return redirect("channel", pk=found.channel_id)


def described_rules(
    request: HttpRequest, *, channel: Channel | None = None, repository: Repository | None = None
) -> Page[Any]:
    """Return the page that the query selects of a list of rules: all, those of a channel, or those that apply
    to a repository.
    """
    rows = _rows()
    if channel:
        rows = rows.filter(channel=channel)
    if repository:
        rows = rows.filter(Q(repository=None) | Q(repository=repository))
        rows = rows.filter(Q(channel__repository=None) | Q(channel__repository=repository))
    page = Paginator(rows.order_by("channel__name", "pk"), RULES).get_page(request.GET.get("page"))
    page.object_list = [
        {"rule": row, "sentence": rule_setup.describe(row), "state": describe_state(row.channel)}
        for row in page.object_list
    ]
    return page


def _rows() -> Any:
    rows = NotificationRule.objects.filter(channel__kind__in=list(CHANNELS))
    return rows.select_related("channel__repository", "repository")


def _found(pk: int) -> NotificationRule:
    found: NotificationRule = get_object_or_404(_rows(), pk=pk)
    return found


def _saved(request: HttpRequest, found: NotificationRule) -> HttpResponse:
    form, chosen, pk = RuleForm(request.POST), _chosen(request.POST), found.pk
    if form.is_valid():
        given = _given(form, chosen)
        try:
            made = rule_setup.change(found, given) if pk else rule_setup.create(person_of(request), given)
        except RuleValueError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, "The rule is saved.")
            return redirect("rule", pk=made.pk)
    return _shown(request, _found(pk) if pk else NotificationRule(), form, chosen, status=422)


def _chosen(query: QueryDict) -> dict[str, list[str]]:
    return {name: query.getlist(name) for name in ("topics", "phases", "risks")}


def _given(form: RuleForm, chosen: dict[str, list[str]]) -> dict[str, Any]:
    """Return the values of a form. Raises `RuleValueError` for the first field that is invalid."""
    for name, errors in form.errors.items():
        raise RuleValueError(name, " ".join(map(str, errors)))
    values = dict(form.cleaned_data)
    return {**values, **chosen, "owners": values["owners"].replace(",", " ").split()}


def _shown(
    request: HttpRequest,
    found: NotificationRule,
    form: RuleForm,
    chosen: dict[str, list[str]],
    status: int = 200,
) -> HttpResponse:
    context = {
        "section": "channels",
        "rule": found if found.pk else None,
        "form": form,
        "topic_choices": [
            (topic.name, topic.title, topic.when, topic.name in chosen["topics"])
            for topic in sorted(TOPICS.values(), key=lambda topic: topic.title)
        ],
        "risk_choices": [(risk, risk, "", risk in chosen["risks"]) for risk in Risk.values],
        **_phase_context(form, chosen),
        **(_outlook(found) if found.pk else {}),
    }
    return render(request, "rules/page.html", context, status=status)


def _outlook(found: NotificationRule) -> dict[str, Any]:
    return {
        "sentence": rule_setup.describe(found),
        "preview": preview(found),
        "channel": found.channel,
        "channel_state": describe_state(found.channel),
    }


def _phase_context(form: RuleForm, chosen: dict[str, list[str]]) -> dict[str, Any]:
    """Return the phases of the repository that a form selects, if there is one."""
    channels, repositories = (form.fields[name] for name in ("channel", "repository"))
    channel = _row(channels, form["channel"].value())
    repository = _row(repositories, form["repository"].value())
    scope = scope_of(NotificationRule(channel=channel, repository=repository)) if channel else repository
    known = rule_setup.phases_of(scope)
    gone = [(key, f"{key} (no longer in the plan)") for key in chosen["phases"] if key not in dict(known)]
    return {
        "phases_of": scope.slug if scope else "",
        "phase_choices": [
            (key, title, "", key in chosen["phases"]) for key, title in [*known, *(gone if scope else ())]
        ],
    }


def _row(field: forms.Field, value: Any) -> Any:
    try:
        return field.clean(value)
    except forms.ValidationError:
        return None


URLS = [
    path("new-notification-rule/", add, name="add-rule"),
    path("notification-rule-preview/", show_preview, name="rule-preview"),
    path("notification-rules/<int:pk>/", rule, name="rule"),
    path("notification-rules/<int:pk>/switch/", switch, name="switch-rule"),
    path("notification-rules/<int:pk>/remove/", remove, name="remove-rule"),
]
