"""Proposed plans: search a repository's own code for migrations, list them, and draft a plan from some."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status
from ninja.errors import HttpError
from pydantic import ConfigDict, StringConstraints

from compliance import scans
from compliance.accounts.roles import Role
from compliance.api.authentication import WRITE, acting, repository_of
from compliance.api.drafts import DraftOut, draft_out
from compliance.models import Repository
from compliance.queries.proposals import State, proposal_of

router = Router(tags=["plans"])

MOST_CHOSEN = 40
"""Maximum number of candidates in one draft, which is the number in a proposal."""


class PlaceOut(Schema):
    """One place that the rules of a candidate report, with its source line."""

    path: str
    line: int
    code: str


class EarlierOut(Schema):
    """The sampled commit of the past in which the most files used the old names, and its day."""

    commit: str
    on: str
    files: int


class CandidateOut(Schema):
    """A migration that can be chosen.

    `rules` are items of a plan's `rules`. `places` and `files` count all categories, `production_places` only
    production. All other figures count the categories in `counted`: `counted_places` and `counted_files`,
    `percent`, the compliance if the plan consisted of this candidate alone, `definition_files`, the number of
    files that aren't clean then because of a definition alone, `fixable`, the highest number of places that
    patches can rewrite, and `earlier`, which is set if more files used the old names in the past;
    `is_finished` says that (nearly) none does now.
    """

    key: str
    title: str
    why: str
    evidence: str
    rules: list[dict[str, Any]]
    counted: list[str]
    places: int
    files: int
    production_places: int
    counted_places: int
    counted_files: int
    percent: float | None
    definition_files: int
    fixable: int
    fix_note: str
    examples: list[PlaceOut]
    earlier: EarlierOut | None
    is_finished: bool


class ProposalOut(Schema):
    """The newest proposal. `state` is “none”, “searching” (poll again in a few seconds), “made” or “failed”
    (see `trouble`).

    `candidates` is ordered, best first, and lacks those that the current plan already has; `hidden` is their
    number. `doing` says how far a search is.
    """

    state: State
    commit: str
    made_at: datetime | None
    is_old: bool
    doing: str
    trouble: str
    hidden: int
    candidates: list[CandidateOut]


class ChosenIn(Schema):
    """The keys of the candidates that the plan shall have."""

    model_config = ConfigDict(extra="forbid")
    candidates: Annotated[
        list[Annotated[str, StringConstraints(min_length=1, max_length=1000)]],
        Field(min_length=1, max_length=MOST_CHOSEN),
    ]


@router.get("/{slug}/plans/proposals", response=ProposalOut, summary="List proposed migrations")
def show(request: HttpRequest, slug: str) -> ProposalOut:
    """List what the repository's own code suggests to migrate."""
    return _told(repository_of(request, slug))


@router.post(
    "/{slug}/plans/proposals", response={202: ProposalOut}, auth=WRITE, summary="Search for migrations"
)
def search(request: HttpRequest, slug: str) -> Status[ProposalOut]:
    """Search the newest commit. Requires the manager role. A search that is waiting is not queued twice."""
    person = acting(request, Role.MANAGER)
    repository = repository_of(request, slug)
    scans.request_proposal(repository, person)
    return Status(202, _told(repository))


@router.post(
    "/{slug}/plans/proposals/draft", response={201: DraftOut}, auth=WRITE, summary="Draft a proposed plan"
)
def choose(request: HttpRequest, slug: str, chosen: ChosenIn) -> Status[DraftOut]:
    """Draft a plan with the chosen candidates, or add them to the current plan, and start its preview.

    Requires the manager role. The response is 409 if the newest proposal lacks a candidate.
    """
    person = acting(request, Role.MANAGER)
    repository = repository_of(request, slug)
    try:
        made = scans.draft_from(repository, chosen.candidates, person)
    except scans.ProposalError as error:
        raise HttpError(HTTPStatus.CONFLICT, str(error)) from None
    return Status(201, draft_out(repository, made))


def _told(repository: Repository) -> ProposalOut:
    found = proposal_of(repository)
    names = CandidateOut.model_fields
    return ProposalOut(
        state=found.state,
        commit=found.kept.sha if found.kept else "",
        made_at=found.kept.made_at if found.kept else None,
        is_old=found.is_old,
        doing=found.job.doing if found.job and found.state == "searching" else "",
        trouble=found.trouble,
        hidden=found.hidden,
        candidates=[
            CandidateOut(**{name: getattr(each, name) for name in names}) for each in found.candidates
        ],
    )
