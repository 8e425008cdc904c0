"""What closes a phase and what opens it again: each kind of criterion, on its own evidence."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.db.models import F
from django.utils import timezone

from compliance.evidence import (
    ApprovalError,
    approve,
    criterion_results,
    on_commit_recorded,
    rebuild_timeline,
    receive_measurement,
    receive_report,
    withdraw,
)
from compliance.lib.dates import today
from compliance.models import (
    Commit,
    FileState,
    Marker,
    NotificationEvent,
    Phase,
    Snapshot,
    SuiteResult,
    TestRun,
)
from compliance.tasks import look_at_dates
from compliance.work import waivers
from compliance.work.waiver_matching import apply
from tests.evidence.conftest import hand_in, judged, marks, migrate, mission, phase, proofs, report
from tests.views import cast
from tests.views.cast import World
from tests.work.factories import waive

pytestmark = pytest.mark.slow


def test_a_phase_closes_with_its_last_criterion(netra: World) -> None:
    commit = migrate(netra)
    assert judged(netra, "golden-path")["violations"].state == "holds"
    assert judged(netra, "golden-path")["tests"].state == "no proof yet"
    assert phase("golden-path").closed_at is None

    hand_in(netra, mission())

    assert phase("golden-path").closed_by == commit
    assert marks() == [("phase closed", "golden-path")]
    told = judged(netra, "golden-path")["tests"]
    assert (told.state, told.explanation, told.commit) == ("holds", "3 passed", commit)
    hand_in(netra, mission())
    assert TestRun.objects.count() == 1
    assert marks() == [("phase closed", "golden-path")]


def test_a_phase_that_closes_emits_once(netra: World) -> None:
    migrate(netra)
    hand_in(netra, mission())
    (event,) = NotificationEvent.objects.filter(topic="phase.closed")
    assert event.phases == ["golden-path"]
    assert event.detail["text"] == "all criteria hold"

    hand_in(netra, mission())
    rebuild_timeline(netra.repository)
    assert [event.topic for event in NotificationEvent.objects.filter(topic__startswith="phase.")] == [
        "phase.closed"
    ]


def test_backdated_evidence_that_closes_a_phase_emits_once(netra: World) -> None:
    migrate(netra)
    for _ in range(2):
        receive_report(netra.repository, netra.head.sha, mission(), at=timezone.now())
        rebuild_timeline(netra.repository)
    assert phase("golden-path").closed_at
    events = NotificationEvent.objects.filter(topic__startswith="phase.")
    assert [event.topic for event in events] == ["phase.closed"]


def test_violations_that_are_left_keep_it_open(netra: World) -> None:
    on_commit_recorded(netra.repository, commit=netra.head)
    hand_in(netra, mission())

    told = judged(netra, "golden-path")["violations"]
    left = sum("golden-path" in violation.phases for violation in netra.standing)
    assert (told.state, told.explanation, told.requirement) == ("fails", f"{left} left", "No violations left")
    assert phase("golden-path").closed_at is None


@pytest.mark.parametrize(
    ("body", "state", "told"),
    [
        (mission(2), "no proof yet", "only 2 of at least 3 tests ran"),
        (mission(2, test_x="skipped"), "no proof yet", "only 2 of at least 3 tests ran, 1 skipped"),
        (mission(3, test_x="failure"), "fails", "1 of 4 did not pass"),
        (mission(3, test_x="error"), "fails", "1 of 4 did not pass"),
        (mission(3, test_x="skipped"), "holds", "3 passed, 1 skipped"),
        (
            report({"test_1": "passed"}, "tests.unit.test_other"),
            "no proof yet",
            "no report contains a test in this suite",
        ),
    ],
)
def test_a_suite_that_must_pass(netra: World, body: bytes, state: str, told: str) -> None:
    hand_in(netra, body)

    verdict = judged(netra, "golden-path")["tests"]
    assert verdict.state == state
    assert told in verdict.explanation
    assert verdict.names == (("tests.mission.test_chat: test_x",) if state == "fails" else ())


@pytest.mark.parametrize(
    ("body", "state", "told", "names"),
    [
        (proofs(), "holds", "all 8 failed, as they must", ()),
        (proofs(7), "no proof yet", "only 7 of at least 8 tests ran", ()),
        (proofs(7, test_late="error"), "no proof yet", "1 of 8 ended with an error", None),
        (proofs(8, test_late="passed"), "fails", "1 of 9 passed", ("tests.unit.test_proofs: test_late",)),
    ],
)
def test_a_suite_that_must_fail(
    netra: World, body: bytes, state: str, told: str, names: tuple[str, ...] | None
) -> None:
    hand_in(netra, body)

    verdict = judged(netra, "cleanup")["tests"]
    assert verdict.state == state
    assert told in verdict.explanation
    assert names is None or verdict.names == names


def test_the_parts_of_a_suite_add_up_and_a_repeated_test_counts_as_it_ended(netra: World) -> None:
    hand_in(netra, report({"test_1": "passed", "test_2": "failure"}))
    hand_in(netra, report({"test_2": "passed", "test_3": "passed"}))

    assert judged(netra, "golden-path")["tests"].explanation == "3 passed"
    assert SuiteResult.objects.count() == 1


def test_a_report_for_an_unknown_commit_waits_for_it(netra: World) -> None:
    later = "f" * 40
    hand_in(netra, mission(), later)
    assert TestRun.objects.get().commit is None
    assert judged(netra, "golden-path")["tests"].state == "no proof yet"

    Commit.objects.filter(pk=netra.commit("Migrate the rest", fix=len(netra.standing)).pk).update(sha=later)
    on_commit_recorded(netra.repository, commit=Commit.objects.get(sha=later))

    assert TestRun.objects.get().commit == Commit.objects.get(sha=later)
    assert phase("golden-path").closed_by == Commit.objects.get(sha=later)


def test_evidence_is_stale_once_the_phase_has_changed(netra: World) -> None:
    hand_in(netra, mission())
    assert judged(netra, "golden-path")["tests"].state == "holds"

    migrate(netra)

    assert judged(netra, "golden-path")["tests"].state == "stale"
    assert phase("golden-path").closed_at is None
    hand_in(netra, mission())
    assert phase("golden-path").closed_at is not None


def test_commits_that_do_not_touch_the_phase_leave_its_evidence_fresh(netra: World) -> None:
    migrate(netra)
    hand_in(netra, mission())
    on_commit_recorded(netra.repository, commit=netra.commit("Write docs"))

    assert judged(netra, "golden-path")["tests"].state == "holds"


def test_a_regression_opens_it_again_and_it_takes_new_proof_to_close(netra: World) -> None:
    migrate(netra)
    hand_in(netra, mission())
    broken = netra.commit("Bring it back", by="Cy", breaks=(netra.files[0], netra.files[1]))
    on_commit_recorded(netra.repository, commit=broken)

    assert phase("golden-path").closed_at is None
    assert marks() == [("phase closed", "golden-path"), ("phase reopened", "golden-path")]
    mark = Marker.objects.get(kind=Marker.Kind.REOPENED)
    assert (mark.commit, mark.at) == (broken, broken.committed_at)
    assert "No violations left" in mark.text
    migrate(netra)
    assert phase("golden-path").closed_at is None
    hand_in(netra, mission())
    assert phase("golden-path").closed_at is not None


def test_every_kind_of_criterion_closes_a_phase_together(netra: World) -> None:
    boss = User.objects.create_user("boss", is_staff=True)
    migrate(netra)
    hand_in(netra, proofs())
    receive_measurement(netra.repository, netra.head.sha, "added_ms", 140.0, "ms")
    approval = approve(netra.repository, phase("cleanup"), boss, "manager", "Looked at all of it.")

    told = judged(netra, "cleanup")
    assert {kind: verdict.state for kind, verdict in told.items()} == {
        "compliance": "holds",
        "tests": "holds",
        "measurement": "fails",
        "approval": "holds",
    }
    assert (told["measurement"].explanation, told["measurement"].requirement) == (
        "140 ms",
        "Added: at most 100 ms",
    )
    assert (told["approval"].by, told["approval"].explanation) == ("boss", "Looked at all of it.")
    receive_measurement(netra.repository, netra.head.sha, "added_ms", 41.5, "ms")
    assert phase("cleanup").closed_at is not None

    assert withdraw(netra.repository, approval, boss)
    assert phase("cleanup").closed_at is None
    assert judged(netra, "cleanup")["approval"].state == "no proof yet"
    assert not withdraw(netra.repository, approval, boss)


def test_an_approval_must_be_wanted_and_say_something(netra: World) -> None:
    boss = User.objects.create_user("boss", is_staff=True)
    with pytest.raises(ApprovalError, match="doesn't require an approval"):
        approve(netra.repository, phase("golden-path"), boss, "manager", "Fine.")
    with pytest.raises(ApprovalError, match="comment"):
        approve(netra.repository, phase("cleanup"), boss, "manager", "  ")
    approve(netra.repository, phase("cleanup"), boss, "manager", "Fine.")
    with pytest.raises(ApprovalError, match="already"):
        approve(netra.repository, phase("cleanup"), boss, "manager", "Fine again.")


def test_the_newest_commit_on_the_line_decides_whatever_comes_late(netra: World) -> None:
    line = Commit.objects.order_by("position")
    hand_in(netra, mission(), netra.head.sha)
    hand_in(netra, mission(1, test_x="failure"), line[3].sha)

    assert judged(netra, "golden-path")["tests"].state == "holds"
    Commit.objects.filter(pk=netra.head.pk).update(position=None)
    assert judged(netra, "golden-path")["tests"].state == "fails"


def test_replayed_phases_equal_those_evaluated_on_arrival(
    netra: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cast, "STEP", timedelta(0))
    Commit.objects.update(committed_at=F("committed_at") - timedelta(days=30))
    boss = User.objects.create_user("boss", is_staff=True)
    netra.at = timezone.now()
    migrate(netra)
    hand_in(netra, mission())
    netra.at = timezone.now()
    on_commit_recorded(netra.repository, commit=netra.commit("Break", by="Cy", breaks=(netra.files[1],)))
    netra.at = timezone.now()
    migrate(netra)
    hand_in(netra, mission())
    hand_in(netra, proofs())
    receive_measurement(netra.repository, netra.head.sha, "added_ms", 7.0)
    approve(netra.repository, phase("cleanup"), boss, "manager", "Fine.")
    live = {row.key: (row.closed_by, row.touched) for row in Phase.objects.all()}
    marked = marks()
    assert len(marked) == 4

    rebuild_timeline(netra.repository)

    assert {row.key: (row.closed_by, row.touched) for row in Phase.objects.all()} == live
    assert marks() == marked
    rebuild_timeline(netra.repository)
    assert marks() == marked


def test_notes_of_people_outlive_a_new_judgement(netra: World) -> None:
    note = Marker.objects.create(
        repository=netra.repository, kind=Marker.Kind.NOTE, at=timezone.now(), text="Holidays"
    )
    rebuild_timeline(netra.repository)

    assert list(Marker.objects.filter(kind=Marker.Kind.NOTE)) == [note]


def test_judging_takes_as_many_queries_for_many_phases(
    netra: World, django_assert_max_num_queries: object
) -> None:
    issue = phase("cleanup").issue
    for number in range(30):
        Phase.objects.create(
            issue=issue, key=f"p{number}", title="P", order=number, criteria=phase("cleanup").criteria
        )
    commit = netra.commit("Migrate the rest", fix=len(netra.standing))
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        on_commit_recorded(netra.repository, commit=commit)
    snapshot = Snapshot.objects.get(commit=commit)
    with django_assert_max_num_queries(4):  # type: ignore[operator]
        criterion_results(netra.repository, Phase.objects.all(), snapshot)


def test_a_waiver_that_ends_opens_the_phase_that_accepted_it(netra: World) -> None:
    Phase.objects.filter(key="golden-path").update(
        criteria=[
            {**one, "accept_waivers": True} if one["kind"] == "violations" else one
            for one in phase("golden-path").criteria
        ]
    )
    boss = User.objects.create_user("boss", is_staff=True)
    while sum("golden-path" in violation.phases for violation in netra.standing):
        netra.commit("Migrate", fix=1)
    on_commit_recorded(netra.repository, commit=netra.head)
    hand_in(netra, mission())
    few = netra.files[1], netra.files[2], netra.files[3]
    broken = netra.commit("Break", by="Cy", breaks=few)
    FileState.objects.filter(file__in=few).update(violations=1)  # as the scans do
    on_commit_recorded(netra.repository, commit=broken)
    assert phase("golden-path").closed_at is None

    waivers_given = [
        waive(netra.repository, boss, "Until the cache is rewritten", None, violation=violation)
        for violation in netra.standing
        if "golden-path" in violation.phases
    ]
    held = judged(netra, "golden-path")["violations"]
    assert (held.state, held.requirement) == ("holds", "No violations left, except waived ones")
    assert held.explanation == "2 left, 2 of them waived"
    hand_in(netra, mission())
    assert phase("golden-path").closed_at is not None
    waivers.end(waivers_given[0])

    assert judged(netra, "golden-path")["violations"].explanation == "2 left, 1 of them waived"
    assert phase("golden-path").closed_at is None


def test_a_waiver_that_expires_opens_the_phase_at_the_days_end(
    netra: World, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TIME_ZONE = "America/Santiago"
    Phase.objects.filter(key="golden-path").update(
        criteria=[{"kind": "violations", "max": 0, "accept_waivers": True}]
    )
    on_commit_recorded(netra.repository, commit=netra.head)
    boss = User.objects.create_user("boss", is_staff=True)
    last = today() + timedelta(days=3)
    for violation in netra.standing:
        if "golden-path" in violation.phases:
            waive(netra.repository, boss, "Until the cache is rewritten", last, violation=violation)
    closed = phase("golden-path")
    assert closed.closed_by == netra.head

    midnight = datetime.combine(last + timedelta(days=1), time(), ZoneInfo("America/Santiago"))
    monkeypatch.setattr(timezone, "now", lambda: midnight - timedelta(seconds=1))
    look_at_dates()
    assert phase("golden-path").closed_at == closed.closed_at
    monkeypatch.setattr(timezone, "now", lambda: midnight)
    look_at_dates()
    assert phase("golden-path").closed_at is None
    reopened = Marker.objects.get(kind=Marker.Kind.REOPENED)
    assert (reopened.at, reopened.commit) == (midnight, netra.head)
    assert "except waived ones" in reopened.text


@pytest.mark.parametrize("later", [0, 1, 2])
def test_marks_of_waivers_that_have_ended_outlive_a_new_judgement(netra: World, later: int) -> None:
    """They end at the commit at which they started, or so many commits later."""
    Phase.objects.filter(key="cleanup").delete()
    Phase.objects.update(criteria=[{"kind": "violations", "max": 0, "accept_waivers": True}])
    on_commit_recorded(netra.repository, commit=netra.head)
    boss = User.objects.create_user("boss", is_staff=True)
    given = [
        waive(netra.repository, boss, "Until the cache is rewritten", None, violation=violation)
        for violation in netra.standing
        if "golden-path" in violation.phases
    ]
    for _ in range(later):
        commit = netra.commit("Go on")
        # In a test's transaction, the database's clock stands still.
        Commit.objects.filter(pk=commit.pk).update(recorded_at=timezone.now(), committed_at=timezone.now())
        apply(netra.repository)
        on_commit_recorded(netra.repository, commit=commit)
    waivers.end(given[0])
    waivers.end(given[1])
    live = [(row.kind, row.commit, row.text) for row in Marker.objects.filter(kind__startswith="phase ")]
    assert [kind for kind, _, _ in live] == ["phase closed", "phase reopened"]

    rebuild_timeline(netra.repository)

    marked = Marker.objects.filter(kind__startswith="phase ")
    assert [(row.kind, row.commit, row.text) for row in marked] == live
    assert [row.at for row in marked] == [given[-1].decided_at, given[0].ended_at]
    assert phase("golden-path").closed_at is None
