"""The small template language of the demonstration's sources: flags, imports that merge, and names.

A line `%if flag`, `%if not flag`, `%else` or `%end` keeps or drops the lines between; `%import <statement>`
collects an import, and `%imports` says where all of them go; `${name}` is filled in.
"""

import re
import string
import sys
from collections.abc import Collection, Mapping
from functools import cache
from importlib.resources import files

_FROM = re.compile(r"from (\S+) import (.+)")
_SPARE_LINES = re.compile(r"\n{4,}")
_WIDEST = 100


@cache
def source(name: str) -> str:
    """The text of one file below `sources/`, named without its `.txt`."""
    return (files("compliance.demo") / "sources" / f"{name}.txt").read_text(encoding="utf-8")


def render(template: str, names: Mapping[str, str], flags: Collection[str] = ()) -> str:
    """The text that a template gives. Raises KeyError for a `${name}` that nobody filled in."""
    statements: list[str] = []
    kept: list[str] = []
    for line in _chosen(template, flags):
        if line.startswith("%import "):
            statements.append(string.Template(line.removeprefix("%import ")).substitute(names))
        else:
            kept.append(line)
    text = string.Template("\n".join(kept)).substitute(names)
    text = text.replace("%imports", _import_block(statements))
    return _SPARE_LINES.sub("\n\n\n", text).strip("\n") + "\n"


def _chosen(template: str, flags: Collection[str]) -> list[str]:
    chosen = []
    open_blocks: list[bool] = []
    for line in template.splitlines():
        if line.startswith("%if "):
            negated, flag = line.startswith("%if not "), line.split()[-1]
            open_blocks.append((flag in flags) is not negated)
        elif line == "%else":
            open_blocks[-1] = not open_blocks[-1]
        elif line == "%end":
            open_blocks.pop()
        elif all(open_blocks):
            chosen.append(line)
    return chosen


def _import_block(statements: list[str]) -> str:
    plain = {s for s in statements if not s.startswith("from ")}
    merged: dict[str, set[str]] = {}
    for statement in statements:
        if match := _FROM.fullmatch(statement):
            merged.setdefault(match.group(1), set()).update(match.group(2).split(", "))
    lines = [(s.split()[1], s) for s in sorted(plain)]
    lines += [(module, _from_line(module, sorted(merged[module]))) for module in sorted(merged)]
    stdlib = [text for module, text in lines if module.split(".")[0] in sys.stdlib_module_names]
    own = [text for _, text in lines if text not in stdlib]
    return "\n\n".join("\n".join(group) for group in (stdlib, own) if group)


def _from_line(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= _WIDEST:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")"
