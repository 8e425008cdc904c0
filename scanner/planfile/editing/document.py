"""A plan's text with the positions of its nodes, in which an alias is a node of its own."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, cast

import yaml

from scanner.planfile.yaml_nodes import compose

Path = tuple[str | int, ...]
"""The way from the root to a node: keys of mappings and indexes of lists."""

ALIAS = "alias"
_BOM = "\ufeff"


class EditError(ValueError):
    """An edit that isn't possible; the message says why and what to do instead."""


class _Loader(yaml.SafeLoader):
    """Composes aliases as nodes with positions of their own, and notes the anchors of nodes."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        events: Any = self  # types-PyYAML leaves the parser's methods untyped
        if events.check_event(yaml.AliasEvent):
            event = events.get_event()
            return yaml.ScalarNode(ALIAS, event.anchor, event.start_mark, event.end_mark)
        anchor = events.peek_event().anchor
        node: yaml.Node | None = super().compose_node(parent, index)
        if anchor is not None and node is not None:
            vars(node)["anchor"] = anchor
        return node


class Document:
    """A text and its nodes. Positions are character indexes in `text`, which has no byte order mark.

    Raises PlanError if the text is not YAML, or exceeds the limits of a plan.
    """

    def __init__(self, text: str) -> None:
        compose(text, "plan")
        self.mark = _BOM if text.startswith(_BOM) else ""
        self.text = text.removeprefix(_BOM)
        self.root = cast("yaml.Node", _Loader(self.text).get_single_node())  # `compose` refuses an empty text

    @cached_property
    def newline(self) -> str:
        """Return the line end that most lines have."""
        return "\r\n" if self.text.count("\r\n") * 2 > self.text.count("\n") else "\n"

    @cached_property
    def sequence_indent(self) -> int:
        """Return by how many columns the lists of this document are indented within their mappings."""
        found = [
            value.start_mark.column - key.start_mark.column
            for node in self._nodes(self.root)
            if is_block(node) and isinstance(node, yaml.MappingNode)
            for key, value in node.value
            if isinstance(value, yaml.SequenceNode) and is_block(value)
        ]
        return found[0] if found and 0 <= found[0] <= 8 else 2

    def _nodes(self, node: yaml.Node) -> Iterator[yaml.Node]:
        yield node
        for _, value in entries(node):
            yield from self._nodes(value)

    def find(self, path: Path) -> yaml.Node | None:
        """Return the node at a path, or None if there is none. Raises `EditError` within an alias."""
        node = self.root
        for step in path:
            if node.tag == ALIAS:
                raise _shared(path)
            child = _child(node, step)
            if child is None:
                return None
            node = child
        return node

    def get(self, path: Path) -> yaml.Node:
        """Return the node at a path. Raises `EditError` if there is none."""
        node = self.find(path)
        if node is None:
            raise EditError(f"{'/'.join(map(str, path))} doesn't exist any more; nothing was changed")
        return node

    def check_editable(self, path: Path) -> None:
        """Raise `EditError` if an edit at this path would change other places as well, or other text."""
        for length in range(len(path) + 1):
            node = self.find(path[:length])
            if node is not None and ("anchor" in vars(node) or node.tag == ALIAS):
                raise _shared(path)
        node = self.find(path)
        if node is not None and any("anchor" in vars(part) for part in self._nodes(node)):
            raise _shared(path)

    def plain(self, path: Path = ()) -> Any:
        """Return the value at a path: texts of scalars, lists and dictionaries; None if there is none."""
        node = self.find(path)
        return None if node is None else plain(node)

    def source(self, path: Path) -> str:
        """Return the text of the node at a path, without the indentation of its first line."""
        node = self.find(path)
        if node is None:
            return ""
        lines = self.text[node.start_mark.index : content_end(self.text, node)].splitlines()
        column = node.start_mark.column
        return "\n".join(
            [*lines[:1], *(line[column:] if not line[:column].strip() else line for line in lines[1:])]
        )

    def line(self, path: Path) -> int:
        """Return the 1-based line of the node at a path, or of the closest ancestor that exists."""
        while (node := self.find(path)) is None:
            path = path[:-1]
        return int(node.start_mark.line) + 1


def entries(node: yaml.Node) -> list[tuple[yaml.Node, yaml.Node]]:
    """Return the key and the value of each entry of a mapping; of a list, each item twice."""
    if isinstance(node, yaml.MappingNode):
        return list(node.value)
    return [(item, item) for item in node.value] if isinstance(node, yaml.SequenceNode) else []


def is_block(node: yaml.Node) -> bool:
    """Return whether a mapping or a list is written in block style."""
    return isinstance(node, yaml.CollectionNode) and not node.flow_style


def plain(node: yaml.Node) -> Any:
    """Return the texts of a node's scalars, in lists and dictionaries."""
    if isinstance(node, yaml.MappingNode):
        return {key.value: plain(value) for key, value in node.value if isinstance(key, yaml.ScalarNode)}
    if isinstance(node, yaml.SequenceNode):
        return [plain(item) for item in node.value]
    return node.value


def content_end(text: str, node: yaml.Node) -> int:
    """Return the position after the last character of a node, without blank lines and comments after it."""
    if is_block(node):
        last = entries(node)[-1]
        return max(content_end(text, last[0]), content_end(text, last[1]))
    end = int(node.end_mark.index)
    if isinstance(node, yaml.ScalarNode) and node.style in {"|", ">"}:
        return len(text[:end].rstrip("\r\n \t"))
    return end


def _child(node: yaml.Node, step: str | int) -> yaml.Node | None:
    if isinstance(step, int):
        items = node.value if isinstance(node, yaml.SequenceNode) else []
        return items[step] if 0 <= step < len(items) else None
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for key, value in node.value if key.value == step), None)


def _shared(path: Path) -> EditError:
    name = "/".join(map(str, path))
    return EditError(
        f"{name} has an anchor or an alias, so a form could change several places; edit the YAML"
    )
