"""Task lists in Markdown texts, as GitHub Flavored Markdown defines them: https://github.github.com/gfm/."""

import re

from markdown_it import MarkdownIt

_NESTING = 200
"""Levels of lists and quotes that are read, two for each list: GitHub draws no deeper ones either."""

_TASK = re.compile(r"\[([ xX])\]\s+(?=\S)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
# What stands inside a line doesn't matter, so only the blocks are parsed.
_PARSER = MarkdownIt("commonmark", {"maxNesting": _NESTING}).disable("inline")


def task_list(text: str) -> list[tuple[str, bool]]:
    """Return the tasks of a Markdown text in order, each with whether it is done.

    A task is a list item whose first block is a paragraph that begins with a box and has text after it.
    """
    tokens = _PARSER.parse(text)
    starts = zip(tokens, tokens[1:], tokens[2:], strict=False)
    items = (
        content.content
        for item, paragraph, content in starts
        if item.type == "list_item_open" and paragraph.type == "paragraph_open"
    )
    found = ((_TASK.match(item), item) for item in items)
    tasks = (
        (" ".join(_COMMENT.sub("", item[box.end() :]).split()), box[1] != " ") for box, item in found if box
    )
    return [(words, done) for words, done in tasks if words]
