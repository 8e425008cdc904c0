"""The policy for pull requests, and what people decide about the verdict on one."""

from datetime import datetime
from typing import Annotated

from django.http import Http404, HttpRequest
from ninja import Router, Schema, Status
from pydantic import ConfigDict, StringConstraints

from compliance.accounts.roles import Role
from compliance.api.authentication import WRITE, acting, repository_of
from compliance.lib.field_types import SAID
from compliance.models import PullRequest, PullRequestCheck
from compliance.pull_requests import override as decisions
from compliance.pull_requests.policy import policy_of, set_policy
from compliance.pull_requests.verdict import Level, Policy, Suppressions

router = Router(tags=["pull requests"])


class PolicyOut(Schema):
    """The policy for pull requests. `level` is what new violations do: block the pull request, warn (they
    are counted in the status), or nothing if it is off. `by_risk` has the levels of risks that differ.

    `suppressions` is about violations that the head suppresses by comments or moves to where the plan doesn't
    count them. With `locks`, a new violation in a file that was clean or migrated before blocks unless the
    level is off. With `comments`, a comment is written on the pull request.
    """

    level: Level
    by_risk: dict[str, Level]
    suppressions: Suppressions
    locks: bool
    comments: bool


class PolicyIn(Schema):
    """What to change; what is omitted stays. `by_risk` is replaced as a whole."""

    model_config = ConfigDict(extra="forbid")
    level: Level | None = None
    by_risk: dict[str, Level] | None = None
    suppressions: Suppressions | None = None
    locks: bool | None = None
    comments: bool | None = None


class OverrideIn(Schema):
    """Why the pull request may be merged, and the SHA of the head whose verdict you have seen."""

    model_config = ConfigDict(extra="forbid")
    reason: Annotated[str, StringConstraints(min_length=1, max_length=decisions.LONGEST_REASON, pattern=SAID)]
    head: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}(?:[0-9a-f]{24})?$")]


class OverrideOut(Schema):
    """The check of a head after a manager has overridden its verdict. `blocking` is the number of findings
    that were accepted.
    """

    number: int
    head: str
    state: str
    reason: str
    blocking: int
    overridden_by: str
    overridden_at: datetime | None


class RerunOut(Schema):
    """The job that judges the head again."""

    number: int
    head: str
    job: int


@router.get("/{slug}/gate-policy", response=PolicyOut, summary="Show the policy for pull requests")
def show_policy(request: HttpRequest, slug: str) -> PolicyOut:
    """Show what blocks a pull request."""
    return _told(policy_of(repository_of(request, slug)))


@router.put(
    "/{slug}/gate-policy", response=PolicyOut, auth=WRITE, summary="Change the policy for pull requests"
)
def change_policy(request: HttpRequest, slug: str, given: PolicyIn) -> PolicyOut:
    """Change the policy, and have the open pull requests judged again. Requires the manager role."""
    person = acting(request, Role.MANAGER)
    values = given.model_dump(exclude_none=True)
    return _told(set_policy(repository_of(request, slug), person, values))


@router.post(
    "/{slug}/pull-requests/{int:number}/override",
    response=OverrideOut,
    auth=WRITE,
    summary="Override the verdict on a pull request",
)
def override(request: HttpRequest, slug: str, number: int, given: OverrideIn) -> OverrideOut:
    """Let the current head pass for a reason. A new head needs a new override. Requires the manager role."""
    person = acting(request, Role.MANAGER)
    return _overridden(
        number, decisions.override(_found(request, slug, number), person, given.reason, given.head)
    )


@router.post(
    "/{slug}/pull-requests/{int:number}/rerun",
    response={202: RerunOut},
    auth=WRITE,
    summary="Judge a pull request again",
)
def rerun(request: HttpRequest, slug: str, number: int) -> Status[RerunOut]:
    """Queue another judgement of the current head, which considers waivers approved since then.

    Requires the engineer role.
    """
    person = acting(request, Role.ENGINEER)
    row = _found(request, slug, number)
    job = decisions.rerun(row, person)
    return Status(202, RerunOut(number=number, head=row.head_sha, job=job.pk))


def _found(request: HttpRequest, slug: str, number: int) -> PullRequest:
    rows = PullRequest.objects.filter(repository=repository_of(request, slug)).select_related("repository")
    found = rows.filter(number=number).first()
    if found is None:
        raise Http404(f"There is no pull request {number}.")
    return found


def _told(policy: Policy) -> PolicyOut:
    return PolicyOut(**{name: getattr(policy, name) for name in PolicyOut.model_fields})


def _overridden(number: int, check: PullRequestCheck) -> OverrideOut:
    return OverrideOut(
        number=number,
        head=check.head_sha,
        state=check.state,
        reason=check.reason,
        blocking=check.blocking,
        overridden_by=check.overridden_by.get_username() if check.overridden_by else "",
        overridden_at=check.overridden_at,
    )
