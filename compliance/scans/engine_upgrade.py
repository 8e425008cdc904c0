"""Records of an earlier release's engine: they stand where today's says the same, else are judged again."""

from compliance.models import Commit, PlanVersion, Repository
from compliance.scans import plan_versions
from compliance.scans.forward import Forward
from compliance.scans.line import lowest, recorded
from compliance.scans.writer import RecordWriter
from scanner import Walker, engine_version


def is_dated(version: PlanVersion) -> bool:
    """Whether another engine than the one at work recorded what a version judged."""
    return version.engine != engine_version()


def renewed(writer: RecordWriter, walker: Walker) -> PlanVersion:
    """The version to go on with in place of a dated one: itself, or one of the same content.

    It stays if nothing is recorded under it, or if all of its line is and this engine says of the newest
    commit what the records say. A history half recorded by each of two engines would fit nowhere.
    """
    version = writer.version
    top = recorded(version).order_by("-position").first()
    made = plan_versions.of_engine(version)
    if made is None and (top is None or (lowest(version) == 1 and _agrees(writer, top, walker))):
        version.engine = engine_version()
        version.save(update_fields=("engine",))
        return version
    made = made or plan_versions.copy(version)
    Repository.objects.filter(pk=writer.repository.pk, chosen_plan=version).update(chosen_plan=made)
    return made


def _agrees(writer: RecordWriter, top: Commit, walker: Walker) -> bool:
    return Forward(writer).is_true(dict(next(walker.walk([top.sha])).files.items()))
