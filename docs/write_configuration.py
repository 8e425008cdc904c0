"""Writes the table of docs/configuration.md from the descriptions of the environment variables."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).parents[1]
sys.path.insert(0, str(PROJECT))  # a script finds only modules in its own folder

from compliance.environment import Environment  # noqa: E402

PAGE = PROJECT / "docs" / "configuration.md"
_TABLE = re.compile(r"^\| Variable .*?\n(?=\n)", re.MULTILINE | re.DOTALL)


def page() -> str:
    """Return the page with an updated table. The rest of the page is written by hand."""
    table = "\n".join(_rows()) + "\n"
    return _TABLE.sub(lambda _: table, PAGE.read_text(), count=1)


def _rows() -> Iterator[str]:
    yield "| Variable | Default | Meaning |"
    yield "| --- | --- | --- |"
    for name, field in Environment.model_fields.items():
        yield f"| `{name.upper()}` | {_default(name)} | {field.description} |"


def _default(name: str) -> str:
    if name == "data_dir":
        return "`var`"
    value = Environment.model_fields[name].get_default(call_default_factory=True, validated_data={})
    if value is None or value == []:
        return "none"
    return f"`{','.join(value) if isinstance(value, list) else str(value)}`"


if __name__ == "__main__":
    PAGE.write_text(page())
