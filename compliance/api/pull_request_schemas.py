"""What the API returns about pull requests, and the parameters of their findings."""

from datetime import datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from compliance.api.pagination import Paged


class PhaseEffectOut(Schema):
    """The numbers of violations in a phase that a head fixes and adds."""

    phase: str
    fixed: int
    new: int


class PullVerdictOut(Schema):
    """The verdict on one head. `state` is “pending”, “passed”, “failed” or “error”.

    The head was compared with the commit `base`, which `base_reason` explains, under the plan version `plan`,
    when the target branch was at `target`. `reason` says what blocks, or why there was an error, and `cause`
    what it was judged for the last time. `merge_note` says why it was not judged together with newer commits
    of the target branch. `clean_before` of `files_before` files were clean at the base,
    `clean_after` of `files_after` at the head. `judged_at` is null while it is pending for the first time.
    """

    state: str
    reason: str
    head: str
    base: str
    base_reason: str
    target: str
    plan: int | None
    cause: str
    new: int
    fixed: int
    moved: int
    moved_out: int
    suppressed: int
    restored: int
    doubts: int
    together: int
    blocking: int
    clean_before: int | None
    files_before: int | None
    percent_before: float | None
    clean_after: int | None
    files_after: int | None
    percent_after: float | None
    phases: list[PhaseEffectOut]
    notes: list[str]
    merge_note: str
    requested_at: datetime
    judged_at: datetime | None
    overridden_by: str | None
    override_reason: str
    overridden_at: datetime | None


class PullRequestOut(Schema):
    """A pull request from the branch `source` to `target`. `fork` is true if `source` is in a fork.

    `state` is “open”, “closed” or “merged”; one to another branch than the tracked one is “closed”. `verdict`
    is null if the newest commit, `head`, has not been judged.
    """

    number: int
    title: str
    url: str
    author: str
    state: str
    draft: bool
    source: str
    fork: bool
    target: str
    head: str
    updated_at: datetime
    verdict: PullVerdictOut | None


class FindingCountOut(Schema):
    """The number of findings of one kind, and how many of them are stored and listed."""

    kind: str
    total: int
    stored: int


class CiResultOut(Schema):
    """The state of one check of the newest commit in a CI system. `url` is where the details are, or
    empty.
    """

    name: str
    state: Literal["pending", "passed", "failed", "cancelled"]
    url: str
    updated_at: datetime


class ClaimOnPullOut(Schema):
    """An active claim on a file that the pull request changes."""

    id: int
    path: str
    person: str
    until: datetime


class WholePullRequestOut(Schema):
    """A pull request with the verdicts on its `heads`, newest first and at most 50 of `heads_total`.

    `findings` counts those of the newest commit by kind. `checks` are the results of CI systems.
    """

    pull_request: PullRequestOut
    heads: list[PullVerdictOut]
    heads_total: int
    findings: list[FindingCountOut]
    claims: list[ClaimOnPullOut]
    checks: list[CiResultOut]


class CheckFindingOut(Schema):
    """A finding of a head. `kind` is “new”, “fixed”, “moved”, “moved out” (to where the plan doesn't count
    it), “suppressed”, “restored” (counted again), “doubt” or “together”.

    What breaks only together with a newer commit of the target has that commit in `cause`, and the pull
    request that it comes from in `other`. With `in_other`, it breaks in the pull request `other` instead.

    `blocking` is true if it makes the verdict fail, and `locked` if its file was clean or migrated at the
    base. `waiver` is the approved waiver that covers it. A moved finding was at `former_path` and
    `former_line`. `patch` is a patch that fixes it, or empty. `reason` is the one in the comment that
    suppresses it. `ran_out` is true if a restored finding counts again because its suppression has expired.
    """

    id: int
    kind: str
    path: str
    line: int
    column: int
    rule: str
    role: str
    symbol: str
    scope: str
    risk: str
    category: str
    snippet: str
    message: str
    reason: str
    issues: list[str]
    phases: list[str]
    fingerprint: str
    former_path: str
    former_line: int
    blocking: bool
    locked: bool
    ran_out: bool
    waiver: int | None
    other: int | None
    cause: str
    in_other: bool
    patch: str


class CheckFindingsAsked(Paged):
    """A page of findings. `kind` filters them, and `head` selects another head than the newest by its SHA, of
    which seven digits suffice.
    """

    kind: Literal["", "new", "fixed", "moved", "moved out", "suppressed", "restored", "doubt", "together"] = (
        ""
    )
    head: Annotated[str, Field(pattern=r"^(?:[0-9a-fA-F]{7,64})?$")] = ""
