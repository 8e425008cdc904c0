"""Publishes statuses, comments, notes and issues at the providers to which a repository is connected.

Each is one item of the outbox, which is requested again when its content changes. The item keeps the
provider's id of what was published, so that it is updated. If the id is unknown, for example because a worker
stopped before it was recorded, what was published is found by its marker.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.crypto import salted_hmac

from compliance.integrations import delivery
from compliance.integrations.api import ApiError
from compliance.integrations.apis import APIS
from compliance.integrations.forge_pages import pages_of
from compliance.integrations.git_access import forge_of
from compliance.integrations.outbound import Comment, Content, NewIssue, Note, Place, Status
from compliance.lib.field_types import storable
from compliance.lib.outgoing import RefusedAddressError, UnreachableError
from compliance.models import Attachment, Connection, OutboxItem, Repository

STATUS, COMMENT, NOTE, ISSUE = "status", "comment", "note", "issue"
"""The kinds of these items in the outbox."""

_OPERATIONS = {
    STATUS: "post_status",
    COMMENT: "upsert_comment",
    NOTE: "upsert_issue_note",
    ISSUE: "create_issue",
}
_CONTENTS: Mapping[str, type[Content]] = {STATUS: Status, COMMENT: Comment, NOTE: Note, ISSUE: NewIssue}

_CLOCKS_DIFFER = timedelta(hours=1)
"""Maximum time by which the provider's clock may be behind."""

_NOTED_EVERY = timedelta(minutes=1)
"""Time after which the success of a connection is recorded again."""

_TEMPORARY = {
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.CONFLICT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
}
"""Statuses after which a request is repeated. Credentials and permissions can be corrected meanwhile."""

Operation = Callable[[Place, Any], str]


def publish_status(repository: Repository, status: Status) -> bool:
    """Set the status of a commit. Return False if the repository's forge has no such thing, or none is
    connected.
    """
    short = replace(status, summary="", annotations=())
    return _request(forge_of(repository), STATUS, status.commit, status.name, short)


def publish_comment(repository: Repository, number: int, comment: Comment) -> bool:
    """Create or update the comment on a pull request. Return False if it can't be published."""
    return _request(forge_of(repository), COMMENT, str(number), "pull request", comment)


def publish_note(repository: Repository, issue: str, note: Note, figures: str = "") -> bool:
    """Create or update the note on an issue, such as SHOP-12 or #12. Return False if it can't be
    published. `figures`, which is kept with the item, tells whether another request would say the same.
    """
    found = _tracker_of(repository, issue)
    return _request(found, NOTE, note_subject(found, issue), "progress", note, figures=figures)


def note_subject(found: Attachment | None, issue: str) -> str:
    """Return the target of the item that publishes the note on an issue."""
    is_forge = found is not None and found.kind == Attachment.Kind.FORGE
    return f"#{issue.removeprefix('#')}" if is_forge else issue.upper()


def attachment_for(repository: Repository, issue: str, kind: str) -> Attachment | None:
    """Return the attachment by which something of this kind would be published about an issue, or in a
    tracker's project, or None if it can't be.
    """
    return choose_attachment(_attachments(repository), issue, kind)


def choose_attachment(rows: Iterable[Attachment], issue: str, kind: str) -> Attachment | None:
    """Return the same as `attachment_for` from the attachments of a repository."""
    found = _choose(rows, issue)
    return found if found and operation_of(found.connection.provider, kind) else None


def publish_issue(repository: Repository, key: str, new: NewIssue) -> bool:
    """Create an issue, once for each key. Return False if it can't be published."""
    return _request(_tracker_of(repository, new.prefix), ISSUE, new.prefix, key, new)


def line_urls(repository: Repository, commit: str) -> Callable[[str, int], str] | None:
    """Return what gives the address of a line of a commit at the repository's forge, or None if it isn't
    known.
    """
    pages = pages_of(repository) if forge_of(repository) else None
    return (lambda path, line: pages.file(commit, path, line)) if pages else None


def shows_lines(repository: Repository) -> bool:
    """Return true if the repository's forge shows the findings of a status at their lines."""
    found = forge_of(repository)
    return bool(found and found.connection.app_id)


def issue_url(found: Attachment, repository: Repository, key: str) -> str:
    """Return the address of an issue's page at a provider, or an empty text if it isn't known."""
    path_of = getattr(APIS.get(found.connection.provider), "issue_path", None)
    is_forge = found.kind == Attachment.Kind.FORGE
    web = (repository.web_url if is_forge else found.connection.api_url).rstrip("/")
    return f"{web}/{path_of(quote(key, safe=''))}" if path_of and web else ""


def provider_of(repository: Repository) -> str:
    """Return the name of the repository's forge, or an empty text if none is connected."""
    found = forge_of(repository)
    return found.connection.provider if found else ""


