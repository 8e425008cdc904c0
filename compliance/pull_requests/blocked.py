"""Reports pull requests that have been blocked for more than a day."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, IntegerField, OuterRef
from django.db.models.functions import Cast
from django.utils import timezone

from compliance.events import alerts
from compliance.events.alerts import Condition
from compliance.lib.batches import BATCH
from compliance.models import OF_NEWEST_HEAD, Alert, CheckFinding, PullRequest, PullRequestCheck, Risk
from compliance.people.owner_accounts import accounts_named

TOPIC = "pull.blocked"

AFTER = timedelta(days=1)
"""Time for which a pull request must be blocked before that is reported."""

MOST = 200
"""Number of pull requests that are reported at once. The rest is left to the next look."""

_MOST_PATHS = 50
State = PullRequestCheck.State


def follow_verdict(check: PullRequestCheck) -> None:
    """Note that a pull request is blocked, or isn't any more, after the verdict on its newest head was
    written.

    The time since when it is blocked stays if a newer head is blocked, too.
    """
    pull = check.pull_request
    if pull is None or pull.head_sha != check.head_sha:
        return
    mine = {"repository_id": pull.repository_id, "topic": TOPIC, "subject": str(pull.number)}
    if check.state in {State.FAILED, State.ERROR}:
        Alert.objects.bulk_create([Alert(**mine, began_at=timezone.now())], ignore_conflicts=True)
    elif check.state == State.PASSED:
        Alert.objects.filter(**mine).delete()


def report_blocked(now: datetime | None = None) -> None:
    """Report the pull requests that have been blocked for too long, in a fixed number of queries.

    Drafts aren't meant to be merged yet, so they are reported once they are ready.
    """
    pulls = PullRequest.objects.filter(
        repository=OuterRef("repository"),
        number=Cast(OuterRef("subject"), IntegerField()),
        state="open",
    )
    rows = Alert.objects.filter(topic=TOPIC)
    ended = rows.filter(~Exists(pulls)).values_list("pk", flat=True)[:BATCH]
    Alert.objects.filter(pk__in=list(ended)).delete()
    due = rows.filter(
        Exists(pulls.filter(draft=False)), fired_at=None, began_at__lte=(now or timezone.now()) - AFTER
    )
    blocked = {(alert.repository_id, alert.subject): alert for alert in due.order_by("began_at", "pk")[:MOST]}
    if not blocked:
        return
    checks = PullRequestCheck.objects.filter(
        OF_NEWEST_HEAD,
        state__in=(State.FAILED, State.ERROR),
        pull_request__repository__in={repository for repository, _ in blocked},
        pull_request__number__in={int(subject) for _, subject in blocked},
    )
    with transaction.atomic():  # so that one message tells of those of a repository
        for check in checks.select_related("pull_request", "repository").order_by("pk"):
            pull = check.pull_request
            alert = blocked.get((check.repository_id, str(pull.number))) if pull else None
            if pull is not None and alert is not None:
                alerts.fire(alert, _condition(pull, check))


def _condition(pull: PullRequest, check: PullRequestCheck) -> Condition:
    findings = check.findings.filter(is_blocking=True) | check.findings.filter(kind=CheckFinding.Kind.DOUBT)
    found = list(findings.order_by("pk").values_list("path", "risk", "phases"))
    paths = list(dict.fromkeys(path for path, _, _ in found))
    phases = list(dict.fromkeys(key for _, _, keys in found for key in keys))
    return Condition(
        str(pull.number),
        check.repository,
        phases=phases,
        risk=_highest(risk for _, risk, _ in found),
        people=_accounts_of(pull),
        detail={
            "number": pull.number,
            "title": pull.title,
            "author": pull.author,
            "state": check.state,
            "reason": check.reason,
            "blocking": check.blocking,
            "sha": pull.head_sha,
            "paths": paths[:_MOST_PATHS],
        },
    )


def _highest(risks: Iterable[str]) -> str:
    known = [Risk.values.index(risk) for risk in risks if risk]
    return Risk.values[min(known)] if known else ""


def _accounts_of(pull: PullRequest) -> set[int]:
    """Return the accounts of whoever opened a pull request, by the handle that the forge reports. Anybody can
    open one from a fork.
    """
    return accounts_named(pull.author, is_member=not pull.source_url)
