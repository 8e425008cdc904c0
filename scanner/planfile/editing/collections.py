"""Inserts, removes and moves the entries of mappings and lists."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import yaml

from scanner.planfile.editing.blocks import entry_lines, item_lines
from scanner.planfile.editing.document import Document, EditError, Path, is_block
from scanner.planfile.editing.regions import Region, line_end, line_start, regions
from scanner.planfile.editing.scalars import write_flow, write_scalar

_BLANK_LINE = re.compile(r"[ \t]*(?:\r?\n|\Z)")
_BLANK_LINES = re.compile(r"(?:^[ \t]*\r?\n)*\Z", re.MULTILINE)


def insert_entry(document: Document, path: Path, index: int, value: Any) -> str:
    """Return the text with another item in the list at a path, before the item with this index."""
    node = document.find(path)
    if not isinstance(node, yaml.SequenceNode):
        raise EditError(f"{'/'.join(map(str, path))} is not a list; edit the YAML")
    if not is_block(node):
        return _insert_in_flow(document, node, index, write_flow(value))
    flow = _prefers_flow(node)
    lines = item_lines(value, node.start_mark.column, document.sequence_indent, flow=flow)
    return insert_lines(document, node, index, lines)


def insert_key(document: Document, path: Path, value: Any, order: Sequence[str]) -> str:
    """Return the text with another key in a mapping, after those that precede it in this order."""
    node, key = document.find(path[:-1]), str(path[-1])
    if not isinstance(node, yaml.MappingNode):
        raise EditError(f"{'/'.join(map(str, path[:-1]))} is not a mapping; edit the YAML")
    before = order[: order.index(key)] if key in order else [name.value for name, _ in node.value]
    index = 1 + max((place for place, (name, _) in enumerate(node.value) if name.value in before), default=-1)
    if not is_block(node):
        return _insert_in_flow(document, node, index, f"{write_scalar(key)}: {write_flow(value)}")
    lines = entry_lines(key, value, node.start_mark.column, document.sequence_indent)
    return insert_lines(document, node, max(index, 1), lines)


def insert_lines(document: Document, node: yaml.Node, index: int, lines: Sequence[str]) -> str:
    """Return the text with lines before an entry of a block collection, or after its last one."""
    text, newline, found = document.text, document.newline, regions(document, node)
    spaced = _are_apart(text, found)
    block = newline.join(lines)
    if index < len(found):
        at = found[index].start
        if text[line_start(text, at) : at].strip():
            raise EditError("this list begins on the line of another one; edit the YAML")
        return text[:at] + block + newline * (2 if spaced else 1) + text[at:]
    at = found[-1].end
    blank = newline if spaced else ""
    if not text[:at].endswith("\n"):
        return text[:at] + newline + blank + block + text[at:]
    return text[:at] + blank + block + newline + text[at:]


def remove_entry(document: Document, path: Path) -> str:
    """Return the text without an entry. The only entry of a block collection leaves an empty one."""
    node, place = _parent(document, path)
    text, found = document.text, regions(document, node)
    if is_block(node):
        if len(found) == 1:
            return replace_block(document, path[:-1], "[]" if isinstance(node, yaml.SequenceNode) else "{}")
        return _without_lines(text, found, place)
    if place + 1 < len(found):
        return text[: found[place].start] + text[found[place + 1].start :]
    start = found[place - 1].end if place else found[place].start
    return text[:start] + text[found[place].end :]


def _without_lines(text: str, found: Sequence[Region], place: int) -> str:
    start, end = found[place].start, found[place].end
    if place == 0 and text[line_start(text, start) : start].strip():
        return text[:start] + text[found[1].entry :]  # the next entry takes its place on the line
    is_last_of_spaced = place == len(found) - 1 and _are_apart(text, found)
    if place and (is_last_of_spaced or _BLANK_LINE.match(text, end)):
        start -= len(_BLANK_LINES.search(text[found[place - 1].end : start])[0])  # type: ignore[index]
    return text[:start] + text[end:]


def move_entry(document: Document, path: Path, index: int) -> str:
    """Return the text with an entry at another position among its siblings. What is between entries stays."""
    node, place = _parent(document, path)
    text, found = document.text, regions(document, node)
    if not 0 <= index < len(found):
        raise EditError(f"{'/'.join(map(str, path))} can't be moved there; nothing was changed")
    is_open = is_block(node) and not text[: found[-1].end].endswith("\n")
    if is_open:  # the file's last line has no line end
        end = len(text)
        text += document.newline
        found = [Region(part.start, part.entry, len(text) if part.end == end else part.end) for part in found]
    order = list(range(len(found)))
    order.insert(index, order.pop(place))
    parts = [text[: found[0].start]]
    for number, source in enumerate(order):
        parts.append(text[found[source].start : found[source].end])
        following = found[number + 1].start if number + 1 < len(found) else len(text)
        parts.append(text[found[number].end : following])
    moved = "".join(parts)
    return moved.removesuffix(document.newline) if is_open else moved


def replace_block(document: Document, path: Path, words: str) -> str:
    """Return the text with a block collection replaced by words on the line of its key or its dash."""
    node = document.find(path)
    if node is None or not path:
        raise EditError("the whole document can't be replaced; edit the YAML")
    text, start = document.text, int(node.start_mark.index)
    end = start + len(text[start : regions(document, node)[-1].end].rstrip("\r\n"))
    if text[line_start(text, start) : start].strip():
        return text[:start] + words + text[end:]
    colon = after_colon(document, path)
    key_line = text[colon : line_end(text, colon)].rstrip("\r\n")
    return f"{text[:colon]} {words}{key_line}{text[end:]}"


def after_colon(document: Document, path: Path) -> int:
    """Return the position after the colon of the key at the end of a path."""
    above = document.find(path[:-1])
    keys = (
        [key for key, _ in above.value if key.value == path[-1]]
        if isinstance(above, yaml.MappingNode)
        else []
    )
    if not keys:
        raise EditError(
            f"{'/'.join(map(str, path))} is written in a way that a form can't edit; edit the YAML"
        )
    return document.text.index(":", keys[0].end_mark.index) + 1


def _insert_in_flow(document: Document, node: yaml.Node, index: int, words: str) -> str:
    text, found = document.text, regions(document, node)
    if index < len(found):
        at = found[index].start
        return f"{text[:at]}{words}, {text[at:]}"
    if found:
        at = found[-1].end
        return f"{text[:at]}, {words}{text[at:]}"
    at = int(node.end_mark.index) - 1
    return text[:at] + words + text[at:]


def _parent(document: Document, path: Path) -> tuple[yaml.Node, int]:
    node = document.get(path[:-1])
    if isinstance(node, yaml.MappingNode):
        return node, next(place for place, (key, _) in enumerate(node.value) if key.value == path[-1])
    return node, int(path[-1])


def _prefers_flow(node: yaml.Node) -> bool:
    """Return whether most mappings in a list are written in flow style."""
    mappings = [item for item in node.value if isinstance(item, yaml.MappingNode)]
    return sum(not is_block(item) for item in mappings) * 2 > len(mappings)


def _are_apart(text: str, found: Sequence[Region]) -> bool:
    """Return whether all entries are separated by blank lines."""
    gaps = [text[one.end : other.start].splitlines() for one, other in pairwise(found)]
    return bool(gaps) and all(any(not line.strip() for line in gap) for gap in gaps)
