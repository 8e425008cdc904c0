"""Receives webhooks: verifies them, and stores the delivery and its job in one transaction."""

import logging
import secrets
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error, IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from compliance.integrations.deliveries import store
from compliance.integrations.forges import PROVIDERS as FORGES
from compliance.integrations.forges import sender_of
from compliance.integrations.kept_webhooks import Kept, keep, take_in
from compliance.integrations.provider import Event, PayloadError, Provider, Signed
from compliance.integrations.request_body import RefusedError, payload, read
from compliance.integrations.trackers import PROVIDERS as TRACKERS
from compliance.jobs import maintenance_mode
from compliance.lib import rate_limit
from compliance.lib.database_failures import WrongKeyError
from compliance.lib.database_limits import is_unavailable
from compliance.lib.field_types import one_line
from compliance.lib.logs import add_log_context
from compliance.lib.process_metrics import describe_failure
from compliance.models import (
    Connection,
    Delivery,
    FormerSlug,
    RejectedDelivery,
    RejectedWebhook,
    Repository,
)

Reason = RejectedWebhook.Reason
Receiver = Repository | Connection

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

    After 429 and 503, the webhook should be sent again. In maintenance mode, one that the database can't
    store is kept in a file if its sender wouldn't do that.
    """
    wait, webhook = 0, None
    try:
        signed = Signed(request.headers, request.GET.dict(), read(request))
        webhook = Kept(sender_of(provider, request.headers), slug, request.path, signed)
        status, message = _receive(webhook)
    except RefusedError as refused:
        status, message, wait = refused.status, str(refused), refused.wait
    except (Error, WrongKeyError) as error:
        if not is_unavailable(error):
            raise
        if webhook and _is_kept(webhook):
            return JsonResponse({"message": "The webhook is kept until maintenance ends."}, status=202)
        log.exception("A webhook for %s could not be stored", slug)
        status, message, wait = (
            HTTPStatus.SERVICE_UNAVAILABLE,
            f"{describe_failure(error)} Send the webhook again.",
            30,
        )
    headers = {"Retry-After": str(wait)} if wait else {}
    return JsonResponse({"message": message}, status=status, headers=headers)


def receive_kept() -> None:
    """Receive what was kept in files during maintenance."""
    take_in(_receive)


def _is_kept(webhook: Kept) -> bool:
    """Keep a webhook in maintenance mode if it would be lost, and return whether it is."""
    is_sent_once = getattr(FORGES.get(webhook.provider), "SENDS_ONCE", False)
    # The file is asked, too, because Postgres may stop before this process notices that the mode is on.
    is_on = maintenance_mode.current() is not None or maintenance_mode.is_noted()
    return is_on and is_sent_once and keep(webhook)


def _receive(webhook: Kept) -> tuple[HTTPStatus, str]:
    provider, slug, signed = webhook.provider, webhook.slug, webhook.signed
    source, receiver = _addressed(provider, slug)
    keys = (receiver.webhook_secret, receiver.former_webhook_secret) if receiver else (_NOBODY,)
    # Neither the response nor the work done for it depends on whether the repository or connection exists, so
    # that unauthenticated clients can't find out.
    verified = source is not None and source.verify(signed, keys)
    if source is None or receiver is None or not verified:
        reason = Reason.SIGNATURE if source else Reason.PROVIDER
        _count_rejected(receiver, reason)
        words = str(reason.label) if receiver else _unknown(provider, slug)
        _list_rejected(receiver, provider, webhook.path, HTTPStatus.UNAUTHORIZED, words)
        raise RefusedError(
            HTTPStatus.UNAUTHORIZED,
            "The URL or the signature is wrong. Check the webhook's URL and its secret.",
        )
    if isinstance(receiver, Repository) and receiver.deleted_at:
        words = f"The repository {receiver.name} was deleted. Remove the webhook, or have it restored."
        raise RefusedError(HTTPStatus.GONE, words)
    row = Delivery(source=provider, **_owner(receiver))
    try:
        status, message = store(row, _event(row, source, signed))
    except RefusedError as refused:
        _list_rejected(receiver, provider, webhook.path, refused.status, str(refused))
        raise
    is_new = status == HTTPStatus.ACCEPTED
    return getattr(source, "ACCEPTED", status) if is_new else status, message


def _addressed(provider: str, slug: str) -> tuple[Provider | None, Receiver | None]:
    """Return the provider that an address names, and what the slug names: a repository for a forge, and a
    connection for a tracker. The provider is None if it is unknown, or if the connection has another one.
    """
    if provider not in TRACKERS:
        return FORGES.get(provider), _repository(slug)
    connection = Connection.objects.filter(slug=slug).first()
    is_other = connection is not None and connection.provider != provider
    return None if is_other else TRACKERS[provider], connection


def _repository(slug: str) -> Repository | None:
    """Return the repository that has a slug or had it, also if it was deleted but can be restored. One query
    finds it even while it is being renamed.
    """
    former = FormerSlug.objects.filter(slug=slug).values("repository")
    return Repository.everything.filter(Q(slug=slug) | Q(pk__in=former)).first()


def _unknown(provider: str, slug: str) -> str:
    """Return why a webhook to an address that names nothing was rejected, as administrators see it."""
    if provider not in FORGES and provider not in TRACKERS:
        return f"There is no provider {one_line(provider, 50)}."
    what = "connection" if provider in TRACKERS else "repository"
    return f"There is no {what} with the slug {one_line(slug, 50)}."


def _owner(receiver: Receiver | None) -> dict[str, Any]:
    is_connection = isinstance(receiver, Connection)
    return {
        "repository": None if is_connection else receiver,
        "connection": receiver if is_connection else None,
    }


def _event(row: Delivery, source: Provider, signed: Signed) -> Event:
    """Return what a verified delivery says, and fill in the row's values. Raises `RefusedError`."""
    bucket = f"tracker webhooks {row.connection_id}" if row.connection else f"webhooks {row.repository_id}"
    if seconds := rate_limit.spend(bucket, settings.HOOKS_AT_ONCE, settings.HOOKS_PER_MINUTE):
        raise RefusedError(
            HTTPStatus.TOO_MANY_REQUESTS, f"Too many webhooks. Send it again in {seconds} s.", seconds
        )
    values = payload(signed.body, signed.headers.get("Content-Type", ""))
    delivery, name = source.name(signed, values)
    if not delivery or not name:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "The delivery id or the event is missing.")
    if len(delivery) > 200 or len(name) > 60 or not (delivery + name).isprintable():
        words = (
            "The delivery id is longer than 200 characters, the event is longer than 60, or one of them "
            "contains control characters."
        )
        raise RefusedError(HTTPStatus.BAD_REQUEST, words)
    row.delivery_id, row.event = delivery, name
    add_log_context(delivery=delivery)
    row.payload = values if len(signed.body) <= _KEEP else {}
    try:
        return source.parse(name, values)
    except PayloadError as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"Invalid {name} payload: {error}.") from None


def _list_rejected(
    receiver: Receiver | None, provider: str, address: str, status: HTTPStatus, reason: str
) -> None:
    """Add a rejected webhook to the list of its repository or connection. The URL's query, which may contain
    a secret, is left out.
    """
    row = RejectedDelivery(status=status, **_owner(receiver))
    row.provider, row.address = one_line(provider, 50), one_line(address, 300)
    row.reason = one_line(reason, 500)
    row.save()
    row.keep_newest()


def _count_rejected(receiver: Receiver | None, reason: Reason) -> None:
    """Count a rejected webhook in the row for its repository or connection and its reason, which pages
    show.
    """
    known = {**_owner(receiver), "reason": reason}
    rows = RejectedWebhook.objects.filter(**known)
    if rows.update(count=F("count") + 1, last_at=Now()):
        return
    try:
        with transaction.atomic():
            RejectedWebhook.objects.create(**known)
    except IntegrityError:  # another request has created the row in the meantime
        rows.update(count=F("count") + 1, last_at=Now())


URLS = [
    path("webhooks/<slug:provider>/<slug:slug>/", receive, name="webhook"),
]
