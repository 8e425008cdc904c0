"""The pages on which managers set up the channels to which notifications are sent."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q
from django.db.models.functions import Lower
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance.accounts.roles import Role, needs, person_of
from compliance.integrations.delivery import E_MAIL, PENDING, send_again
from compliance.models import Channel
from compliance.notifications import channel_messages, channel_setup
from compliance.notifications.channel_setup import ChannelValueError
from compliance.notifications.channels import CHANNELS
from compliance.queries.channels import describe_state, mark_of_state
from compliance.queries.outbox import describe
from compliance.views.channel_form import ChannelForm
from compliance.views.notification_rules import described_rules

RECENT_MESSAGES = 50
READ_AND_SEND = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@never_cache
@needs(Role.MANAGER)
def index(request: HttpRequest) -> HttpResponse:
    """Show all channels, and the kinds of which one can be added."""
    rows = Channel.objects.filter(kind__in=list(CHANNELS)).select_related("repository")
    enabled = Count("rules", filter=Q(rules__is_enabled=True))
    context = {
        "section": "channels",
        "channels": [
            (row, CHANNELS[row.kind].LABEL, describe_state(row), mark_of_state(row))
            for row in rows.annotate(enabled_rules=enabled).order_by(Lower("name"), "pk")
        ],
        "rules": described_rules(request),
        "kinds": sorted((kind.LABEL, name) for name, kind in CHANNELS.items()),
    }
    return render(request, "channels/list.html", context)


@READ_AND_SEND
@never_cache
@needs(Role.MANAGER)
def add(request: HttpRequest, kind: str) -> HttpResponse:
    """Show the form for a new channel; POST stores it and sends a test message."""
    if kind not in CHANNELS:
        raise Http404(f"There is no kind of channel “{kind}”.")
    first = {"name": CHANNELS[kind].LABEL, "repository": request.GET.get("repository", "")}
    form = ChannelForm(kind, request.POST if request.method == "POST" else None, first, is_new=True)
    if request.method == "POST" and form.is_valid():
        try:
            made = channel_setup.create(kind, form.cleaned_data, form.cleaned_data["repository"])
        except ChannelValueError as error:
            form.add_error(error.field or None, str(error))
        else:
            channel_messages.send_test(made, person_of(request))
            words = f"{made.name} was added. A test message is being sent. Next, add a rule."
            messages.success(request, words)
            return redirect("channel", pk=made.pk)
    context = {"form": form, **_form_context(kind)}
    return render(request, "channels/add.html", context, status=422 if form.errors else 200)


@READ_AND_SEND
@never_cache
@needs(Role.MANAGER)
def channel(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a channel and its last messages; POST changes it."""
    found = find_channel(pk)
    first = {"name": found.name, "repository": found.repository.slug if found.repository else ""}
    form = ChannelForm(found.kind, request.POST if request.method == "POST" else None, first, is_new=False)
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("name", "url", "repository") if name in form.data}
        try:
            channel_setup.change(found, given)
        except ChannelValueError as error:
            form.add_error(error.field or None, str(error))
            found.refresh_from_db()
        else:
            messages.success(request, f"{found.name} was changed.")
            return redirect("channel", pk=pk)
    context = {"form": form, **_form_context(found.kind), **_context(request, found)}
    return render(request, "channels/page.html", context, status=422 if form.errors else 200)


@require_safe
@never_cache
@needs(Role.MANAGER)
def live(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the part of the page that changes while a message is being sent."""
    return render(request, "channels/live.html", _context(request, find_channel(pk)))


@require_POST
@needs(Role.MANAGER)
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test message."""
    channel_messages.send_test(find_channel(pk), person_of(request))
    return redirect("channel", pk=pk)


@require_POST
@needs(Role.MANAGER)
def again(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """Send a message to the channel again."""
    found = get_object_or_404(channel_setup.messages_of(find_channel(pk)), pk=item)
    if send_again(found, person_of(request)):
        messages.success(request, "The message will be sent again now. This page shows the outcome.")
    else:
        messages.error(request, "The message has been sent in the meantime, or is being sent.")
    return redirect("channel", pk=pk)


@require_POST
@needs(Role.MANAGER)
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """Replace the secret by a generated one, or by the one that was entered."""
    found = find_channel(pk)
    try:
        channel_setup.rotate(found, request.POST.get("secret", ""))
    except ChannelValueError as error:
        messages.error(request, str(error))
    else:
        days = channel_setup.FORMER_SECRET_FOR.days
        messages.success(
            request, f"The channel has a new secret. For {days} days, messages are signed with both."
        )
    return redirect("channel", pk=pk)


@require_POST
@needs(Role.MANAGER)
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Enable or disable the channel, depending on the form field `want`."""
    found = find_channel(pk)
    channel_setup.set_enabled(found, is_enabled=request.POST.get("want") != "no")
    messages.success(request, f"{found.name} is {'enabled' if found.is_enabled else 'disabled'}.")
    return redirect("channel", pk=pk)


@require_POST
@needs(Role.MANAGER)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a channel with its address and secret. Messages that wait are no longer sent."""
    found = find_channel(pk)
    found.delete()
    messages.success(request, f"{found.name} was removed, with its address.")
    return redirect("channels")


def find_channel(pk: int) -> Channel:
    """Return a channel of a kind that this release has. Raises Http404."""
    rows = Channel.objects.filter(kind__in=list(CHANNELS)).select_related("repository")
    return get_object_or_404(rows, pk=pk)


def _form_context(kind: str) -> dict[str, Any]:
    return {
        "section": "channels",
        "kind": kind,
        "info": CHANNELS[kind],
        "lacks_mail_server": kind == E_MAIL and not settings.EMAIL_READY,
    }


def _context(request: HttpRequest, found: Channel) -> dict[str, Any]:
    rows = list(channel_setup.messages_of(found)[:RECENT_MESSAGES])
    return {
        "channel": found,
        "new_rule": f"?channel={found.pk}",
        "info": CHANNELS[found.kind],
        "state": describe_state(found),
        "mark": mark_of_state(found),
        "address": CHANNELS[found.kind].show(found.url),
        "messages_sent": [describe(row, with_address=False) for row in rows],
        "rules": described_rules(request, channel=found),
        "is_sending": any(row.state in PENDING for row in rows),
    }


URLS = [
    path("channels/", index, name="channels"),
    path("new-channel/<slug:kind>/", add, name="add-channel"),
    path("channels/<int:pk>/", channel, name="channel"),
    path("channels/<int:pk>/live/", live, name="channel-live"),
    path("channels/<int:pk>/test/", test, name="test-channel"),
    path("channels/<int:pk>/messages/<int:item>/again/", again, name="send-message-again"),
    path("channels/<int:pk>/secret/", rotate, name="channel-secret"),
    path("channels/<int:pk>/switch/", switch, name="switch-channel"),
    path("channels/<int:pk>/remove/", remove, name="remove-channel"),
]
