"""What a note says, whatever commits, titles and names contain."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.integrations.issue_notes.figures import IssueFigures, PhaseFigures
from compliance.integrations.issue_notes.text import digest_of, digest_of_figures, write_note
from compliance.models import Repository
from compliance.progress.issue_status import Move, disagreement, disagreement_words

URL = "https://ssot.example.org/repositories/shop/issues/%2312/"
AT = datetime(2026, 11, 30, 12, tzinfo=UTC)
FIGURES: dict[str, Any] = {
    "state": "open",
    "fixed": 3,
    "left": 1,
    "files": 1,
    "expected": "",
    "warning": "",
    "head": "a" * 40,
    "as_of": date(2026, 11, 30),
    "phases": (),
    "moves": (),
}
PARTS = (
    *(
        "@ada",
        "#13",
        "!5",
        "SHOP-13",
        "GH-7",
        "team/shop#7",
        "https://evil.example.org/issues/1",
        "www.evil.org",
    ),
    *("`", "```", "<script>", "-->", "\n", "\r\n/close", "|", "[a](b)", "\u202e", "\u05e9", "abc", " "),
)
hostile = st.lists(st.sampled_from(PARTS) | st.text(max_size=5), max_size=12).map("".join)
REFERENCES = ("@ada", "#13", "!5", "SHOP-13", "GH-7", "shop#7", "https://evil", "www.evil")


def figures(**values: Any) -> IssueFigures:
    return IssueFigures(**{**FIGURES, **values})


def shop(name: str = "Shop") -> Repository:
    return Repository(slug="shop", name=name)


@settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow]
)  # other tests may keep the machine busy
@given(subject=hostile, title=hostile, name=hostile)
def test_nothing_that_others_wrote_notifies_or_links(subject: str, title: str, name: str) -> None:
    move = Move("b" * 40, subject, AT, 3, 0, 0, 0)
    phase = PhaseFigures("calls", title, 3, 1, 1, False, None, "")
    note = write_note(shop(name), figures(moves=(move,), phases=(phase,)), URL)
    ours = note.body.replace(URL, "")
    assert not [text for text in REFERENCES if text.casefold() in ours.casefold()]
    assert "<script>" not in re.sub(r"(`+).*?\1", "", ours)
    lines = ours.split("\n")
    assert not any(line.startswith("/") for line in lines), "GitLab would carry it out"
    (row,) = [line for line in lines if line.startswith("| ") and "3 of 4" in line]
    assert row.count("|") == 6
    (commit,) = [line for line in lines if line.startswith("- `bbbb")]
    assert commit.endswith("`")
    told = note.title + note.summary
    assert not [text for text in REFERENCES if text.casefold() in told.casefold()]


def test_a_note_states_figures_forecast_phases_and_commits() -> None:
    moves = (Move("b" * 40, "Fix it", AT, 2, 0, 0, 0), Move("c" * 40, "Break it", AT, 0, 1, 1, 1))
    phases = (
        PhaseFigures("calls", "Calls", 3, 1, 1, False, date(2026, 12, 1), "on 9 Dec 2026 (80% range)"),
        PhaseFigures("rest", "Rest", 2, 0, 0, True, None, ""),
    )
    note = write_note(shop(), figures(moves=moves, phases=phases, expected="on 9 Dec 2026 (80% range)"), URL)
    assert note.body == BODY
    assert note.title == "75.0% fixed, 1 violation left"
    assert note.summary == (
        "Shop: 3 of 4 fixed; forecast: on 9 Dec 2026 (80% range); "
        "last change: 2 fixed by bbbbbbbbbb on 30 Nov 2026"
    )
    assert not note.is_resolved


BODY = f"""### SSOT compliance of Shop

**75.0%: 3 of 4 violations fixed, 1 left in 1 file.**

Forecast for the rest: on 9 Dec 2026 &#40;80% range&#41;.

| Phase | Fixed | Left | Due | Forecast |
| --- | ---: | ---: | --- | --- |
| Calls | 3 of 4 | 1 | 1 Dec 2026 | on 9 Dec 2026 &#40;80% range&#41; |
| Rest | 2 of 2 | 0 | none | closed |

Last commits that changed these figures:

- `bbbbbbbbbbbb` of 30 Nov 2026, 2 fixed: `Fix it`
- `cccccccccccc` of 30 Nov 2026, 1 introduced, 1 suppressed, 1 counted again: `Break it`

[Progress, files and history]({URL}). As of `aaaaaaaaaaaa` of 30 Nov 2026."""


@pytest.mark.parametrize(
    ("state", "left", "fixed", "open_phases", "words"),
    [
        ("closed", 2, 0, None, "closed with 2 violations left"),
        ("closed", 2, 0, 1, "closed with 2 violations left"),
        ("closed", 2, 1, 0, ""),
        ("deleted", 1, 0, None, "deleted with 1 violation left"),
        ("open", 0, 2, None, "open with no violations left"),
        ("open", 0, 2, 0, "open with no violations left"),
        ("open", 0, 2, 1, ""),
        ("open", 3, 2, 0, "open although all its phases are closed"),
        ("open", 0, 0, None, ""),
        ("open", 1, 2, None, ""),
        ("closed", 0, 2, None, ""),
        ("", 0, 2, None, ""),
        ("transferred", 2, 2, None, ""),
    ],
)
def test_a_state_disagrees_with_the_records(
    state: str, left: int, fixed: int, open_phases: int | None, words: str
) -> None:
    assert disagreement_words(state, left, fixed, open_phases) == words
    assert bool(disagreement(state, left, fixed, open_phases)) == bool(words)


def test_only_figures_change_their_digest() -> None:
    first = digest_of_figures(figures(), URL)
    assert digest_of_figures(figures(expected="soon", head="b" * 40, as_of=date(2027, 1, 1)), URL) == first
    for changed in ({"left": 2}, {"warning": "closed with 1 violation left"}, {"files": 2}):
        assert digest_of_figures(figures(**changed), URL) != first
    assert digest_of_figures(figures(), URL + "x") != first


def test_the_newest_commit_alone_does_not_change_a_note() -> None:
    note = write_note(shop(), figures(), URL)
    assert digest_of(write_note(shop(), figures(head="b" * 40), URL)) == digest_of(note)
    assert digest_of(write_note(shop(), figures(expected="soon"), URL)) != digest_of(note)
