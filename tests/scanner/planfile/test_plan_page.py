"""docs/plan.md: its example is a plan, and it tells of every key that the reader knows."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from scanner.planfile import read_plan
from scanner.planfile.description import STEP_RISKS
from scanner.planfile.fields import Entry, Fields
from scanner.rules import kinds

PAGE = (Path(__file__).parents[3] / "docs" / "plan.md").read_text()
EXAMPLE, WORDS = re.findall(r"```yaml\n(.*?)```(.*)", PAGE, re.DOTALL)[0]


def test_the_example_has_every_part_and_the_text_names_every_key(monkeypatch: pytest.MonkeyPatch) -> None:
    known: set[str] = set()
    read_fields = Entry.fields

    def noted(entry: Entry, required: Sequence[str], optional: Sequence[str] = ()) -> Fields:
        known.update(required, optional)
        return read_fields(entry, required, optional)

    monkeypatch.setattr(Entry, "fields", noted)
    read_plan(EXAMPLE, "docs/plan.md")
    told = set(re.findall(r"`(\w+)`", WORDS))
    of_kinds = {option.name for kind in kinds() for option in kind.options}
    assert {"suite", "defines", "at_least", "match", "arguments", "source_roots"} <= known
    assert known - of_kinds <= told
    assert set(STEP_RISKS) <= told


def test_the_comment_that_lets_a_place_stay_is_understood() -> None:
    comment = next(line for line in WORDS.splitlines() if "ssot: ignore" in line)
    assert re.search(r"# ssot: ignore\[shared-session\] until=\d{4}-\d\d-\d\d because \w", comment)
