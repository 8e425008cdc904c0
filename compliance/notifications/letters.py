"""E-mails to one person: a claim that expires soon, a regression in a claimed file, or news of a waiver."""

from datetime import timedelta
from functools import partial

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.template.loader import render_to_string

from compliance import jobs
from compliance.jobs import JobRun
from compliance.lib.field_types import one_line
from compliance.models import Commit, File, Job, Notice, Repository, Waiver
from compliance.notifications.channels import email
from compliance.notifications.delivery import UnsentError, deliver
from compliance.notifications.digest_content import address

SUBJECTS = {
    "claim ends": "Your claim on {path} expires soon",
    "regression": "{path} has violations again",
    "waiver requested": "A waiver for {path} was requested",
    "waiver decided": "Your waiver for {path} was {state}",
    "waiver ends": "Your waiver for {path} expires soon",
    "waiver expired": "Your waiver for {path} has expired",
    "waiver request expired": "Nobody decided on your request for a waiver for {path}",
}
"""Maps the topic of an e-mail to its subject."""

RESUME_WITHIN = timedelta(days=1)
"""Age up to which an e-mail without a job is still sent."""


def resume_letters() -> None:
    """Queue the delivery of new e-mails that have no job, because a process ended before queueing it."""
    if not settings.EMAIL_READY:
        return
    later = Q(state__in=(Job.State.WAITING, Job.State.RUNNING)) | Q(finished_at__gte=OuterRef("created_at"))
    queued = Job.objects.filter(later, kind="letters", repository=OuterRef("repository"))
    new = _waiting().filter(created_at__gt=Now() - RESUME_WITHIN).exclude(Exists(queued))
    for repository in Repository.objects.filter(pk__in=new.values("repository")):
        jobs.enqueue("letters", repository, priority=jobs.Priority.LOW, cause="e-mails without a job")


def _waiting() -> QuerySet[Notice]:
    """Return the e-mails that are still to be sent."""
    rows = Notice.objects.filter(channel=email.NAME, sent_at=None, detail__about__in=SUBJECTS)
    return rows.exclude(detail__has_key="given_up")


def letters(run: JobRun) -> bool:
    """Send all pending e-mails for a repository.

    Raises:
        UnsentError: if at least one e-mail was not accepted.
    """
    if not settings.EMAIL_READY:
        return True
    waiting = _waiting().filter(repository=run.repository)
    failed = []
    for number, notice in enumerate(waiting.order_by("pk"), start=1):
        error = deliver(notice, partial(_send, run))
        if error:
            failed.append(error)
        else:
            run.progress(number, waiting.count() + number)
    if failed:
        raise UnsentError(f"{len(failed)} e-mails could not be sent. The first error was: {failed[0]}")
    return True


def _send(run: JobRun, notice: Notice) -> None:
    repository, detail = run.repository, notice.detail
    file = File.objects.filter(repository=repository, path=detail["path"]).first()
    commit = Commit.objects.filter(repository=repository, sha=detail["commit"]).first()
    waiver = Waiver.objects.filter(repository=repository, pk=detail.get("waiver")).first()
    facts = {
        "repository": repository,
        "detail": detail,
        "commit": commit,
        "file": address("file", repository.slug, str(file.pk)) if file else "",
        "commit_address": address("commit", repository.slug, commit.sha) if commit else "",
        "waiver": waiver,
        "waivers_address": address("waivers", repository.slug),
    }
    message = EmailMessage(
        subject=one_line(SUBJECTS[detail["about"]].format(**detail), 1000),  # paths may have line breaks
        body=render_to_string(f"mail/{detail['about'].replace(' ', '_')}.txt", facts),
        to=[detail["to"]],
        headers={"Auto-Submitted": "auto-generated"},
    )
    email.hand_over(message)
