"""Says which figures can still change because the history or the baseline is not final."""

from django.db.models import Exists, OuterRef

from compliance.models import Job, Repository

MEASURED_ANEW = "is_measured_anew"
"""The annotation of a repository that `measured_anew` is for."""


def measured_anew() -> Exists:
    """Return the condition that the baseline of a repository was moved, and what is measured from it hasn't
    been recomputed yet.
    """
    active = (Job.State.WAITING, Job.State.RUNNING)
    return Exists(Job.objects.filter(repository=OuterRef("pk"), kind="baseline", state__in=active))


def preliminary(repository: Repository) -> str:
    """Return in one sentence why regressions, fixed violations, states of phases and the baseline can still
    change, or an empty string once they are final.

    `plan` must have been selected while history is re-evaluated. A baseline that was moved is taken into
    account if the repository has the annotation `MEASURED_ANEW`.
    """
    if repository.history_done and getattr(repository, MEASURED_ANEW, False):
        return (
            "Preliminary until everything is measured from the new baseline: "
            "regressions, fixed violations and states of phases can still change."
        )
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
