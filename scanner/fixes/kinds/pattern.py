"""Replaces each match with the rule's `fix`.

`$NAME` and `$$$NAME` in it are replaced by the code that these placeholders matched in the pattern. A finding
is refused if the fix uses a name that is not bound in the file.
"""

import ast
import re
from collections.abc import Iterator, Sequence

from ast_grep_py import SgNode, SgRoot
from tree_sitter import Node

from scanner.fixes.context import FixContext, Outcome, ProposedEdit
from scanner.fixes.identity.substitution import Substitution, hole
from scanner.fixes.identity.tree import model_of
from scanner.fixes.model import RefusedError, refuse
from scanner.fixes.text_edits import Edit
from scanner.model import Finding, RepoPath
from scanner.plan import RuleSpec
from scanner.python.builtin_names import BUILTINS
from scanner.rules.pattern import REST, is_in_list, search_config

_HOLE = re.compile(r"\$\$\$([A-Z_][A-Z_0-9]*)|\$([A-Z_][A-Z_0-9]*)")
# Parents in which an expression is a statement of its own, and parents that delimit it.
_STATEMENTS = frozenset({"expression_statement", "module", "block"})
_DELIMITS = frozenset(
    {"argument_list", "parenthesized_expression", "list", "tuple", "set", "assignment", "return_statement"}
    | {"keyword_argument", "augmented_assignment", "pair", "subscript", "interpolation"}
)
_OPENS = ("(", "[", "{", ",")
_CLOSES = (")", "]", "}", ",")
_LOOSE = (
    *(ast.BinOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Lambda, ast.UnaryOp, ast.Await, ast.NamedExpr),
    *(ast.Yield, ast.YieldFrom, ast.Starred, ast.GeneratorExp),
)


def rewrite(context: FixContext, spec: RuleSpec, findings: Sequence[Finding]) -> Iterator[Outcome]:
    """Yield one change for each match; a match nested inside another one waits for the next round."""
    text = context.source.data.decode()
    # The matches are those of the scan, which reads the text without what the grammar misreads.
    root = SgRoot(context.source.parsed.decode(), "python").root()
    matches = {_range(text, match): match for match in root.find_all(search_config(spec.options))}
    for finding in findings:
        start = context.offset(finding.line, finding.column)
        at = start, context.offset(finding.end_line, finding.end_column)
        try:
            if at not in matches:
                raise RefusedError("the reported code could not be found again")
            yield ProposedEdit((finding,), (_edit(context, spec, text, matches[at], start),))
        except RefusedError as error:
            yield refuse(finding, error)


def _range(text: str, match: SgNode) -> tuple[int, int]:
    start, end = match.range().start.index, match.range().end.index
    return (start, end) if text.isascii() else (len(text[:start].encode()), len(text[:end].encode()))


def _code(text: str, node: SgNode) -> str:
    """Return the code of a node as it is written."""
    span = node.range()
    return text[span.start.index : span.end.index]


def _edit(context: FixContext, spec: RuleSpec, text: str, match: SgNode, start: int) -> Edit:
    fix = _without_empty_rests(spec.options["fix"], match)
    end = start + len(_code(text, match).encode())
    node = context.source.root.descendant_for_byte_range(start, end) or context.source.root
    above = next(context.source.ancestors(node), None)
    is_alone = above is None or above.type in _STATEMENTS
    new = _HOLE.sub(lambda placeholder: _filled(text, match, fix, placeholder, is_alone=is_alone), fix)
    if above is not None and above.type not in _DELIMITS and not is_alone and _is_loose(new):
        new = f"({new})"
    if any(comment not in new for comment in _comments(context, node, start, end)):
        raise RefusedError("a comment would be lost: change the code by hand")
    for name in _names(new) - _names(_code(text, match)):
        if not context.source.lookup_word(name, node) and name not in BUILTINS:
            raise RefusedError(f"the fix uses {name}, which nothing in this file binds: import it first")
    new = _within(node, fix, new)
    return Edit(start, end, _fitting(context, _substitution(text, match, fix), start, end, new).encode())


