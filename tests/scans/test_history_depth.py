"""A history that is read in part, then further back, has the rows of one that was read at once."""

from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance import scans
from compliance.jobs.queue import claim
from compliance.jobs.runner import take
from compliance.models import Baseline, Commit, Job, Repository, Snapshot, UnreadHistory, Violation
from compliance.progress import baseline
from compliance.scans import history_depth
from compliance.scans.depth import WHOLE, Depth
from compliance.scans.setup_errors import SetupError
from compliance.tasks import KINDS
from tests.scanner.factories import histories
from tests.scanner.history import Commit as Written
from tests.scanner.history import write_history
from tests.scans.factories import by_history, copy_of, point
from tests.scans.measured import DAY, FIRST, FOUR, starting
from tests.scans.upstream import NEW, OLD, PLAN, git, push
from tests.scans.verify import rows, run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

TABLES = ("commits", "snapshots", "changes", "states", "violations", "files")
EIGHT = (
    FOUR,
    Written({"app/a.py": NEW}),
    Written({"app/e.py": OLD, "app/f.py": OLD}),
    Written({"app/b.py": NEW}),
    Written({"app/e.py": NEW}),
    Written({"app/b.py": OLD}),
    Written({"app/c.py": NEW}),
    Written({"app/f.py": None}),
)
"""Eight commits, each a day after the one before, with 4, 3, 5, 4, 3, 4, 3 and 2 files to migrate."""


def limited(folder: Path, depth: Depth, plan: str = PLAN, slug: str = "limited") -> Repository:
    repository = scans.track(str(folder), slug=slug, plan=plan, depth=depth)
    run_jobs()
    repository.refresh_from_db()
    assert repository.history_done, repository.trouble
    return repository


def whole_of(folder: Path) -> Repository:
    return by_history(copy_of(folder), "whole")


def read_on(repository: Repository, depth: Depth) -> Repository:
    history_depth.extend(repository, depth, None)
    run_jobs()
    repository.refresh_from_db()
    assert repository.history_done, repository.trouble
    return repository


def positions(repository: Repository) -> list[int]:
    line = Commit.objects.filter(
        repository=repository, position__isnull=False, snapshots__plan=repository.plan
    )
    return sorted(commit.height for commit in line)


def same_rows(one: Repository, other: Repository) -> None:
    told = rows(one), rows(other)
    for name in TABLES:
        assert told[0][name] == told[1][name], name


def day(number: int) -> date:
    """The day of the commit with this position."""
    return datetime.fromtimestamp(FIRST + (number - 1) * DAY, UTC).date()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_history(tmp_path / "r.git", EIGHT)
    return tmp_path / "r.git"


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(commits=histories(), data=st.data())
def test_an_extended_history_equals_one_that_was_read_at_once(
    tmp_path_factory: pytest.TempPathFactory, commits: list[Written], data: st.DataObject
) -> None:
    Repository.objects.all().delete()
    folder = tmp_path_factory.mktemp("depth") / "r.git"
    write_history(folder, commits)
    length = int(git(folder, "rev-list", "--first-parent", "--count", "main"))
    number = data.draw(st.integers(1, length), label="the last commits")
    part = limited(folder, Depth(commits=number))
    assert positions(part) == list(range(length - number + 1, length + 1))
    if number < length:
        more = data.draw(st.integers(number + 1, length), label="the last commits, later")
        read_on(part, Depth(commits=more))
        assert positions(part) == list(range(length - more + 1, length + 1))
        if more < length:
            read_on(part, WHOLE)
    same_rows(part, whole_of(folder))


def test_the_part_that_is_read_has_the_figures_of_the_whole(folder: Path) -> None:
    part, whole = limited(folder, Depth(commits=3)), whole_of(folder)

    def figures(repository: Repository) -> dict[str, Any]:
        found = Snapshot.objects.filter(plan=repository.plan, commit__position__gte=6)
        return {row.commit.sha: (row.clean, row.files, row.new, row.fixed, row.by) for row in found}

    assert figures(part) == figures(whole)
    assert len(figures(part)) == 3
    assert (part.history_floor, part.unread_commits) == (6, 5)
    assert dict(UnreadHistory.objects.get().months) == {"2023-11": 5}


