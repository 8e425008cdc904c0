"""The stretches of text that belong to the entries of a mapping or a list.

An entry of a block collection owns its lines, and the comments right above it in the same column. Blank lines
and other comments between entries stay where they are.
"""

from dataclasses import dataclass

import yaml

from scanner.planfile.editing.document import Document, EditError, content_end, entries, is_block


@dataclass(frozen=True, slots=True)
class Region:
    """The text from `start` to `end` belongs to one entry, which itself begins at `entry`."""

    start: int
    entry: int
    end: int


def regions(document: Document, node: yaml.Node) -> list[Region]:
    """Return the regions of the entries of a collection, in order."""
    return _block_regions(document, node) if is_block(node) else _flow_regions(document, node)


def _flow_regions(document: Document, node: yaml.Node) -> list[Region]:
    found = []
    for key, value in entries(node):
        start = int(key.start_mark.index)
        found.append(Region(start, start, max(content_end(document.text, part) for part in (key, value))))
    return found


def _block_regions(document: Document, node: yaml.Node) -> list[Region]:
    text, column = document.text, int(node.start_mark.column)
    found: list[Region] = []
    for key, value in entries(node):
        after = found[-1].end if found else int(node.start_mark.index)
        if isinstance(node, yaml.SequenceNode):
            entry = _dash(text, after, column) if found else after
        else:
            entry = int(key.start_mark.index)
        end = line_end(text, max(content_end(text, part) for part in (key, value)), entry)
        line = line_start(text, entry)
        is_own_line = not text[line:entry].strip()
        lowest = found[-1].end if found else 0
        start = _with_comments(text, line, column, lowest) if is_own_line else entry
        found.append(Region(start, entry, end))
    return found


def _dash(text: str, after: int, column: int) -> int:
    """Return the position of the next dash of a block list in this column."""
    line = after
    while line < len(text):
        end = text.find("\n", line)
        end = len(text) if end < 0 else end
        if text[line : line + column].strip(" ") == "" and text[line + column : line + column + 1] == "-":
            return line + column
        line = end + 1
    raise EditError("this list is written in a way that a form can't edit; edit the YAML")


def _with_comments(text: str, line: int, column: int, lowest: int) -> int:
    """Return the start of the comment lines right above a line that are in the same column."""
    while line > lowest:
        above = line_start(text, line - 1)
        words = text[above:line]
        if above < lowest or not words.startswith(" " * column + "#"):
            break
        line = above
    return line


def line_start(text: str, index: int) -> int:
    """Return the position of the first character of the line that contains an index."""
    return text.rfind("\n", 0, index) + 1


def line_end(text: str, index: int, lowest: int = 0) -> int:
    """Return the position after the line that contains an index, or after the line before it if the index is
    its first character and lies above `lowest`.
    """
    if index > lowest and text[index - 1 : index] == "\n":
        return index
    end = text.find("\n", index)
    return len(text) if end < 0 else end + 1
