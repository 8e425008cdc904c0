"""Writes docs/rules.md from what each rule kind says of itself."""

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).parents[1]
sys.path.insert(0, str(PROJECT))  # run as a script, Python looks in docs/ alone

from scanner.engine import suppressions  # noqa: E402
from scanner.plan import UNEXPLAINED_IGNORE  # noqa: E402
from scanner.rules import kinds  # noqa: E402
from scanner.rules.base import Rule  # noqa: E402

PAGE = PROJECT / "docs" / "rules.md"
_SHAPES = {
    "globs": "names, `*` for anything",
    "symbols": "full dotted names",
    "modules": "name: dotted module",
    "name": "one Python name",
    "text": "text",
    "count": "whole number",
    "flag": "true or false",
    "mapping": "mapping",
}


def page() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    found = sorted(kinds(), key=lambda kind: kind.kind)
    yield "# Rule kinds"
    yield ""
    yield "Written by `make docs` from the files in `scanner/rules/`; change those, not this page. Every rule"
    yield "also takes `id`, `kind`, `message`, `risk`, `paths`, `replacement` and `issues`."
    yield ""
    for kind in found:
        yield f"- [`{kind.kind}`](#{kind.kind}): {kind.summary()}"
    yield f"- [`{UNEXPLAINED_IGNORE}`](#{UNEXPLAINED_IGNORE}): not to be listed in a plan"
    for kind in found:
        yield from _section(kind)
    yield ""
    yield f"## {UNEXPLAINED_IGNORE}"
    yield ""
    yield f"Role: `{UNEXPLAINED_IGNORE}`, always reported, risk low."
    yield ""
    yield inspect.getdoc(suppressions) or ""


def _section(kind: type[Rule]) -> Iterator[str]:
    yield ""
    yield f"## {kind.kind}"
    yield ""
    yield f"Roles: {', '.join(f'`{role}`' for role in kind.roles)}."
    if kind.options:
        yield ""
        yield "| key | value | |"
        yield "| --- | --- | --- |"
        for option in kind.options:
            yield f"| `{option.name}` | {_SHAPES[option.shape]} | {'required' if option.required else ''} |"
    yield ""
    yield kind.documentation()


if __name__ == "__main__":
    PAGE.write_text(page())
