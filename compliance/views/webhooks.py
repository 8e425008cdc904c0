"""Receives webhooks: verifies them, and stores the delivery and its job in one transaction."""

import logging
import secrets
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error, IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from compliance.integrations.deliveries import store
from compliance.integrations.forges import PROVIDERS, sender_of
from compliance.integrations.provider import Event, PayloadError, Provider, Signed
from compliance.integrations.request_body import RefusedError, payload, read
from compliance.lib import rate_limit
from compliance.lib.database_limits import is_unavailable
from compliance.lib.field_types import one_line
from compliance.models import Delivery, RejectedDelivery, RejectedWebhook, Repository

Reason = RejectedWebhook.Reason

log = logging.getLogger(__name__)

_NOBODY = secrets.token_hex()
"""The secret that is used for repositories that don't exist."""

_KEEP = 256 * 1024
"""Maximum size, in bytes, of a body that is stored with its delivery."""


@csrf_exempt
@login_not_required
@require_POST
def receive(request: HttpRequest, provider: str, slug: str) -> JsonResponse:
    """Receive a webhook. The response is 202 if it is accepted, 200 if it was received before, and 4xx if it
    is rejected.

    After 429 and 503, the webhook should be sent again.
    """
    wait = 0
    try:
        status, message = _receive(request, provider, slug)
    except RefusedError as refused:
        status, message, wait = refused.status, str(refused), refused.wait
    except Error as error:
        if not is_unavailable(error):
            raise
        log.exception("A webhook for %s could not be stored", slug)
        status, message, wait = (
            HTTPStatus.SERVICE_UNAVAILABLE,
            "The database isn't responding. Send the webhook again.",
            30,
        )
    headers = {"Retry-After": str(wait)} if wait else {}
    return JsonResponse({"message": message}, status=status, headers=headers)


def _receive(request: HttpRequest, provider: str, slug: str) -> tuple[HTTPStatus, str]:
    signed = Signed(request.headers, request.GET.dict(), read(request))
    provider = sender_of(provider, request.headers)
    source = PROVIDERS.get(provider)
    repository = Repository.objects.filter(slug=slug).first()
    keys = (repository.webhook_secret, repository.former_webhook_secret) if repository else (_NOBODY,)
    # Neither the response nor the work done for it depends on whether the repository exists, so that
    # unauthenticated clients can't find out.
    verified = source is not None and source.verify(signed, keys)
    if source is None or repository is None or not verified:
        reason = Reason.SIGNATURE if source else Reason.PROVIDER
        _count_rejected(repository, reason)
        _list_rejected(repository, provider, request.path, HTTPStatus.UNAUTHORIZED, str(reason.label))
        raise RefusedError(
            HTTPStatus.UNAUTHORIZED,
            "The URL or the signature is wrong. Check the webhook's URL and its secret.",
        )
    row = Delivery(repository=repository, source=provider)
    try:
        return store(row, _event(row, source, signed))
    except RefusedError as refused:
        _list_rejected(repository, provider, request.path, refused.status, str(refused))
        raise


def _event(row: Delivery, source: Provider, signed: Signed) -> Event:
    """Return what a verified delivery says, and fill in the row's values. Raises `RefusedError`."""
    if seconds := rate_limit.spend(
        f"webhooks {row.repository_id}", settings.HOOKS_AT_ONCE, settings.HOOKS_PER_MINUTE
    ):
        raise RefusedError(
            HTTPStatus.TOO_MANY_REQUESTS, f"Too many webhooks. Send it again in {seconds} s.", seconds
        )
    values = payload(signed.body, signed.headers.get("Content-Type", ""))
    delivery, name = source.name(signed, values)
    if not delivery or not name:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "The header with the delivery id or the event is missing.")
    if len(delivery) > 200 or len(name) > 60 or not (delivery + name).isprintable():
        words = (
            "The delivery id is longer than 200 characters, the event is longer than 60, or one of them "
            "contains control characters."
        )
        raise RefusedError(HTTPStatus.BAD_REQUEST, words)
    row.delivery_id, row.event = delivery, name
    row.payload = values if len(signed.body) <= _KEEP else {}
    try:
        return source.parse(name, values)
    except PayloadError as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"Invalid {name} payload: {error}.") from None


def _list_rejected(
    repository: Repository | None, provider: str, address: str, status: HTTPStatus, reason: str
) -> None:
    """Add a rejected webhook to the list on the scans page. The URL's query may contain a secret."""
    row = RejectedDelivery(repository=repository, status=status)
    row.provider, row.address = one_line(provider, 50), one_line(address, 300)
    row.reason = one_line(reason, 500)
    row.save()
    row.keep_newest()


def _count_rejected(repository: Repository | None, reason: Reason) -> None:
    """Count a rejected webhook in the row for its repository and reason, which the scans page shows."""
    rows = RejectedWebhook.objects.filter(repository=repository, reason=reason)
    if rows.update(count=F("count") + 1, last_at=Now()):
        return
    try:
        with transaction.atomic():
            RejectedWebhook.objects.create(repository=repository, reason=reason)
    except IntegrityError:  # another request has created the row in the meantime
        rows.update(count=F("count") + 1, last_at=Now())


URLS = [
    path("webhooks/<slug:provider>/<slug:slug>/", receive, name="webhook"),
]
