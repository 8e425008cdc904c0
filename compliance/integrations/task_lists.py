"""Reads task lists in Markdown texts, as defined by GitHub Flavored Markdown
(https://github.github.com/gfm/).
"""

import re

from markdown_it import MarkdownIt

from compliance.lib.field_types import one_line

TASK = 500
"""Maximum number of characters stored per task."""

_NESTING = 200
"""Maximum nesting depth of lists (two levels each) and quotes. GitHub doesn't render deeper levels either."""

_TASK = re.compile(r"\[([ xX])\]\s+(?=\S)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
# Inline markup is irrelevant here, so only block structure is parsed.
_PARSER = MarkdownIt("commonmark", {"maxNesting": _NESTING}).disable("inline")


def task_list(text: str) -> list[tuple[str, bool]]:
    """Return the tasks in a Markdown text in order, each with a flag that is true if the task is done.

    A task is a list item whose first block is a paragraph that begins with a checkbox followed by text.
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


def checklist(body: str) -> tuple[tuple[str, bool], ...]:
    """Return the task list in an issue's body as (text, done) in order, as it is stored."""
    return tuple((one_line(text, TASK), done) for text, done in task_list(body))
