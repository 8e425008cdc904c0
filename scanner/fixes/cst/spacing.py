"""White space between list elements in LibCST, and lossless parsing of statements."""

import libcst as cst

from scanner.fixes.model import RefusedError


def parse_statement(text: str) -> cst.Module:
    """Parse one statement. Raises RefusedError if LibCST rejects it or would not reproduce it exactly."""
    try:
        module = cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        raise RefusedError(f"LibCST cannot read it: {error.message}") from error
    if len(module.body) != 1 or module.code != text:
        raise RefusedError("LibCST would not reproduce it exactly")
    return module


def comments_in(module: cst.Module) -> list[str]:
    """Return all comments in a text, in alphabetical order."""
    found = _Comments()
    module.visit(found)
    return sorted(found.texts)


class _Comments(cst.CSTVisitor):
    def __init__(self) -> None:
        self.texts: list[str] = []

    def visit_Comment(self, node: cst.Comment) -> None:  # noqa: N802  (LibCST's name)
        self.texts.append(node.value)


def code_with_comments(comments: list[str], module: cst.Module) -> str:
    """Return the code of a changed module. Raises RefusedError if a comment would be lost."""
    if comments_in(module) != comments:
        raise RefusedError("a comment would be lost: change the code by hand")
    return module.code


def without_comments(space: cst.BaseParenthesizableWhitespace) -> cst.BaseParenthesizableWhitespace:
    """Return the same white space without its comments and empty lines."""
    if not isinstance(space, cst.ParenthesizedWhitespace):
        return space
    first = space.first_line.with_changes(comment=None, whitespace=cst.SimpleWhitespace(""))
    return space.with_changes(first_line=first, empty_lines=[])


def with_comment(
    space: cst.BaseParenthesizableWhitespace, gap: cst.BaseParenthesizableWhitespace
) -> cst.BaseParenthesizableWhitespace:
    """Return the space after an element that used to be last, including the comment that followed it."""
    if isinstance(space, cst.ParenthesizedWhitespace) and space.first_line.comment is not None:
        if isinstance(gap, cst.ParenthesizedWhitespace):
            return gap.with_changes(first_line=space.first_line)
        return space
    return gap


def without_trailing_comment(comma: cst.Comma | cst.MaybeSentinel) -> cst.Comma | cst.MaybeSentinel:
    """Return a comma without the comment behind it; anything else is returned unchanged."""
    if not isinstance(comma, cst.Comma):
        return comma
    return comma.with_changes(whitespace_after=without_comments(comma.whitespace_after))
