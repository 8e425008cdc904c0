"""Gives a node another value, with as little change of the text as possible."""

import json
import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

import yaml

from scanner.planfile.editing.blocks import entry_lines, is_short
from scanner.planfile.editing.collections import (
    after_colon,
    insert_entry,
    insert_key,
    remove_entry,
    replace_block,
)
from scanner.planfile.editing.document import Document, EditError, Path, content_end, is_block, plain
from scanner.planfile.editing.expected import texts
from scanner.planfile.editing.regions import line_end
from scanner.planfile.editing.scalars import write_flow, write_scalar


def set_value(document: Document, path: Path, value: Any, order: Sequence[str] = ()) -> str:
    """Return the text in which the node at a path has this value.

    Of a list, only the items that differ are changed, and of a mapping only the keys that do.
    """
    node = document.find(path)
    if node is None:
        return insert_key(document, path, value, order)
    if isinstance(value, Mapping) and isinstance(node, yaml.MappingNode) and value and node.value:
        return _set_keys(document, path, value)
    if isinstance(value, (list, tuple)) and isinstance(node, yaml.SequenceNode) and value and node.value:
        return _set_items(document, path, list(value))
    if is_block(node):
        emptied = replace_block(document, path, "null")
        return emptied if value is None else set_value(Document(emptied), path, value)
    above = document.find(path[:-1])
    if above is not None and is_block(above) and isinstance(above, yaml.MappingNode):
        column = len(str(path[-1])) + int(above.start_mark.column)
        if not is_short(value, column):
            return _set_block(document, path, value)
    return _replace(document, node, value)


def rename_key(document: Document, path: Path, name: str) -> str:
    """Return the text in which the key at the end of a path has another name."""
    above = document.find(path[:-1])
    if not isinstance(above, yaml.MappingNode):
        raise EditError(f"{'/'.join(map(str, path))} is not in a mapping; edit the YAML")
    key = next(key for key, _ in above.value if key.value == path[-1])
    words = write_scalar(name, key.style)
    return document.text[: key.start_mark.index] + words + document.text[key.end_mark.index :]


def _replace(document: Document, node: yaml.Node, value: Any) -> str:
    text, start = document.text, int(node.start_mark.index)
    style = node.style if isinstance(node, yaml.ScalarNode) else None
    is_collection = isinstance(value, (Mapping, Sequence)) and not isinstance(value, str)
    if style in {"|", ">"} and isinstance(value, str) and (block := _block_scalar(document, node, value)):
        return block
    words = write_flow(value) if is_collection else write_scalar(value, style)
    end = content_end(text, node)
    words += _beside(text, node) if style in {"|", ">"} else ""
    space = " " if start == end and text[:start].endswith((":", "-")) else ""
    return text[:start] + space + words + text[end:]


def _block_scalar(document: Document, node: yaml.Node, value: str) -> str:
    """Return the text in which a block scalar has another text of several lines, with the indentation and the
    comment that it had; empty if this text can't be written so.
    """
    text, start = document.text, int(node.start_mark.index)
    body = value.removesuffix("\n")
    below = re.search(r"\n(?:[ \t]*\r?\n)*( *)\S", text[start : content_end(text, node)])
    if below is None or "\n" not in value or not body or body != body.strip() or not _are_printable(body):
        return ""
    style = ">" if text[start] == ">" and "\n" not in body else "|"
    chomping = "" if value.endswith("\n") else "-"
    lines = [below[1] + line if line else "" for line in body.split("\n")]
    words = document.newline.join([style + chomping + _beside(text, node), *lines])
    changed = text[:start] + words + text[content_end(text, node) :]
    return changed if changed.endswith("\n") else changed + document.newline


def _beside(text: str, node: yaml.Node) -> str:
    """Return the comment on the first line of a block scalar, with the spaces before it."""
    start = int(node.start_mark.index)
    return re.sub(r"^[|>][0-9+-]*", "", text[start : line_end(text, start)].rstrip("\r\n"))


def _are_printable(text: str) -> bool:
    return all(line.isprintable() for line in text.split("\n"))


def _set_block(document: Document, path: Path, value: Any) -> str:
    """Replace a value on the line of its key by lines below it. A comment beside it stays."""
    node, above = document.get(path), document.get(path[:-1])
    text, newline = document.text, document.newline
    column = int(above.start_mark.column)
    _, *lines = entry_lines(str(path[-1]), value, column, document.sequence_indent)
    end = content_end(text, node)
    stop = line_end(text, end, end + 1)
    beside = text[end:stop].rstrip("\r\n")
    kept = text[: after_colon(document, path)] + (f"  {beside.strip()}" if beside.strip() else "")
    return kept + newline + newline.join(lines) + text[end + len(beside) :]


def _set_keys(document: Document, path: Path, value: Mapping[str, Any]) -> str:
    known = plain(document.get(path))
    for key in [key for key in known if key not in value]:
        document = Document(remove_entry(document, (*path, key)))
    for key, part in value.items():
        if key not in known or known[key] != texts(part):
            document = Document(set_value(document, (*path, key), part, list(value)))
    return document.text


def _set_items(document: Document, path: Path, value: list[Any]) -> str:
    parts = (plain(document.get(path)), texts(value))
    old, new = ([json.dumps(item, sort_keys=True) for item in part] for part in parts)
    for action, low, high, first, last in reversed(
        SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    ):
        if action == "equal":
            continue
        common = min(high - low, last - first)
        # Insert before removing, so that a block list is never empty in between.
        for place in reversed(range(first + common, last)):
            document = Document(insert_entry(document, path, low + common, value[place]))
        for place in range(common):
            document = Document(set_value(document, (*path, low + place), value[first + place]))
        for place in reversed(range(low + common, high)):
            document = Document(remove_entry(document, (*path, place)))
    return document.text
