"""Writes the rule's own `fix:` in the place of each match.

`$NAME` in it stands for what the pattern's `$NAME` took, `$$$NAME` for what `$$$NAME` took, as it is written
in the file. Left alone where the fix uses a name that nothing in the file binds.
"""

import ast
import builtins
import re
from collections.abc import Iterator, Sequence

from ast_grep_py import SgNode, SgRoot
from tree_sitter import Node

from scanner.plan import RuleSpec
from scanner.rewrite.edits import Edit
from scanner.rewrite.sheet import Change, Outcome, RefusedError, Sheet, refuse
from scanner.values import Finding

_HOLE = re.compile(r"\$\$\$([A-Z_][A-Z_0-9]*)|\$([A-Z_][A-Z_0-9]*)")


def rewrite(sheet: Sheet, spec: RuleSpec, findings: Sequence[Finding]) -> Iterator[Outcome]:
    """One change for each match; a match inside another one waits for the next round."""
    config = {
        "rule": {"pattern": spec.options["pattern"]}
        if "pattern" in spec.options
        else dict(spec.options["rule"])
    }
    text = sheet.source.data.decode()
    root = SgRoot(text, "python").root()
    matches = {_start(text, match): match for match in root.find_all(config)}  # type: ignore[call-overload]
    for finding in findings:
        start = sheet.offset(finding.line, finding.column)
        try:
            if start not in matches:
                raise RefusedError("the place could not be found again in the text")
            yield Change((finding,), (_edit(sheet, spec, text, matches[start], start),))
        except RefusedError as error:
            yield refuse(finding, error)


def _start(text: str, match: SgNode) -> int:
    return len(text[: match.range().start.index].encode())


def _edit(sheet: Sheet, spec: RuleSpec, text: str, match: SgNode, start: int) -> Edit:
    fix: str = spec.options["fix"]
    new = _HOLE.sub(lambda hole: _filled(text, match, hole), fix)
    end = start + len(match.text().encode())
    node = sheet.source.root.descendant_for_byte_range(start, end)
    if node is not None:
        for name in _loose(new) - _loose(match.text()):
            if not sheet.source.lookup_word(name, node) and not hasattr(builtins, name):
                raise RefusedError(f"the fix uses {name}, which nothing in this file binds: import it first")
    return Edit(start, end, _within(node, new).encode())


def _filled(text: str, match: SgNode, hole: re.Match[str]) -> str:
    many, one = hole.groups()
    if one:
        taken = match.get_match(one)
        return taken.text() if taken is not None else ""
    nodes = match.get_multiple_matches(many)
    if not nodes:
        return ""
    return text[nodes[0].range().start.index : nodes[-1].range().end.index]


def _loose(code: str) -> set[str]:
    """The names that a piece of code reads."""
    try:
        tree = ast.parse(code.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _within(node: Node | None, new: str) -> str:
    """The fix, its further lines as far in as the place is."""
    if node is None or "\n" not in new:
        return new
    return new.replace("\n", "\n" + " " * node.start_point.column)
