"""Which version's line the pages draw: the old one until history is judged as deep under the new one."""

from django.db.models import Min, QuerySet

from compliance.models import Commit, PlanVersion, Repository


def recorded(version: PlanVersion) -> QuerySet[Commit]:
    """The commits of the line that are recorded under a version of the plan."""
    return Commit.objects.filter(snapshots__plan=version, position__isnull=False)


def lowest(version: PlanVersion) -> int | None:
    """The position of the oldest commit of the line that is recorded under a version; None without any."""
    found: int | None = recorded(version).aggregate(lowest=Min("position"))["lowest"]
    return found


def depth_to_reach(repository: Repository, version: PlanVersion) -> int | None:
    """The position down to which history must be judged before this version's line is drawn.

    None where it is drawn already, or where no other line is.
    """
    drawn = PlanVersion.objects.filter(pk=repository.line_plan_id or 0).exclude(pk=version.pk).first()
    return lowest(drawn) if drawn else None


def draw_line(repository: Repository, version: PlanVersion) -> None:
    """Let the pages draw the version in force, as soon as its line is as deep as the one drawn until then."""
    same = Repository.objects.filter(pk=repository.pk, plan=version)
    repository.line_plan_id = same.values_list("line_plan", flat=True).first()
    reached, deep = lowest(version), depth_to_reach(repository, version)
    if reached is not None and (deep is None or reached <= deep) and same.update(line_plan=version):
        repository.line_plan = version
