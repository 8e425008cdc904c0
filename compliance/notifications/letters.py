"""E-mails to one person about one file: a claim that expires soon, or a regression in a claimed file."""

from functools import partial

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from compliance.jobs import JobRun
from compliance.models import Commit, File, Notice
from compliance.notifications.channels import email
from compliance.notifications.delivery import UnsentError, deliver
from compliance.notifications.digest_content import address

SUBJECTS = {
    "claim ends": "Your claim on {path} expires soon",
    "regression": "{path} has violations again",
}
"""Maps the topic of an e-mail to its subject."""


def letters(run: JobRun) -> bool:
    """Send all pending e-mails for a repository.

    Raises:
        UnsentError: if at least one e-mail was not accepted.
    """
    if not settings.EMAIL_READY:
        return True
    waiting = Notice.objects.filter(
        repository=run.repository, channel=email.NAME, sent_at=None, detail__about__in=SUBJECTS
    ).exclude(detail__has_key="given_up")
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
    facts = {
        "repository": repository,
        "detail": detail,
        "commit": commit,
        "file": address("file", repository.slug, str(file.pk)) if file else "",
        "commit_address": address("commit", repository.slug, commit.sha) if commit else "",
    }
    message = EmailMessage(
        subject=SUBJECTS[detail["about"]].format(path=detail["path"]),
        body=render_to_string(f"mail/{detail['about'].replace(' ', '_')}.txt", facts),
        to=[detail["to"]],
        headers={"Auto-Submitted": "auto-generated"},
    )
    email.hand_over(message)
