"""Says which figures can still change because the history or the baseline is not final."""

from compliance.models import Repository


def preliminary(repository: Repository) -> str:
    """Return in one sentence why regressions, fixed violations, states of phases and the baseline can still
    change, or an empty string once they are final.

    `plan` must have been selected while history is re-evaluated.
    """
    if repository.history_done or repository.plan_id is None or not repository.head_id:
        return ""
    return (
        f"Preliminary until history is {_done(repository)} and the baseline is chosen: "
        "regressions, fixed violations and states of phases can still change."
    )


def forecast_pending(repository: Repository) -> str:
    """Return in one sentence why there is no forecast yet. `plan` must have been selected."""
    if repository.plan_id is None or not repository.head_id:
        return "Nothing has been recorded yet. Wait for the first scan to finish."
    return f"The forecast is available once the last 39 weeks have been {_done(repository)}."


def _done(repository: Repository) -> str:
    if repository.rejudging and repository.plan:
        return f"re-evaluated under plan version {repository.plan.number}"
    return "read"
