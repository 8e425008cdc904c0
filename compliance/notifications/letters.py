"""E-mails to one person: a claim that expires soon, a regression in a claimed file, or news of a waiver."""

from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from compliance.integrations.delivery import Message, NotNeededError
from compliance.lib.field_types import one_line
from compliance.models import Commit, File, OutboxItem, Waiver
from compliance.notifications import mail
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


class LetterSender:
    """Builds the e-mails about claims, regressions and waivers."""

    def build(self, item: OutboxItem) -> Message:
        """Build an e-mail from the current records."""
        repository, detail = item.repository, item.detail
        if repository is None or detail.get("about") not in SUBJECTS:
            raise NotNeededError(f"This release has no e-mail about {detail.get('about')!r}.")
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
            headers=mail.headers_of(item),
        )
        return mail.message_of(message)
