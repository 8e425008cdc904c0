"""The state of a repository's proposal, for its page, its CSV file and the API."""

from dataclasses import dataclass
from typing import Literal

from compliance import scans
from compliance.models import Job, PlanProposal, Repository
from compliance.scans.proposals import KIND

State = Literal["none", "searching", "made", "failed"]


@dataclass(frozen=True, slots=True)
class ProposalState:
    """The newest proposal. `candidates` lacks those that the current plan already has.

    `job` is the search, as long as it is pending or running, or if it failed for good. `trouble` is empty
    unless the search failed. `is_old` says that commits have arrived since.
    """

    state: State
    kept: PlanProposal | None
    job: Job | None
    candidates: list[scans.Candidate]
    hidden: int
    trouble: str
    is_old: bool


def proposal_of(repository: Repository) -> ProposalState:
    """Return the state of a repository's proposal."""
    kept = PlanProposal.objects.filter(repository=repository).first()
    job = Job.objects.filter(repository=repository, kind=KIND).order_by("-pk").first()
    is_searching = job is not None and job.state in (Job.State.WAITING, Job.State.RUNNING)
    is_dead = job is not None and job.state == Job.State.BURIED
    trouble = kept.trouble if kept and kept.trouble else job.error if job and is_dead else ""
    candidates = scans.candidates_of(repository, kept) if kept else []
    state: State = "searching" if is_searching else "failed" if trouble else "made" if kept else "none"
    return ProposalState(
        state=state,
        kept=kept,
        job=job,
        candidates=candidates,
        hidden=len(kept.candidates) - len(candidates) if kept else 0,
        trouble=trouble,
        is_old=bool(kept and repository.head and repository.head.sha != kept.sha),
    )
