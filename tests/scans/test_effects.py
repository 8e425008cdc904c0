"""Each commit's step is explained by its causes, whichever way its records were written or converted."""

from importlib import import_module
from pathlib import Path

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.models import PlanVersion, Repository, Snapshot
from compliance.progress.effects import CAUSES, Effect, Points
from tests.scanner.factories import PATHS, histories
from tests.scanner.history import Commit as Written
from tests.scanner.history import write_history
from tests.scans.factories import by_history, by_pushes, copy_of
from tests.scans.growing import grow
from tests.scans.upstream import NEW, OLD, again, tracked
from tests.scans.verify import check_steps

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

CONVERSION = import_module("compliance.migrations.0044_causes_of_steps")


def causes(version: PlanVersion) -> list[tuple[object, ...]]:
    """Return the recorded causes of each commit, with moves across the border in sum."""
    names = [name for name in CAUSES if not name.startswith("moved")]
    return [
        (
            row.commit.position,
            *(getattr(row, name) for name in names),
            row.moved_in - row.moved_out,
            row.outside,
        )
        for row in Snapshot.objects.filter(plan=version).select_related("commit").order_by("commit__position")
    ]


def convert(version: PlanVersion) -> None:
    """Forget the causes, as an installation that recorded none, and convert it."""
    columns = ("files_renamed", "clean_added", "clean_gone", "became_clean", "became_unclean")
    reset = dict.fromkeys((*columns, "moved_in", "moved_out"), 0)
    Snapshot.objects.filter(plan=version).update(**reset, outside={})
    with connection.cursor() as cursor:
        for statement in (CONVERSION.FILES, CONVERSION.MOVED, CONVERSION.OUTSIDE):
            cursor.execute(statement)


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    commits=histories(),
    renames=st.lists(st.tuples(st.sampled_from(PATHS), st.sampled_from(PATHS)), max_size=3),
)
def test_causes_add_up_to_each_step(
    tmp_path_factory: pytest.TempPathFactory, commits: list[Written], renames: list[tuple[str, str]]
) -> None:
    Repository.objects.all().delete()
    folder = tmp_path_factory.mktemp("steps") / "r.git"
    write_history(folder, commits)
    for way in renames:
        grow(folder, {}, rename=way)
    both = by_history(folder, "backward"), by_pushes(copy_of(folder), "forward")
    assert both[0] != both[1]
    for repository in both:
        assert repository.plan is not None
        assert check_steps(repository.plan) == repository.line_length
        recorded = causes(repository.plan)
        convert(repository.plan)
        assert causes(repository.plan) == recorded


def test_each_cause_is_told_apart(folder: Path) -> None:
    """Three files become clean, two clean and one other are added, one clean and one other are removed."""
    files: dict[str, str | None] = {f"app/old_{n}.py": OLD for n in range(5)}
    files |= {"app/clean.py": "x = 1\n", "app/moved.py": f"{OLD}# enough text\n# to be similar\n"}
    grow(folder, files)
    tracked(folder)
    grow(
        folder,
        {
            **{f"app/old_{n}.py": NEW for n in range(3)},
            "app/old_3.py": None,
            "app/clean.py": None,
            "app/one.py": "y = 1\n",
            "app/two.py": "z = 1\n",
            "app/three.py": f"{OLD}y = get_it()\n",
            "tests/test_old.py": OLD,  # the same file as old_3.py, in a category that isn't counted
            "tests/test_new.py": "from app.home import get_it\n\nassert get_it() == get_it()\n",
            "app/c.py": f"{OLD}print(1)\n",
        },
        rename=("app/moved.py", "app/renamed.py"),
    )
    repository = again(Repository.objects.get())
    effect = Effect(Snapshot.objects.get(plan=repository.plan, commit=repository.head))
    s = effect.snapshot
    assert (s.became_clean, s.became_unclean, s.clean_added, s.clean_gone) == (3, 1, 2, 1)
    assert (s.files_added, s.files_gone, s.files_renamed) == (4, 3, 1)
    assert (effect.files, effect.clean) == (1, 3)
    assert (s.moved_in, s.moved_out) == (0, 2)
    assert effect.violations == s.new - s.fixed - 2
    assert effect.violation_causes[-1] == "2 moved out of the counted categories"
    assert effect.file_causes == [
        "3 files became clean",
        "1 file no longer clean",
        "3 files added (2 clean)",
        "2 files removed (1 clean)",
    ]
    assert effect.scope_note == "files: 3 added and 2 removed"
    assert effect.outside == ["test: 3 introduced and 2 moved"]
    assert isinstance(effect.points, Points)
