"""A walker that continues from what another one knew, or has saved, shows what a cold scan shows."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner import FileResult, RepoPath, Tally, Visit, Walker, open_repository, read_plan
from tests.scanner.factories import PLAN_TEXT, TEXTS, histories
from tests.scanner.history import Commit, write_history

PLAN = read_plan(PLAN_TEXT, "plan.yaml")
Shown = tuple[str, Tally, dict[RepoPath, FileResult], dict[RepoPath, FileResult]]


def shown(visit: Visit) -> Shown:
    return visit.revision.sha, visit.tally, dict(visit.files), dict(visit.files.notable)


@pytest.mark.slow
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(commits=histories(), data=st.data())
def test_a_loaded_walker_shows_what_a_cold_one_shows(
    tmp_path_factory: pytest.TempPathFactory, commits: list[Commit], data: st.DataObject
) -> None:
    folder: Path = tmp_path_factory.mktemp("saved")
    shas = write_history(folder / "r.git", commits)
    order = [shas[0], *data.draw(st.permutations(shas))]
    with open_repository(str(folder / "r.git")) as repository:
        with Walker(repository, PLAN) as walker:
            visits = walker.walk(order)
            next(visits)
            full = walker.save()
            steps: list[bytes] = []
            for number, visit in enumerate(visits, start=1):
                expected, changed = shown(visit), dict(visit.difference.changed)
                with Walker(repository, PLAN) as loaded:
                    assert loaded.load(full, steps)
                    found = next(loaded.walk([order[number]]))
                    assert dict(found.difference.changed) == changed
                    assert shown(found) == expected
                steps.append(visit.saved_step())
        with Walker(repository, PLAN) as loaded, Walker(repository, PLAN) as cold:
            assert loaded.load(full, steps)
            assert shown(next(loaded.walk([shas[0]]))) == shown(next(cold.walk([shas[0]])))


def test_a_walker_continues_from_what_another_one_knew(tmp_path: Path) -> None:
    texts = {"app/home.py": TEXTS[0], "app/middle.py": TEXTS[13], "app/a.py": TEXTS[12]}
    shas = write_history(tmp_path / "r.git", [Commit(texts), Commit({"app/home.py": None})])
    with open_repository(str(tmp_path / "r.git")) as repository:
        first = Walker(repository, PLAN)
        next(first.walk(shas[:1]))
        memory = first.memory
        first.close()
        assert memory is not None
        with Walker(repository, PLAN) as second, Walker(repository, PLAN) as cold:
            second.continue_from(memory)
            visit = next(second.walk(shas[1:]))
            assert set(visit.difference.changed) >= {"app/home.py"}
            assert shown(visit) == shown(next(cold.walk(shas[1:])))


def test_bytes_that_were_not_saved_by_a_walker_are_refused(tmp_path: Path) -> None:
    shas = write_history(tmp_path / "r.git", [Commit({"app/home.py": TEXTS[0]})])
    with open_repository(str(tmp_path / "r.git")) as repository, Walker(repository, PLAN) as walker:
        assert not walker.load(b"something else", [])
        assert walker.memory is None
        assert next(walker.walk(shas)).tally.files == 1
        saved = walker.save()
        assert not Walker(repository, PLAN).load(saved[: len(saved) // 2], [])
        assert not Walker(repository, PLAN).load(saved, [b"something else"])
