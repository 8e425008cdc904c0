"""Determines the recipients of the weekly digest, and sends it once per week to each of them, despite
failures.

A row of Notice is one message to one recipient in one week. It is locked while it is sent, and marked as sent
in the same transaction. Therefore, two workers never send the same message, and if a worker is killed, the
message remains pending.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from functools import partial

from django.db.models import Q, QuerySet
from django.utils import timezone

from compliance import jobs
from compliance.models import Notice, Repository
from compliance.notifications.channel import Recipient
from compliance.notifications.channels import CHANNELS
from compliance.notifications.delivery import UnsentError, deliver
from compliance.notifications.digest_content import Content, OwnersOf, content

HOUR = 7
"""Hour on Monday, in the installation's time zone, at which the week's digest is due."""
TEST = "test"
ABOUT = "digest"


def due(now: datetime | None = None) -> None:
    """Queue the digest for each repository with recipients who have not received this week's.

    It is safe to call this concurrently, because identical pending jobs are merged and sent messages are not
    repeated.
    """
    here = timezone.localtime(now)
    monday = here.date() - timedelta(days=here.weekday())
    begin = datetime.combine(monday, time(HOUR), here.tzinfo)
    if here < begin:
        return
    week = f"{monday:%G-W%V}"
    settled = set(
        Notice.objects.filter(Q(sent_at__isnull=False) | Q(detail__has_key="given_up"))
        .filter(detail__about=ABOUT, detail__week=week)
        .values_list("repository", "channel", "key")
    )
    waiting = {
        recipient.repository
        for channel, recipient in _recipients(Repository.objects.all())
        if (recipient.since is None or recipient.since <= begin)
        and (recipient.repository, channel, _key(week, recipient)) not in settled
    }
    for repository in Repository.objects.filter(pk__in=waiting):
        jobs.enqueue("digest", repository, key=week, priority=jobs.Priority.LOW, cause=f"week {week}")


def digest(run: jobs.JobRun, owners_of: OwnersOf | None = None) -> bool:
    """Send one week's digest for a repository to every recipient who has not received it.

    The job's key is the week. If the job's detail names a person, a test is sent to that person only.
    `owners_of` names the owners of the files that regressions concern.

    Raises:
        UnsentError: if at least one message could not be sent; all others were attempted.
    """
    person = run.job.detail.get("person")
    week = f"{TEST} {run.job.pk}" if person else run.job.key
    repository = Repository.objects.select_related("plan", "head").get(pk=run.repository.pk)
    recipients = [
        (channel, recipient)
        for channel, recipient in _recipients(Repository.objects.filter(pk=repository.pk))
        if person is None or recipient.detail.get("person") == person
    ]
    figures = content(repository, owners_of)
    pending = _pending(repository, week, recipients)
    failed = []
    for number, (notice, recipient) in enumerate(pending, start=1):
        error = deliver(notice, partial(_send, recipient, figures))
        if error:
            # Progress is not reported, so that the job fails eventually if the server stays down.
            failed.append(error)
        else:
            run.progress(number, len(pending))
    if failed:
        raise UnsentError(
            f"{len(failed)} of {len(pending)} messages could not be sent. The first error was: {failed[0]}"
        )
    return True


def _recipients(repositories: QuerySet[Repository]) -> Iterator[tuple[str, Recipient]]:
    for name, channel in CHANNELS.items():
        for recipient in channel.recipients(repositories):
            yield name, recipient


def _send(recipient: Recipient, figures: Content, notice: Notice) -> None:
    CHANNELS[notice.channel].send(notice, recipient, figures)


def _key(week: str, recipient: Recipient) -> str:
    return f"{ABOUT} {week} {recipient.key}"


def _pending(
    repository: Repository, week: str, recipients: list[tuple[str, Recipient]]
) -> list[tuple[Notice, Recipient]]:
    """Return the week's unsent notices with their recipients. Missing notices are created."""
    by_key = {(channel, _key(week, recipient)): recipient for channel, recipient in recipients}
    Notice.objects.bulk_create(
        [
            Notice(
                repository=repository,
                channel=channel,
                key=key,
                detail={"about": ABOUT, "week": week, **recipient.detail},
            )
            for (channel, key), recipient in by_key.items()
        ],
        ignore_conflicts=True,
    )
    rows = Notice.objects.filter(
        repository=repository, key__in={key for _, key in by_key}, sent_at__isnull=True
    ).exclude(detail__has_key="given_up")
    return [
        (notice, by_key[notice.channel, notice.key])
        for notice in rows.order_by("pk")
        if (notice.channel, notice.key) in by_key
    ]
