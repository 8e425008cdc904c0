"""Trials of rules: count what a rule would report at the newest commit, before it is part of the plan."""

import json
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest
from ninja import Field, Router, Schema, Status
from ninja.errors import HttpError, Throttled
from pydantic import ConfigDict, StringConstraints

from compliance import scans
from compliance.accounts.roles import Role
from compliance.api.authentication import WRITE, acting, repository_of
from compliance.api.drafts import LONGEST
from compliance.lib import rate_limit
from compliance.models import PlanTrial, Repository

router = Router(tags=["plans"])

AT_ONCE, PER_MINUTE = 10, 20
"""How many trials one person may start, because each evaluates the newest commit."""

MOST_KEYS, LONGEST_RULE = 50, 50_000
"""Maximum number of keys of a rule, and of its characters as JSON."""


class TrialIn(Schema):
    """A rule as an item of a plan's `rules` (docs/rules.md). An `id` isn't required; a rule of the plan that
    has the same one is replaced in the trial. `text` is a plan in which to try it, by default the current
    one; then `rule` may be the id of one of its rules.
    """

    model_config = ConfigDict(extra="forbid")
    rule: (
        Annotated[dict[str, Any], Field(min_length=1, max_length=MOST_KEYS)]
        | Annotated[str, StringConstraints(min_length=1, max_length=100)]
    )
    text: Annotated[str, StringConstraints(max_length=LONGEST)] = ""


class TrialLine(Schema):
    """A line of source."""

    number: int
    text: str


class ExampleOut(Schema):
    """A place that the rule reports, with the lines around it."""

    path: str
    line: int
    role: str
    symbol: str
    message: str
    lines: list[TrialLine]


class OverlapOut(Schema):
    """Another rule of the plan that reports some of the same places, with up to three of them as
    `path:line`.
    """

    rule: str
    places: int
    examples: list[str]


class TrialOutcome(Schema):
    """What the rule reports at `commit`. `places` and `files` cover all categories, without the `suppressed`
    places, and `counted` is the number of places in the counted `categories`. `roles` has the number of
    places of each role. At most 12 places in 6 files are `examples`.

    As long as `is_complete` is false, the numbers are lower bounds: `read` of `total` files have been read,
    in an order that mixes all folders.
    """

    commit: str
    places: int
    files: int
    counted: int
    categories: list[str]
    suppressed: int
    roles: dict[str, int]
    examples: list[ExampleOut]
    overlaps: list[OverlapOut]
    is_complete: bool = True
    read: int = 0
    total: int = 0


class TrialOut(Schema):
    """A trial. `state` is “running” (poll again in a second), “done” or “failed” (see `trouble`). It is kept
    for a day, and a repository keeps its latest 20.
    """

    id: int
    state: Literal["running", "done", "failed"]
    rule: str
    trouble: str
    outcome: TrialOutcome | None
    created_at: datetime


@router.post("/{slug}/plans/trials", response={201: TrialOut}, auth=WRITE, summary="Try a rule")
def start(request: HttpRequest, slug: str, given: TrialIn) -> Status[TrialOut]:
    """Evaluate one rule at the newest commit. Nothing of the plan is changed.

    Requires the engineer role. A 422 response lists every error in the rule. The limit is 20 trials a minute,
    at most 10 at once.
    """
    person = acting(request, Role.ENGINEER)
    repository = repository_of(request, slug)
    if wait := rate_limit.spend(f"trial {person.pk}", AT_ONCE, PER_MINUTE):
        raise Throttled(wait=wait)
    try:
        text, rule = _asked(repository, given)
        made = scans.try_rule(repository, text, rule, person)
    except scans.EditError as error:
        raise HttpError(HTTPStatus.CONFLICT, str(error)) from None
    return Status(201, _told(made))


def _asked(repository: Repository, given: TrialIn) -> tuple[str, str]:
    """Return the text of a plan and the id of the rule to try."""
    if not isinstance(given.rule, str):
        if len(json.dumps(given.rule)) > LONGEST_RULE:
            words = f"The rule is longer than {LONGEST_RULE:,} characters."
            raise HttpError(HTTPStatus.UNPROCESSABLE_ENTITY, words)
        return scans.text_with_rule(repository, given.rule, given.text)
    version = scans.current(repository)
    text = given.text or (version.text if version else "")
    if given.rule not in {spec.id for spec in scans.read_plan(text, "plan").rules}:
        raise HttpError(HTTPStatus.UNPROCESSABLE_ENTITY, f"The plan has no rule “{given.rule}”.")
    return text, given.rule


@router.get("/{slug}/plans/trials/{int:pk}", response=TrialOut, summary="Show a trial of a rule")
def show(request: HttpRequest, slug: str, pk: int) -> TrialOut:
    """Show one trial. While it is running, the outcome has what was found in the files read so far: at least
    so many places, and `is_complete` is false.

    Requires the engineer role.
    """
    acting(request, Role.ENGINEER)
    found = repository_of(request, slug).trials.filter(pk=pk).first()
    if found is None:
        raise Http404("This trial does not exist; the latest trials are kept for a day.")
    return _told(found)


def _told(row: PlanTrial) -> TrialOut:
    state = scans.trial_state(row)
    return TrialOut(
        id=row.pk,
        state=state.name,
        rule=row.rule,
        trouble=state.trouble,
        outcome=_outcome(row.outcome) if state.name != "failed" and row.outcome is not None else None,
        created_at=row.created_at,
    )


def _outcome(found: dict[str, Any]) -> TrialOutcome:
    examples = [
        {**each, "lines": [{"number": number, "text": text} for number, text in each["lines"]]}
        for each in found["examples"]
    ]
    return TrialOutcome(**{"categories": [], **found, "examples": examples})
