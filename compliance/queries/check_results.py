"""The results of CI systems for pull requests."""

from collections import Counter
from collections.abc import Iterable

from django.db.models import Q

from compliance.models import CheckResult, PullRequest

State = CheckResult.State

_SHORT = 12
"""Number of digits of a commit's SHA in the pull requests of Bitbucket Cloud."""


def results_of(pulls: Iterable[PullRequest]) -> dict[int, list[CheckResult]]:
    """Return the results for the newest commit of each pull request, by its id, in one query."""
    asked = list(pulls)
    if not asked:
        return {}
    repositories = {pull.repository_id for pull in asked}
    heads = Q(sha__in={pull.head_sha for pull in asked})
    for pull in asked:
        if len(pull.head_sha) == _SHORT:
            heads |= Q(sha__startswith=pull.head_sha)
    found = list(CheckResult.objects.filter(heads, repository__in=repositories))
    return {
        pull.pk: [
            row
            for row in found
            if row.repository_id == pull.repository_id and row.sha.startswith(pull.head_sha)
        ]
        for pull in asked
    }


def summarize(results: Iterable[CheckResult]) -> str:
    """Return the results as text, such as “CI: 2 passed, 1 failed (tests)”, or an empty text if there are
    none.
    """
    rows = list(results)
    number = Counter(State(row.state) for row in rows)
    failed = [row.name for row in rows if row.state == State.FAILED]
    parts = [f"{number[state]} {state.label}" for state in State if number[state] and state != State.FAILED]
    if failed:
        more = f" and {len(failed) - 3} more" if len(failed) > 3 else ""
        parts.append(f"{len(failed)} failed ({', '.join(failed[:3])}{more})")
    return f"CI: {', '.join(parts)}" if parts else ""


def add_results(pulls: Iterable[PullRequest]) -> None:
    """Set `ci` of each pull request to the summary of its results."""
    rows = list(pulls)
    results = results_of(rows)
    for row in rows:
        row.ci = summarize(results[row.pk])  # type: ignore[attr-defined]
