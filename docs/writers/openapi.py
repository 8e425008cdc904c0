"""Describes parts of the API's OpenAPI schema in Markdown."""

from functools import cache
from typing import Any

Schema = dict[str, Any]

_PREFIX = "#/components/schemas/"
_SCHEMAS_PAGE = "api-schemas.md"


@cache
def document() -> Schema:
    """Return the OpenAPI document."""
    from compliance.api.router import api  # noqa: PLC0415  (only once Django has been set up)

    found: Schema = api.get_openapi_schema()
    return found


def schemas() -> dict[str, Schema]:
    """Return the named schemas."""
    found: dict[str, Schema] = document()["components"]["schemas"]
    return found


def name_of(schema: Schema) -> str:
    """Return the name of the schema that a reference refers to, or an empty text."""
    reference = str(schema.get("$ref", ""))
    return reference.removeprefix(_PREFIX)


def describe(schema: Schema) -> str:
    """Return the type of a value: a link to a named schema, or words."""
    if name := name_of(schema):
        if is_page(name):
            return f"page of {describe(schemas()[name]['properties']['items']['items'])}"
        return f"[{name}]({_SCHEMAS_PAGE}#{name.lower()})"
    if options := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        return " or ".join(dict.fromkeys(describe(option) for option in options))
    if "enum" in schema:
        return ", ".join(f"`{value}`" if value != "" else "nothing" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    return _plain(schema)


def is_page(name: str) -> bool:
    """Return true for the schema of a page of a list, which is described by its items."""
    return name.startswith("Page_")


def default(schema: Schema) -> str:
    """Return the default in words, or an empty text."""
    value = schema.get("default")
    if value in (None, "", [], {}):
        return ""
    return f"Default: `{str(value).lower() if isinstance(value, bool) else value}`."


def _plain(schema: Schema) -> str:
    match schema.get("type"):
        case "array":
            return f"list of {describe(schema.get('items', {}))}"
        case "object":
            values = schema.get("additionalProperties")
            return f"mapping of {describe(values)}" if isinstance(values, dict) and values else "object"
        case "string":
            text = _STRINGS.get(str(schema.get("format", "")), "text")
            return f"{text}, at most {schema['maxLength']:,} characters" if "maxLength" in schema else text
        case "integer" | "number" as kind:
            return _number("whole number" if kind == "integer" else "number", schema)
    return {"boolean": "true or false", "null": "null"}.get(str(schema.get("type")), "any value")


_STRINGS = {"date-time": "time", "date": "date", "uuid": "id", "binary": "bytes"}


def _number(words: str, schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if high is not None and high > 2**53:  # the limit of a column, not of the value's meaning
        high = None
    if low is not None and high is not None:
        return f"{words}, {low} to {high}"
    if low is not None:
        return f"{words}, at least {low}"
    return f"{words}, at most {high}" if high is not None else words
