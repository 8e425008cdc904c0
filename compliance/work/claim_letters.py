"""E-mails about claims. They are recorded in the caller's transaction, and sent by a job after it."""

from functools import partial

from django.db import transaction
from django.db.models import F

from compliance import jobs
from compliance.lib.batches import BATCH, batches, unindexed
from compliance.models import Change, Claim, Commit, File, Notice, Repository


def tell_of_regressions(repository: Repository, commit: Commit, email: str) -> None:
    """Record the e-mails about files that a commit broke, to its author and to whoever completed the last
    claim.
    """
    broken = Change.objects.filter(
        commit=commit, plan=repository.plan_id, regression=True, kind=Change.Kind.NEW
    )
    for paths in batches(sorted(set(broken.values_list("path", flat=True)))):
        named = File.objects.alias(of=unindexed("repository_id")).filter(of=repository.pk, path__in=paths)
        files = list(named)
        completed = Claim.objects.filter(file__in=files, state=Claim.State.COMPLETED)
        newest = completed.order_by("file_id", F("ended_at").desc()).distinct("file_id")
        last = dict(newest.values_list("file_id", "person__email"))
        record_mails(
            repository,
            [
                _mail(file, address, "regression", f"{commit.sha}:{file.pk}", commit)
                for file in files
                for address in sorted({email, last.get(file.pk, "")} - {""})
            ],
        )


def tell(file: File, to: str, about: str, key: str, *, until: str = "") -> None:
    """Record an e-mail and queue its delivery. An e-mail that is already recorded is not recorded again."""
    if to:
        record_mails(file.repository, [_mail(file, to, about, key, until=until)])


def _mail(  # noqa: PLR0917  (one value each)
    file: File, to: str, about: str, key: str, commit: Commit | None = None, until: str = ""
) -> Notice:
    detail = {
        "about": about,
        "to": to,
        "path": file.path,
        "commit": commit.sha if commit else "",
        "until": until,
    }
    name = f"{about}:{key}:{to}"[:300]
    return Notice(repository_id=file.repository_id, channel="e-mail", key=name, detail=detail)


def record_mails(repository: Repository, mails: list[Notice]) -> None:
    """Record the e-mails that have not been recorded yet, and queue their delivery after the commit.

    The row of the job would otherwise stay locked while a large commit is being recorded. If the process ends
    between the two, `notifications.resume_letters` queues the job.
    """
    keys = [mail.key for mail in mails]
    known = Notice.objects.filter(repository=repository, channel="e-mail", key__in=keys)
    recorded = set(known.values_list("key", flat=True))
    new = [mail for mail in mails if mail.key not in recorded]
    if new:
        Notice.objects.bulk_create(new, ignore_conflicts=True, batch_size=BATCH)
        cause = new[0].detail["about"]
        send = partial(jobs.enqueue, "letters", repository, priority=jobs.Priority.LOW, cause=cause)
        transaction.on_commit(send, robust=True)