def test_extending_reads_only_what_is_missing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = limited(folder, Depth(commits=3))
    stamps = {row.pk: row.recorded_at for row in Commit.objects.all()}
    snapshots = set(Snapshot.objects.values_list("pk", flat=True))
    history_depth.extend(part, Depth(commits=5), None)
    assert list(Job.objects.filter(state="waiting").values_list("kind", flat=True)) == ["backfill"]
    folder.rename(folder.with_name("gone.git"))  # the mirror has every commit, so nothing is fetched
    run_jobs()
    part.refresh_from_db()
    assert (part.history_done, part.trouble) == (True, "")
    assert positions(part) == [4, 5, 6, 7, 8]
    assert snapshots < set(Snapshot.objects.values_list("pk", flat=True))
    assert stamps.items() <= {row.pk: row.recorded_at for row in Commit.objects.all()}.items()


def test_an_extension_goes_on_after_each_interruption(folder: Path) -> None:
    part = limited(folder, Depth(commits=2))
    history_depth.extend(part, WHOLE, None)
    runs = 0
    while job := claim("test"):
        take(job, KINDS, limit=0.0)  # yields after the first commit
        runs += 1
        assert runs < 50
    part.refresh_from_db()
    assert runs > 3
    assert part.history_done
    assert not UnreadHistory.objects.exists()
    same_rows(part, whole_of(folder))


