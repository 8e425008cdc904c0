"""Decisions of people about a check: a manager overrides a verdict with a reason, and an engineer has a head
judged again.

An override applies to one head. A new head needs a new one. If the same head is judged again, because its
target, the plan or a waiver has changed, the override still applies as long as nothing blocks that didn't
block when it was given.
"""

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from compliance import jobs
from compliance.lib.field_types import one_line
from compliance.lib.wording import join_names
from compliance.models import OF_NEWEST_HEAD, CheckFinding, Job, PullRequest, PullRequestCheck
from compliance.pull_requests import report
from compliance.pull_requests.blocked import follow_verdict
from compliance.pull_requests.verdict import Override, key_of, overridden

LONGEST_REASON = 1000
State = PullRequestCheck.State
Kind = CheckFinding.Kind


class DecisionError(Exception):
    """Raised if a verdict can't be overridden or a head can't be judged again. The message says why."""


def override(pull_request: PullRequest, person: User, reason: str, head: str) -> PullRequestCheck:
    """Accept the verdict on the head of a pull request, which the person has seen, for a reason.

    Raises:
        DecisionError: if there is no reason, the head is another one by now, or nothing is to be overridden.
    """
    reason = one_line(reason.strip(), LONGEST_REASON)
    if not reason:
        raise DecisionError("Say why this pull request may be merged.")
    with transaction.atomic():
        row = PullRequestCheck.objects.select_for_update(no_key=True, of=("self",)).filter(
            pull_request=pull_request, head_sha=pull_request.head_sha
        )
        check = row.first()
        problem = obstacle(pull_request, check, head)
        if problem or check is None:
            raise DecisionError(problem)
        keys = [key_of(found) for found in _blocking(check)]
        check.override_covers = {
            "keys": sorted(set(keys)),
            "total": check.blocking + check.doubts,
            "accepts_error": check.state == State.ERROR and not check.doubts,
        }
        check.overridden_by, check.override_reason, check.overridden_at = person, reason, timezone.now()
        check.state, check.reason = State.PASSED, overridden(person.get_username(), reason)
        check.save()
        follow_verdict(check)
        report.publish(check)
    return check


def obstacle(pull_request: PullRequest, check: PullRequestCheck | None, head: str = "") -> str:
    """Return why a check can't be overridden, or an empty string. `head` is the head that the person has
    seen.
    """
    if pull_request.state != "open":
        return f"Pull request #{pull_request.number} is {pull_request.state}."
    if head and head != pull_request.head_sha:
        return f"The head is {pull_request.head_sha[:10]} by now. Look at its verdict before you override it."
    if check is None or check.state == State.PENDING:
        return f"The head {pull_request.head_sha[:10]} hasn't been judged yet."
    if check.state == State.PASSED:
        return "This check has passed, so there is nothing to override."
    return ""


def override_of(check: PullRequestCheck) -> Override | None:
    """Return the override that applies to the head that a check judges, if there is one.

    For the group of a merge queue, these are those of the newest heads of all open pull requests. Which of
    them are in the group isn't known; one that has the same violation without an override has failed itself.
    """
    if check.pull_request_id is None:
        return _combined(check)
    if check.overridden_at is None:
        return None
    covers = check.override_covers
    return Override(
        check.overridden_by_name,
        check.override_reason,
        frozenset(covers["keys"]),
        covers["total"],
        covers["accepts_error"],
    )


def _combined(group: PullRequestCheck) -> Override | None:
    """Return the overrides that apply to a group in a merge queue as one."""
    rows = PullRequestCheck.objects.filter(
        OF_NEWEST_HEAD,
        repository=group.repository_id,
        pull_request__state="open",
        overridden_at__isnull=False,
    )
    given = list(rows.select_related("pull_request", "overridden_by").order_by("pull_request__number"))
    if not given:
        return None
    reasons = [f"#{row.pull_request.number}: {row.override_reason}" for row in given if row.pull_request]
    keys = frozenset(key for row in given for key in row.override_covers["keys"])
    total = len(keys) + sum(row.override_covers["total"] - len(row.override_covers["keys"]) for row in given)
    managers = join_names(sorted({row.overridden_by_name for row in given}))
    return Override(managers, "; ".join(reasons), keys, total)


def rerun(pull_request: PullRequest, person: User) -> Job:
    """Queue another judgement of the head of a pull request.

    Raises:
        DecisionError: if the pull request isn't open.
    """
    if pull_request.state != "open":
        raise DecisionError(f"Pull request #{pull_request.number} is {pull_request.state}.")
    cause = f"re-run of pull request #{pull_request.number} by {person.get_username()}"
    return jobs.enqueue(
        "pull", pull_request.repository, key=str(pull_request.number), cause=cause, person=person
    )


def _blocking(check: PullRequestCheck) -> list[CheckFinding]:
    """Return the stored findings and doubts because of which a check hasn't passed."""
    rows = check.findings.filter(is_blocking=True) | check.findings.filter(kind=Kind.DOUBT)
    return list(rows.distinct())
