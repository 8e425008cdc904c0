"""Writes the table of docs/monitoring/README.md from the definitions of the metrics."""

from collections.abc import Iterator

from compliance.lib.metric_definitions import DEFINITIONS
from docs.writers import replace_table

PAGE = "monitoring/README.md"


def page() -> str:
    """Return the page with an updated table. The rest of the page is written by hand."""
    return replace_table(PAGE, list(_rows()))


def _rows() -> Iterator[tuple[str, str, str, str]]:
    yield "Metric", "Type", "Labels", "Meaning"
    for found in DEFINITIONS:
        labels = ", ".join(f"`{label}`" for label in found.labels)
        yield f"`{found.name}`", found.kind, labels or "-", found.meaning
