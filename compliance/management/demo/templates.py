"""Renders the files in `sources/` with Django's templates, and formats the resulting Python code."""

import ast
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.template import Context, Engine

SOURCES = Path(__file__).with_name("sources")
_ENGINE = Engine([str(SOURCES)])
_IMPORT = re.compile(r"^(?:from (\S+) )?import ([^(\n]+)\n", re.MULTILINE)
_DEFINITION = re.compile(r"( {4})?(@|(async )?def |class )")
_WIDEST = 100


def source(name: str) -> str:
    """Return the text of a file in `sources/`, given its name without `.txt`."""
    return (SOURCES / f"{name}.txt").read_text(encoding="utf-8")


def render(name: str, names: Mapping[str, Any]) -> str:
    """Render a template. Every name that it uses must be defined."""
    return _ENGINE.get_template(f"{name}.txt").render(Context(dict(names), autoescape=False))


def python(text: str) -> str:
    """Return the module with its imports sorted below the docstring, and with blank lines according to PEP 8.

    Unused imports are dropped, so that a template doesn't need to know an entity's fields. Imports in
    parentheses are left unchanged.
    """
    docstring, body = text[: (end := text.index('"""', 3) + 3)], text[end:]
    rest = _IMPORT.sub("", body)
    used = {node.id for node in ast.walk(ast.parse(rest)) if isinstance(node, ast.Name)}
    modules: dict[str, set[str]] = {}
    for module, names in _IMPORT.findall(body):
        found = used.intersection(names.split(", "))
        if found:
            modules.setdefault(module or f" {names}", set()).update(found)
    lines = {module.strip(): _line(module, sorted(names)) for module, names in modules.items()}
    own = [module for module in sorted(lines) if module.startswith(("netra", "tests"))]
    blocks = ["\n".join(lines[m] for m in group) for group in (sorted(lines.keys() - own), own)]
    return _spaced("\n\n".join(part for part in (docstring, *blocks, rest) if part))


def _line(module: str, names: list[str]) -> str:
    if module.startswith(" "):
        return f"import {names[0]}"
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= _WIDEST:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")"


def _spaced(text: str) -> str:
    kept: list[str] = []
    blank = 0
    for line in text.splitlines():
        if not line:
            blank = 1
            continue
        before, outer = kept[-1] if kept else "@", line[0] not in " )]}"
        if before.lstrip().startswith("@"):
            blank = 0
        elif outer and (_DEFINITION.match(line) or before.startswith(" ")):
            blank = 2
        elif _DEFINITION.match(line):
            blank = 0 if before.endswith(":") else 1
        kept += [""] * blank + [line]
        blank = 0
    return "\n".join(kept) + "\n"
