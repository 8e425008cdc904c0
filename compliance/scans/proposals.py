"""The job `propose`, which searches a repository's own code for migrations, and the plans made of them."""

import time
from collections.abc import Callable, Collection
from dataclasses import asdict
from typing import Any

from django.contrib.auth.models import User
from django.db.models.functions import Now

from compliance import jobs
from compliance.jobs import JobRun, Priority, ReportedError, StoppedError
from compliance.lib.field_types import storable
from compliance.models import Job, PlanDraft, PlanProposal, Repository
from compliance.scans import mirror, plan_editing
from compliance.scans.problems import TroubleError
from compliance.scans.report_store import report_store
from scanner import (
    Candidate,
    EarlierUse,
    GitError,
    Place,
    PlanError,
    Proposal,
    compose_plan,
    extend_plan,
    is_covered,
    propose_plan,
    read_plan,
    reader_count,
)

KIND = "propose"
_TELL_EVERY = 0.5
"""Seconds between two reports of progress."""


class ProposalError(Exception):
    """Raised if no plan can be made of the chosen candidates. The message says what to do."""


def request_proposal(repository: Repository, person: User) -> Job:
    """Queue the search for candidates, unless it is queued."""
    return jobs.enqueue(
        KIND, repository, priority=Priority.HIGH, cause="requested on the proposals page", person=person
    )


def propose(run: JobRun) -> bool:
    """Store the candidates that the newest commit suggests, or why there are none."""
    repository = run.repository
    person = run.job.person
    try:
        with mirror.read_newest(repository) as (git, sha), report_store() as store:
            made = propose_plan(git, sha, store=store, processes=reader_count(), progress=_teller(run))
    except (GitError, TroubleError) as error:
        _keep(repository, person, trouble=str(error))
        if isinstance(error, GitError):
            raise ReportedError from error
        return True
    _keep(repository, person, proposal=made)
    return True


def _teller(run: JobRun) -> Callable[[str, int, int], None]:
    """Return a function that records what the job is doing, at most twice a second."""
    told = [0.0]

    def tell(doing: str, done: int, total: int) -> None:
        if jobs.stopping.value:
            raise StoppedError
        now = time.monotonic()
        if now - told[0] >= _TELL_EVERY or done == 0:
            told[0] = now
            run.tell(f"{doing}: {done:,} of {total:,} files" if total else doing)

    return tell


def _keep(
    repository: Repository, person: User | None, *, proposal: Proposal | None = None, trouble: str = ""
) -> None:
    values: dict[str, Any] = {
        "trouble": storable(trouble),
        "person": person,
        "made_at": Now(),
        "candidates": [],
        "head": [],
    }
    if proposal is not None:
        candidates = [_storable(asdict(each)) for each in proposal.candidates]
        values |= {"sha": proposal.sha, "head": _storable(list(proposal.head)), "candidates": candidates}
    PlanProposal.objects.update_or_create(repository=repository, defaults=values)


def _storable(value: Any) -> Any:
    """Return plain data whose texts Postgres can store; they come from the code of the repository."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {key: _storable(item) for key, item in value.items()}
    return [_storable(item) for item in value] if isinstance(value, list | tuple) else value


def candidates_of(repository: Repository, kept: PlanProposal) -> list[Candidate]:
    """Return the candidates that the current plan doesn't have yet, by their standing, best first."""
    version = plan_editing.current(repository)
    # Earlier releases stored finished migrations among the others.
    candidates = sorted(_read(kept).candidates, key=lambda each: each.standing)
    if version is None:
        return candidates
    try:
        rules = read_plan(version.text, version.source).rules
    except PlanError:
        return candidates
    return [each for each in candidates if not is_covered(each, rules)]


def _read(kept: PlanProposal) -> Proposal:
    candidates = []
    for each in kept.candidates:
        examples = tuple(Place(**place) for place in each["examples"])
        lists = {name: tuple(each[name]) for name in ("rules", "counted")}
        earlier = EarlierUse(**each["earlier"]) if each.get("earlier") else None
        # Proposals of earlier releases lack what is counted.
        known = {"counted_places": each["production_places"], "counted_files": each["files"], **each}
        candidates.append(Candidate(**{**known, **lists, "examples": examples, "earlier": earlier}))
    return Proposal(kept.sha, tuple(kept.head), tuple(candidates))


def draft_from(repository: Repository, keys: Collection[str], person: User) -> PlanDraft:
    """Make a draft of the chosen candidates and enqueue its preview.

    If the repository has a plan, the draft is that plan with more rules. Raises `ProposalError`.
    """
    kept = PlanProposal.objects.filter(repository=repository).first()
    if kept is None:
        raise ProposalError("There is no proposal yet, or it has expired. Search the repository first.")
    if not keys:
        raise ProposalError("Choose at least one candidate.")
    version = plan_editing.current(repository)
    proposal = _read(kept)
    try:
        if version is None:
            text = compose_plan(proposal, keys, others=True)
        else:
            text = extend_plan(version.text, proposal, keys)
    except (ValueError, PlanError) as error:
        raise ProposalError(str(error)) from error
    return plan_editing.draft(repository, text, person)
