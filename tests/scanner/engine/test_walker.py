"""What a walk shows does not depend on the way it came: the equality law, on generated histories."""

import os
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner import FileResult, RepoPath, ReportStore, Tally, Visit, Walker, open_repository, read_plan
from tests.scanner.factories import PATHS, PLAN_TEXT, TEXTS, histories
from tests.scanner.history import Commit, write_history

pytestmark = pytest.mark.slow

PLAN = read_plan(
    PLAN_TEXT,
    "plan.yaml",
)


class Snapshot(NamedTuple):
    """Everything that a visit says of its revision, kept beyond the next visit."""

    sha: str
    tally: Tally
    files: dict[RepoPath, FileResult]
    notable: dict[RepoPath, FileResult]


def snapshot(visit: Visit) -> Snapshot:
    return Snapshot(visit.revision.sha, visit.tally, dict(visit.files), dict(visit.files.notable))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(commits=histories(), data=st.data())
def test_any_walk_shows_what_a_cold_scan_shows(
    tmp_path_factory: pytest.TempPathFactory, commits: list[Commit], data: st.DataObject
) -> None:
    folder: Path = tmp_path_factory.mktemp("law")
    shas = write_history(folder / "repository.git", commits)
    order = data.draw(st.permutations(shas))
    with open_repository(str(folder / "repository.git")) as repository:
        cold = {}
        for sha in set(shas):
            with Walker(repository, PLAN) as walker:
                cold[sha] = snapshot(next(walker.walk([sha])))
        for line in (shas, shas[::-1], order):
            with Walker(repository, PLAN) as walker:
                seen: dict[RepoPath, FileResult] = {}
                for visit in walker.walk(line):
                    assert snapshot(visit) == cold[visit.revision.sha]
                    for path, (before, after) in visit.difference.changed.items():
                        assert before == seen.get(path)
                        assert before != after
                        assert after == visit.files.get(path)
                    changed = {
                        path for path in visit.files.keys() | seen if seen.get(path) != visit.files.get(path)
                    }
                    assert changed == set(visit.difference.changed)
                    seen = dict(visit.files)


def test_a_store_changes_nothing_but_the_time(tmp_path: Path) -> None:
    texts = dict(zip(PATHS[:5], TEXTS, strict=False))
    shas = write_history(
        tmp_path / "r.git", [Commit(texts), Commit({"app/a.py": None}), Commit({"app/a.py": TEXTS[6]})]
    )
    seen = []
    for _ in range(2):
        store = ReportStore(tmp_path / "reports.sqlite3")
        with (
            open_repository(str(tmp_path / "r.git")) as repository,
            Walker(repository, PLAN, store) as walker,
        ):
            seen.append([snapshot(visit) for visit in walker.walk(shas)])
        store.close()
    assert seen[0] == seen[1]
    assert seen[0][0].tally.violations > 0


def test_a_walk_that_was_left_goes_on_from_where_it_stood(tmp_path: Path) -> None:
    shas = write_history(tmp_path / "r.git", [Commit({"app/a.py": text}) for text in TEXTS[:6]])
    with open_repository(str(tmp_path / "r.git")) as repository, Walker(repository, PLAN) as walker:
        next(walker.walk(shas))
        left = [snapshot(visit) for visit in walker.walk(shas[3:])]
        with Walker(repository, PLAN) as other:
            assert left == [snapshot(visit) for visit in other.walk(shas[3:])]


def test_commits_before_an_unknown_revision_are_visited(tmp_path: Path) -> None:
    shas = write_history(tmp_path / "r.git", [Commit({"app/a.py": text}) for text in TEXTS[:3]])
    with open_repository(str(tmp_path / "r.git")) as repository, Walker(repository, PLAN) as walker:
        walk = walker.walk([*shas, "0" * 40])
        assert [next(walk).revision.sha for _ in shas] == shas
        with pytest.raises(Exception, match="no commit"):
            next(walk)


def test_a_walk_can_be_left_while_files_are_being_read(tmp_path: Path) -> None:
    big = {f"app/{number}.py": f"# {number}\n" + TEXTS[3] * 300 for number in range(400)}
    shas = write_history(
        tmp_path / "r.git", [Commit({"app/home.py": TEXTS[0]}), *[Commit({}) for _ in range(9)], Commit(big)]
    )

    def children() -> set[str]:
        return set(Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split())

    before = children()
    with open_repository(str(tmp_path / "r.git")) as repository:
        walker = Walker(repository, PLAN, processes=2)
        next(walker.walk(shas))
        walker.close()
    assert children() == before
