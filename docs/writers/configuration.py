"""Writes the table of docs/configuration.md from the descriptions of the environment variables."""

from collections.abc import Iterator

from compliance.environment import Environment
from docs.writers import replace_table

PAGE = "configuration.md"


def page() -> str:
    """Return the page with an updated table. The rest of the page is written by hand."""
    return replace_table(PAGE, list(_rows()))


def _rows() -> Iterator[tuple[str, str, str]]:
    yield "Variable", "Default", "Meaning"
    for name, field in Environment.model_fields.items():
        yield f"`{name.upper()}`", _default(name), str(field.description)


def _default(name: str) -> str:
    if name == "data_dir":
        return "`var`"
    value = Environment.model_fields[name].get_default(call_default_factory=True, validated_data={})
    if value is None or value == []:
        return "none"
    return f"`{','.join(value) if isinstance(value, list) else str(value)}`"
