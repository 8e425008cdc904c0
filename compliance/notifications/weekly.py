"""Determines the recipients of the weekly digest, and records one item of the outbox for each of them and
week.

The outbox sends each item until it is accepted. Its content is computed when it is sent.
"""

from datetime import datetime, time, timedelta

from django.utils import timezone

from compliance import jobs
from compliance.integrations import delivery
from compliance.models import OutboxItem, Repository, Subscription
from compliance.notifications import digest_mail, mail
from compliance.notifications.digest_content import Content, OwnersOf, content

HOUR = 7
"""Hour on Monday, in the installation's time zone, at which the week's digest is due."""
TEST = "test"
ABOUT = "digest"


def due(now: datetime | None = None) -> None:
    """Queue the digest for each repository with recipients for whom this week's has not been recorded.

    It is safe to call this concurrently, because identical pending jobs are merged and items are recorded
    once.
    """
    here = timezone.localtime(now)
    monday = here.date() - timedelta(days=here.weekday())
    begin = datetime.combine(monday, time(HOUR), here.tzinfo)
    if here < begin:
        return
    week = f"{monday:%G-W%V}"
    recorded = set(OutboxItem.objects.filter(kind=ABOUT, key=_key(week)).values_list("repository", "target"))
    waiting = {
        found.repository_id
        for found in digest_mail.subscriptions_of(Repository.objects.tracked())
        if found.created_at <= begin and (found.repository_id, str(found.person_id)) not in recorded
    }
    for repository in Repository.objects.filter(pk__in=waiting):
        jobs.enqueue("digest", repository, key=week, priority=jobs.Priority.LOW, cause=f"week {week}")


def digest(run: jobs.JobRun) -> bool:
    """Record one week's digest for every recipient of a repository for whom it has not been recorded.

    The job's key is the week. If the job's detail names a person, a test is recorded for that person only.
    """
    person = run.job.detail.get("person")
    week = f"{TEST} {run.job.pk}" if person else run.job.key
    delivery.record(
        [
            OutboxItem(
                kind=ABOUT,
                repository=run.repository,
                channel=mail.NAME,
                target=str(found.person_id),
                key=_key(week),
                host=mail.host(),
                detail={"about": ABOUT, "week": week, "person": found.person_id},
            )
            for found in digest_mail.subscriptions_of(Repository.objects.filter(pk=run.repository.pk))
            if person is None or found.person_id == person
        ]
    )
    return True


class DigestSender:
    """Builds the digests. The figures of a repository are computed once for all its recipients.

    `owners_of` names the owners of the files that regressions concern.
    """

    def __init__(self, owners_of: OwnersOf | None = None) -> None:
        """Remember nothing yet."""
        self._owners_of = owners_of
        self._figures: dict[int, Content] = {}
        self._subscriptions: dict[int, dict[str, Subscription]] = {}

    def build(self, item: OutboxItem) -> delivery.Message:
        """Build the digest of one recipient, if there still is one."""
        key = item.repository_id or 0
        if key not in self._subscriptions:
            found = digest_mail.subscriptions_of(Repository.objects.filter(pk=key))
            self._subscriptions[key] = {str(row.person_id): row for row in found}
        subscription = self._subscriptions[key].get(item.target)
        if subscription is None:
            raise delivery.NotNeededError("The recipient is no longer subscribed, or has no address.")
        if key not in self._figures:
            repository = Repository.objects.select_related("plan", "head").get(pk=key)
            self._figures[key] = content(repository, self._owners_of)
        return digest_mail.build(item, subscription, self._figures[key])


def _key(week: str) -> str:
    return f"{ABOUT} {week}"