def _request(
    found: Attachment | None, kind: str, subject: str, key: str, content: Content, **detail: str
) -> bool:
    if found is None or operation_of(found.connection.provider, kind) is None:
        return False
    item = OutboxItem(kind=kind, channel=found.connection.provider, repository_id=found.repository_id)
    item.target, item.key = subject, f"{kind} {key}"
    item.host = urlsplit(found.connection.api_url).netloc[:255]
    item.detail = {"about": kind, "path": subject or key, "content": asdict(content), **detail}
    if kind == ISSUE:
        delivery.record([item])
    else:
        delivery.request([item])
    return True


def operation_of(provider: str, kind: str) -> Operation | None:
    """Return how a provider publishes something of this kind, or None if it doesn't."""
    found: Operation | None = getattr(APIS.get(provider), _OPERATIONS[kind], None)
    return found


def _tracker_of(repository: Repository, issue: str) -> Attachment | None:
    """Return the tracker whose prefix an issue's key has, or the forge for a key such as #12."""
    return _choose(_attachments(repository), issue)


def _choose(rows: Iterable[Attachment], issue: str) -> Attachment | None:
    prefix, _, number = issue.rpartition("-")
    wanted = (prefix if number.isdigit() else issue).upper()
    if not wanted or wanted.lstrip("#").isdigit():
        return next((row for row in rows if row.kind == Attachment.Kind.FORGE), None)
    trackers = (row for row in rows if row.kind == Attachment.Kind.TRACKER)
    return next((row for row in trackers if wanted in row.connection.prefixes), None)


def _attachments(repository: Repository) -> QuerySet[Attachment]:
    return Attachment.objects.filter(repository=repository).select_related("connection")


def stored_content(item: OutboxItem) -> Content:
    """Return the content that an item was requested with."""
    return _CONTENTS[item.kind](**item.detail["content"])


class Publisher:
    """Publishes the items of one kind. `write` returns an item's content from the current records."""

    def __init__(self, write: Callable[[OutboxItem], Content] = stored_content) -> None:
        """Remember what writes the content, by default that with which an item was requested."""
        self._write = write

    def build(self, item: OutboxItem) -> delivery.Message:
        """Return how an item is published.

        Raises:
            NotNeededError: if the repository isn't connected any more.
        """
        repository = item.repository
        is_about_issues = item.kind in (NOTE, ISSUE)
        found = None
        if repository:
            found = _tracker_of(repository, item.target) if is_about_issues else forge_of(repository)
        operation = operation_of(found.connection.provider, item.kind) if found else None
        if found is None or operation is None:
            raise delivery.NotNeededError("The repository is not connected any more.")
        at = Place(
            connection=found.connection,
            project=found.project,
            subject=item.target,
            markers=markers_of(item),
            known=item.remote_id,
            tried=item.may_have_arrived,
            since=item.created_at - _CLOCKS_DIFFER,
        )
        return delivery.Message(partial(_publish, operation, at, self._write(item)))


def markers_of(item: OutboxItem) -> tuple[str, ...]:
    """Return the texts by which what an item publishes is recognized, one for each secret key.

    They are signed, because anybody who may comment could otherwise have the product edit their comment.
    """
    named = f"{item.repository_id} {item.kind} {item.target} {item.key}"
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return tuple(
        f"ssot-{salted_hmac('outbound', named, secret=key, algorithm='sha256').hexdigest()[:32]}"
        for key in keys
    )


def _publish(operation: Operation, at: Place, content: Content) -> delivery.Sent:
    """Carry out an operation, and record at the connection how that went."""
    mine = Connection.objects.filter(pk=at.connection.pk)
    try:
        known = operation(at, content)
    except ApiError as error:
        failure = _failure_of(error)
        if failure.may_have_arrived and isinstance(content, NewIssue):
            failure.wait = max(failure.wait or timedelta(), _finds_after(at.connection.provider))
        if not isinstance(failure, delivery.RejectedError) or error.cause:
            mine.update(last_failure_at=Now(), last_failure=storable(str(error))[:1000])
        raise failure from None
    old = Q(last_success_at=None) | Q(last_success_at__lt=timezone.now() - _NOTED_EVERY)
    mine.filter(old).update(last_success_at=Now())
    return delivery.Sent("Accepted." if known else "There was nothing to update.", known)


def _finds_after(provider: str) -> timedelta:
    """Return the time after which a provider finds an issue that was created."""
    found: timedelta = getattr(APIS[provider], "FINDS_AFTER", timedelta())
    return found


def _failure_of(error: ApiError) -> delivery.UnacceptedError:
    """Return the error that tells the outbox if and when to repeat a failed call, and if it may have been
    carried out.
    """
    words = str(error)
    if isinstance(error.cause, RefusedAddressError):
        return delivery.RejectedError(words)
    if isinstance(error.cause, UnreachableError):
        return delivery.UnacceptedError(words, unreachable=True)
    # Without an answer, after an unreadable one, or if the server failed, it may have been carried out.
    is_unclear = error.status < 300 or error.status >= 500
    if error.wait is not None:
        return delivery.UnacceptedError(words, wait=error.wait, whole_host=True, may_have_arrived=is_unclear)
    if is_unclear or error.status in _TEMPORARY:
        return delivery.UnacceptedError(words, may_have_arrived=is_unclear)
    return delivery.RejectedError(words)
