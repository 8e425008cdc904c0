"""Reports with too few tests: they neither close nor reopen a phase."""

import pytest

from compliance.evidence import on_commit_recorded
from tests.evidence.conftest import hand_in, judged, marks, migrate, mission, phase
from tests.views.cast import World

pytestmark = pytest.mark.slow


def test_an_incomplete_report_does_not_reopen_a_closed_phase(netra: World) -> None:
    commit = migrate(netra)
    hand_in(netra, mission())
    newest = netra.commit("Write docs")
    on_commit_recorded(netra.repository, commit=newest)

    hand_in(netra, mission(1))

    assert phase("golden-path").closed_by == commit
    assert marks() == [("phase closed", "golden-path")]
    told = judged(netra, "golden-path")["tests"]
    assert (told.incomplete, told.state, told.commit) == (True, "no proof yet", newest)
    assert told.explanation == "only 1 of at least 3 tests ran"
    hand_in(netra, mission(3, test_x="failure"))
    assert phase("golden-path").closed_at is None, "a test that failed is a verdict"


def test_an_incomplete_report_does_not_close_a_phase(netra: World) -> None:
    migrate(netra)
    hand_in(netra, mission(2))

    assert phase("golden-path").closed_at is None
    assert judged(netra, "golden-path")["tests"].incomplete
