"""Subscriptions to the weekly digest: subscribe, send a test, and unsubscribe through the link in the
e-mail.
"""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import Case, IntegerField, TextField, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from compliance import jobs
from compliance.accounts.roles import Role, may, needs, person_of
from compliance.models import OutboxItem, Repository, Subscription
from compliance.notifications.digest_mail import unsubscription_of
from compliance.notifications.weekly import ABOUT
from compliance.views.csv_response import stream_csv
from compliance.views.lookup import find_repository
from compliance.views.unsubscribing import unsubscribe_page

RECENT = 10
COLUMNS = ("week", "person", "made_at", "sent_at", "error", "channel")


def digest_context(request: HttpRequest, repository: Repository) -> dict[str, Any]:
    """Return the context of the share page's digest section: mail setup, subscription and recent
    deliveries.
    """
    items = OutboxItem.objects.filter(repository=repository, kind=ABOUT)
    if not may(request.user, Role.MANAGER):
        items = items.filter(detail__person=request.user.pk)
    names = dict(User.objects.filter(subscriptions__repository=repository).values_list("pk", "username"))
    return {
        "mail": settings.EMAIL_READY,
        "subscribed": Subscription.objects.filter(repository=repository, person=request.user.pk).exists(),
        "subscribers": len(names),
        "sent": [
            (item, names.get(item.detail["person"]) if "person" in item.detail else item.channel)
            for item in items.order_by("-pk")[:RECENT]
        ],
    }


@require_POST
def subscribe(request: HttpRequest, slug: str) -> HttpResponse:
    """Subscribe or unsubscribe, depending on the form field `want`."""
    repository, person = find_repository(slug), person_of(request)
    if request.POST.get("want") == "no":
        Subscription.objects.filter(repository=repository, person=person).delete()
        messages.success(request, "You are unsubscribed from the digest of this repository.")
    elif not person.email:
        messages.error(request, "Your account has no e-mail address.")
    else:
        Subscription.objects.get_or_create(repository=repository, person=person)
        messages.success(request, f"Subscribed. The next digest will be sent to {person.email} on Monday.")
    return redirect("share", slug=slug)


@require_POST
def send_test(request: HttpRequest, slug: str) -> HttpResponse:
    """Send the digest of the last seven days to the current user."""
    repository, person = find_repository(slug), person_of(request)
    if not Subscription.objects.filter(repository=repository, person=person).exists():
        messages.error(request, "Subscribe to the digest before sending a test.")
    else:
        jobs.enqueue(
            "digest",
            repository,
            key=f"test {person.pk}",
            detail={"person": person.pk},
            cause="test requested on the page",
            person=person,
        )
        messages.success(request, f"A test digest will be sent to {person.email}.")
    return redirect("share", slug=slug)


@require_safe
@needs(Role.MANAGER)
def digests_csv(_request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return all digests as CSV, newest first, with usernames but without e-mail addresses."""
    rows = (
        OutboxItem.objects.filter(repository=find_repository(slug), kind=ABOUT)
        .annotate(error=Case(When(sent_at__isnull=True, then="outcome"), default=Value("", TextField())))
        .annotate(week=KT("detail__week"), reader=Cast(KT("detail__person"), IntegerField()))
        .order_by("-pk")
        .values_list("week", "reader", "created_at", "sent_at", "error", "channel")
    )
    names = dict(User.objects.filter(pk__in=rows.order_by().values("reader")).values_list("pk", "username"))
    return stream_csv(
        f"{slug}-digests",
        COLUMNS,
        ((week, names.get(reader, ""), *rest) for week, reader, *rest in rows.iterator(chunk_size=2000)),
    )


REPOSITORY_URLS = [
    path("share/digest/", subscribe, name="subscribe"),
    path("share/digest/test/", send_test, name="test-digest"),
    path("share/digests.csv", digests_csv, name="digests-csv"),
]
URLS = [
    path("unsubscribe/<str:token>/", unsubscribe_page(unsubscription_of), name="unsubscribe"),
]
