"""The weekly digest: who is due to get it, and sending it once per week and person, whatever fails in
between.

A row of Notice is one mail to one person in one week. It is locked while the mail is sent and marked as sent
in the same transaction, so two workers never send it twice, and a killed one leaves it unsent.
"""

from datetime import datetime, time, timedelta
from functools import partial

from django.conf import settings
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from compliance import jobs
from compliance.models import Notice, Repository, Subscription
from compliance.notifications.channels import email
from compliance.notifications.delivery import UnsentError, deliver
from compliance.notifications.digest_content import content

HOUR = 7
"""The hour of Monday, in the installation's time zone, from which the week's digest is due."""
TEST = "test"
ABOUT = "digest"


def due(now: datetime | None = None) -> None:
    """Enqueue the digest of each repository with subscribers who have not received this week's.

    Concurrent callers are harmless: equal pending jobs are merged, and sent mails are not repeated.
    """
    here = timezone.localtime(now)
    monday = here.date() - timedelta(days=here.weekday())
    begin = datetime.combine(monday, time(HOUR), here.tzinfo)
    if not settings.EMAIL_READY or here < begin:
        return
    week = f"{monday:%G-W%V}"
    settled = Notice.objects.filter(
        Q(sent_at__isnull=False) | Q(detail__has_key="given_up"),
        repository=OuterRef("repository"),
        channel=email.CHANNEL,
        key=Concat(Value(f"{ABOUT} {week} "), Cast(OuterRef("person"), CharField())),
    )
    waiting = _subscribers().filter(~Exists(settled), created_at__lte=begin)
    for repository in Repository.objects.filter(pk__in=waiting.values("repository")):
        jobs.enqueue("digest", repository, key=week, priority=jobs.Priority.LOW, cause=f"week {week}")


def digest(run: jobs.JobRun) -> bool:
    """Send one week's digest of a repository to every subscriber who has not received it.

    The job's key is the week; a job whose detail names a person sends to that person only, as a test. Raises
    UnsentError if a mail could not be sent, after all others were.
    """
    person = run.job.detail.get("person")
    week = f"{TEST} {run.job.pk}" if person else run.job.key
    repository = Repository.objects.select_related("plan", "head").get(pk=run.repository.pk)
    readers = _subscribers().filter(repository=repository, **({"person": person} if person else {}))
    told = content(repository)
    pending = _pending(repository, week, readers)
    failed = []
    for number, (notice, reader) in enumerate(pending, start=1):
        error = deliver(notice, partial(email.send, subscription=reader, told=told))
        if error:
            failed.append(
                error
            )  # no progress is reported, so that a server that stays down makes the job fail
        else:
            run.progress(number, len(pending))
    if failed:
        raise UnsentError(f"{len(failed)} of {len(pending)} mails could not be sent: {failed[0]}")
    return True


def _subscribers() -> QuerySet[Subscription]:
    return Subscription.objects.filter(person__is_active=True).exclude(person__email="")


def _pending(
    repository: Repository, week: str, readers: QuerySet[Subscription]
) -> list[tuple[Notice, Subscription]]:
    """Return the week's unsent notices with their readers, creating missing ones."""
    by_key = {f"{ABOUT} {week} {reader.person_id}": reader for reader in readers.select_related("person")}
    Notice.objects.bulk_create(
        [
            Notice(
                repository=repository,
                channel=email.CHANNEL,
                key=key,
                detail={"about": ABOUT, "week": week, "person": reader.person_id},
            )
            for key, reader in by_key.items()
        ],
        ignore_conflicts=True,
    )
    rows = Notice.objects.filter(
        repository=repository, channel=email.CHANNEL, key__in=by_key, sent_at__isnull=True
    ).exclude(detail__has_key="given_up")
    return [(notice, by_key[notice.key]) for notice in rows.order_by("pk")]