def test_a_limit_is_chosen_while_a_job_reads_towards_the_former_one(folder: Path) -> None:
    repository = scans.track(str(folder), slug="limited", plan=PLAN, depth=Depth(commits=3))
    job = claim("test")
    assert job is not None
    take(job, KINDS)
    job = claim("test")
    assert job is not None
    assert job.kind == "backfill"
    assert job.repository is not None  # it was read before the limit changed
    repository.refresh_from_db()
    history_depth.extend(repository, Depth(commits=6), None)
    take(job, KINDS)
    repository.refresh_from_db()
    assert not repository.history_done, "what the job has reached is no longer the end"
    run_jobs()
    repository.refresh_from_db()
    assert repository.history_done
    assert positions(repository) == [3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize(
    ("since", "first"),
    [(day(4), 3), (day(1), 1), (date(2000, 1, 1), 1), (day(8), 7), (date(2024, 6, 1), 8)],
    ids=["within", "first commit", "long before", "newest commit", "after the newest"],
)
def test_since_a_day_begins_with_the_state_at_its_beginning(folder: Path, since: date, first: int) -> None:
    assert positions(limited(folder, Depth(since=since))) == list(range(first, 9))


def test_commits_with_impossible_dates_neither_end_nor_extend_the_history(tmp_path: Path) -> None:
    odd = {2: "0 +0000", 5: "10 +0000"}
    commits = [Written(c.files, when=odd.get(n, "")) for n, c in enumerate(EIGHT)]
    write_history(tmp_path / "r.git", commits)
    assert positions(limited(tmp_path / "r.git", Depth(since=day(5)))) == [4, 5, 6, 7, 8]


def test_new_commits_do_not_raise_the_floor(folder: Path) -> None:
    part = limited(folder, Depth(commits=3))
    push(folder, "Go on", app__d=NEW)
    scans.track(str(folder), slug="limited")
    run_jobs()
    part.refresh_from_db()
    assert positions(part) == [6, 7, 8, 9]
    assert part.history_done
    same_rows(read_on(part, WHOLE), whole_of(folder))


def test_a_force_push_below_the_floor_reads_as_much_of_the_new_branch(folder: Path) -> None:
    part = limited(folder, Depth(commits=3))
    point(folder, git(folder, "rev-parse", "main~6"))
    for number in range(4):
        push(folder, "Another way", app__x=f"x = {number}\n")
    scans.track(str(folder), slug="limited")
    run_jobs()
    part.refresh_from_db()
    assert positions(part) == [4, 5, 6]
    assert (part.history_done, part.unread_commits) == (True, 3)
    same_rows(read_on(part, WHOLE), whole_of(folder))


def test_a_force_push_above_the_floor_keeps_it(folder: Path) -> None:
    part = limited(folder, Depth(commits=4))
    point(folder, git(folder, "rev-parse", "main~2"))
    push(folder, "Another way", app__x=OLD)
    scans.track(str(folder), slug="limited")
    run_jobs()
    part.refresh_from_db()
    assert positions(part) == [5, 6, 7]
    assert part.history_done
    same_rows(read_on(part, WHOLE), whole_of(folder))


def test_another_plan_is_evaluated_down_to_the_floor(folder: Path) -> None:
    part = limited(folder, Depth(commits=4))
    other = PLAN.replace("call: high", "call: low")
    assert other != PLAN
    scans.track(str(folder), slug="limited", plan=other)
    run_jobs()
    part.refresh_from_db()
    assert part.plan is not None
    assert part.plan.number == 2
    assert not part.rejudging
    assert positions(part) == [5, 6, 7, 8]


def where(repository: Repository) -> int | None:
    repository.refresh_from_db()
    assert repository.plan is not None
    found = baseline.stored(repository.plan)
    return found.position if found else None


def test_the_baseline_is_the_worst_commit_that_was_read_and_is_chosen_again(folder: Path) -> None:
    part = limited(folder, Depth(commits=4))
    assert where(part) == 6, "4 files are left after the sixth commit, as after none of the others"
    assert Baseline.objects.get(plan=part.plan).floor == 5
    assert where(read_on(part, Depth(commits=7))) == 3
    assert where(read_on(part, WHOLE)) == 3
    whole = whole_of(folder)
    assert where(whole) == 3
    same_rows(part, whole)


def test_the_oldest_commit_that_was_read_stands_for_an_earlier_start(folder: Path) -> None:
    plan = starting(day(3).isoformat())
    part = limited(folder, Depth(commits=4), plan)
    assert where(part) == 5
    assert part.plan is not None
    assert Violation.objects.filter(plan=part.plan, last__gte=5).count() == 4, "two files since then"
    assert where(read_on(part, Depth(since=day(3)))) == 2, "the last one before the start, as of the whole"


def test_a_baseline_that_a_manager_set_stays(folder: Path, django_user_model: Any) -> None:
    part = limited(folder, Depth(commits=4))
    scans.set_baseline(part, Commit.objects.get(position=7).sha, django_user_model.objects.create_user("mia"))
    run_jobs()
    assert where(read_on(part, WHOLE)) == 7


def test_the_baseline_of_an_earlier_version_is_chosen_again_once_it_is_active_again(folder: Path) -> None:
    part = limited(folder, Depth(commits=4))
    earlier = part.plan
    assert earlier is not None
    assert where(part) == 6
    read_on(limited(folder, Depth(commits=4), PLAN.replace("call: high", "call: low")), WHOLE)
    assert where(part) == 3
    assert baseline.stored(earlier) is None, "it was the worst of the last four commits alone"
    scans.track(str(folder), slug="limited", plan=PLAN)
    job = claim("test")
    assert job is not None
    take(job, KINDS)
    part.refresh_from_db()
    assert (part.plan, part.history_done) == (earlier, False)
    assert baseline.position_of(part, earlier) == 3, "as the figures of the other version have it"
    run_jobs()
    assert where(part) == 3


def test_what_is_read_already_is_not_read_again(folder: Path) -> None:
    part = limited(folder, Depth(commits=4))
    with pytest.raises(SetupError, match="The last 4 commits are read already"):
        history_depth.extend(part, Depth(commits=4), None)
    with pytest.raises(SetupError, match=f"read back to {day(5)} already"):
        history_depth.extend(part, Depth(since=day(6)), None)
    with pytest.raises(SetupError, match="whole history is read"):
        history_depth.extend(whole_of(folder), WHOLE, None)
    assert not Job.objects.filter(state="waiting").exists()


def test_the_track_command_limits_extends_and_estimates(folder: Path) -> None:
    plan = folder.with_name("plan.yaml")
    plan.write_text(PLAN)
    out = StringIO()
    call_command("track", str(folder), history_since="2023-11-18", estimate=True, stdout=out)
    assert not Repository.objects.exists()
    assert (
        "the whole history: 8 commits, clone of about 1 MB or less, less than two minutes" in out.getvalue()
    )
    assert "as chosen: " in out.getvalue()
    with pytest.raises(CommandError, match="“2023-13-01” is not a valid date"):
        call_command("track", str(folder), plan=str(plan), history_since="2023-13-01")
    with pytest.raises(CommandError, match="not both"):
        call_command("track", str(folder), history_since="2023-11-18", history_commits="3")

    call_command("track", str(folder), plan=str(plan), history_commits="3", verbosity=0)
    run_jobs()
    repository = Repository.objects.get()
    assert positions(repository) == [6, 7, 8]
    call_command("track", str(folder), history_commits="3", verbosity=0)
    run_jobs()
    call_command("track", str(folder), history_whole=True, verbosity=0)
    run_jobs()
    repository.refresh_from_db()
    assert (repository.history_done, len(positions(repository))) == (True, 8)
