"""Writes a plan to start from: the best candidates of a repository as rules, the others as comments."""

from scanner.commands import UsageError
from scanner.commands.inputs import PROCESSES
from scanner.commands.progress import bar
from scanner.engine.cache import ReportStore
from scanner.git.repository import Repository
from scanner.proposals import compose_plan, propose_plan

ACTIVE = 3
"""Number of candidates whose rules are active. The others follow as comments.

Finished migrations are active only if there is nothing else.
"""


def proposed_plan(repository: Repository, sha: str) -> str:
    """Return the text of a plan that passes `plan check`.

    Raises UsageError if the revision has no Python file, or if nothing in its code suggests a migration.
    """
    if not any(path.endswith(b".py") for path, _ in repository.files(sha)):
        raise UsageError(
            f"{repository.git_dir}: has no Python file at {sha[:10]}, so there is nothing to plan"
        )
    store = ReportStore()
    try:
        with bar("files") as advance:
            proposal = propose_plan(
                repository,
                sha,
                store=store,
                processes=PROCESSES,
                progress=lambda _doing, done, total: advance(done, total) if total else None,
            )
    finally:
        store.close()
    if not proposal.candidates:
        raise UsageError(
            f"{repository.git_dir}: nothing in the code at {sha[:10]} suggests a migration; write a rule of "
            "your own, as docs/plan.md describes"
        )
    left = [each for each in proposal.candidates if not each.is_finished] or proposal.candidates[:1]
    return compose_plan(proposal, [each.key for each in left[:ACTIVE]], others=True)
