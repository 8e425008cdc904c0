"""E-mails about claims. They are recorded in the caller's transaction, and the outbox sends them after it."""

from typing import Any

from django.conf import settings
from django.db.models import F

from compliance.integrations import delivery
from compliance.lib.batches import batches, unindexed
from compliance.models import Change, Claim, Commit, File, OutboxItem, Repository

KIND = "letter"
"""The kind of these items in the outbox."""


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
        delivery.record(
            [
                _mail(file, address, "regression", f"{commit.sha}:{file.pk}", commit)
                for file in files
                for address in sorted({email, last.get(file.pk, "")} - {""})
            ],
        )


def tell(file: File, to: str, about: str, key: str, *, until: str = "") -> None:
    """Record an e-mail. An e-mail that is already recorded is not recorded again."""
    if to:
        delivery.record([_mail(file, to, about, key, until=until)])


def _mail(  # noqa: PLR0917  (one value each)
    file: File, to: str, about: str, key: str, commit: Commit | None = None, until: str = ""
) -> OutboxItem:
    detail = {
        "about": about,
        "to": to,
        "path": file.path,
        "commit": commit.sha if commit else "",
        "until": until,
    }
    return letter(file.repository_id, f"{about}:{key}:{to}", detail)


def letter(repository: int, key: str, detail: dict[str, Any]) -> OutboxItem:
    """Return an e-mail that isn't recorded yet, to the address `to` of its detail."""
    return OutboxItem(
        kind=KIND,
        channel=delivery.E_MAIL,
        repository_id=repository,
        target=detail["to"],
        key=key,
        host=f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}",
        detail=detail,
    )