def _substitution(text: str, match: SgNode, fix: str) -> Substitution | None:
    """Return the fix as a template; None if it is no Python by itself."""
    one: dict[str, str] = {}
    many: dict[str, str] = {}

    def name(placeholder: re.Match[str]) -> str:
        several, single = placeholder.groups()
        found = match.get_match(single) if single else None
        if found is not None:
            one[single] = _code(text, found)
        elif several:
            nodes = match.get_multiple_matches(several)
            many[several] = text[nodes[0].range().start.index : nodes[-1].range().end.index] if nodes else ""
        return hole(several or single, many=bool(several))

    try:
        return Substitution(_HOLE.sub(name, fix), one, many)
    except SyntaxError:
        return None


def _fitting(context: FixContext, substitution: Substitution | None, start: int, end: int, new: str) -> str:
    """Return the new text, in parentheses or after a space if the code around it needs them.

    Raises RefusedError if the statement would mean something else than the fix says.
    """
    module = model_of(context.workspace).module_at(RepoPath(context.source.path))
    if substitution is None or module is None:
        return new
    for text in (new, f"({new})", f" {new}"):
        if substitution.fits(module, start, end, text):
            return text
    if not substitution.is_expression:
        raise RefusedError("the fix is a statement, and this code is only part of one: change it by hand")
    raise RefusedError("the code around it would mean something else: change it by hand")


def _without_empty_rests(fix: str, match: SgNode) -> str:
    """Return a fix without each `, $$$NAME` that matched nothing."""
    for rest in reversed(tuple(REST.finditer(fix))):
        if rest[1] and not match.get_multiple_matches(rest[1]) and is_in_list(fix, rest.end()):
            fix = fix[: rest.start()] + fix[rest.end() :]
    return fix


def _filled(text: str, match: SgNode, fix: str, placeholder: re.Match[str], *, is_alone: bool) -> str:
    """Return the text for a placeholder in the fix, parenthesised if the surrounding operators require it."""
    many, one = placeholder.groups()
    if one:
        matched = match.get_match(one)
        if matched is None:
            return ""
        code = _code(text, matched)
        before, after = fix[: placeholder.start()].rstrip(), fix[placeholder.end() :].lstrip()
        if before.endswith(_OPENS) and after.startswith(_CLOSES):
            return code
        is_last = is_alone and not after and before.rpartition(" ")[2] in {"assert", "return"}
        loose = _is_loose(code) and not is_last
        return f"({code})" if loose or _breaks_off(code) else code
    nodes = match.get_multiple_matches(many)
    if not nodes:
        return ""
    return text[nodes[0].range().start.index : nodes[-1].range().end.index]


def _comments(context: FixContext, node: Node, start: int, end: int) -> Iterator[str]:
    """Yield the comments between two offsets."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if part.type == "comment" and start <= part.start_byte < end:
            yield context.text(part)
        waiting += part.children


def _is_loose(code: str) -> bool:
    """Return whether adjacent operators could bind to only part of an expression."""
    try:
        tree = ast.parse(f"({code})", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    whole = code.strip()
    if tree.col_offset > len(code) - len(code.lstrip()) + 1:
        return False  # it is in parentheses already
    return isinstance(tree, _LOOSE) or (isinstance(tree, ast.Tuple) and not whole.startswith("("))


def _breaks_off(code: str) -> bool:
    """Return whether an expression continues on another line outside any parentheses."""
    if "\n" not in code:
        return False
    try:
        ast.parse(code.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    return False


def _names(code: str) -> set[str]:
    """Return the names that a piece of code reads."""
    try:
        tree = ast.parse(code.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _within(node: Node, fix: str, new: str) -> str:
    """Return the fix with its continuation lines indented like the match."""
    if "\n" not in fix:
        return new
    return new.replace("\n", "\n" + " " * node.start_point.column)
