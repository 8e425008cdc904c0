"""What docs/ says about code is what `make docs` writes."""

import re

import pytest

from docs.writers import DOCS, Writer, replace_table, writers
from scanner import percent


@pytest.mark.parametrize("writer", list(writers()), ids=lambda writer: str(writer.PAGE))
def test_make_docs_changes_nothing(writer: Writer) -> None:
    assert (DOCS / writer.PAGE).read_text() == writer.page(), "Run `make docs`."


def test_every_kind_of_reference_is_generated() -> None:
    pages = {writer.PAGE for writer in writers()}
    assert pages >= {
        "api-operations.md",
        "api-schemas.md",
        "commands.md",
        "configuration.md",
        "monitoring/README.md",
        "notifications/events.md",
        "plan-keys.md",
        "rules.md",
    }


def test_a_table_that_is_gone_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"docs/figures\.md has no table that begins with: \| Nothing \|"):
        replace_table("figures.md", [("Nothing",)])


def test_the_examples_of_figures_are_computed_by_the_engine() -> None:
    rows = re.findall(r"\| (\d+) \| (\d+) \| (\S+) \|", (DOCS / "figures.md").read_text())
    assert len(rows) == 4
    for files, clean, shown in rows:
        value = percent(int(clean), int(files))
        assert shown == ("n/a" if value is None else f"{value}%")
