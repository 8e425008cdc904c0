"""Removes imports that edits have repeated: each name is imported once in a block."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from tree_sitter import Node

from scanner.fixes.context import FixContext
from scanner.fixes.edits.imports import comments_of, edit_import
from scanner.fixes.edits.removal import statements_in
from scanner.fixes.import_order.block import blocks_in
from scanner.fixes.model import RefusedError
from scanner.fixes.text_edits import Edit, apply_edits, compose, ranges_after
from scanner.fixes.workspace import Workspace
from scanner.model import RepoPath
from scanner.python.imports import origin
from scanner.python.source import Source

_FROM = "import_from_statement"


@dataclass(frozen=True, slots=True)
class _Import:
    """One name in a `from` import, and whether an edit touched the statement."""

    statement: Node
    at: int
    local: Node
    is_touched: bool


def drop_repeated_imports(
    workspace: Workspace, path: RepoPath, data: bytes, edits: Sequence[Edit]
) -> list[Edit]:
    """Return edits that lead to the same text, but import no name twice in one block because of them."""
    after = apply_edits(data, edits)
    source = Source(path, after, workspace.plan.scope.source_roots)
    if source.fault:
        return list(edits)
    context = FixContext(workspace, source)
    dropped: dict[int, tuple[Node, list[int]]] = {}
    for first, second in _repeats(context, ranges_after(edits)):
        gone = second
        if first.is_touched and not second.is_touched and _has_own_comments(context, first, second):
            gone = first
        dropped.setdefault(gone.statement.id, (gone.statement, []))[1].append(gone.at)
    further: list[Edit] = []
    for statement, names in dropped.values():
        with suppress(RefusedError):  # in a `try`, a repeated import does no harm
            further += edit_import(context, statement, drop=sorted(set(names)))
    return compose(data, edits, further) if further else list(edits)


def _repeats(context: FixContext, ranges: Sequence[tuple[int, int]]) -> Iterator[tuple[_Import, _Import]]:
    """Yield each name that a block imports again although an earlier import binds it to the same thing."""
    source = context.source
    for block in blocks_in(source.root):
        seen: dict[tuple[str, str, str], _Import] = {}
        every = list(_imports_in(block, ranges))
        bound = Counter(context.text(one.local) for one in every)
        for one in every:
            part = one.statement.children_by_field_name("name")[one.at]
            module = origin(one.statement, source.module, source.package) or ""
            key = (module, context.text(part).split()[0], context.text(one.local))
            first = seen.setdefault(key, one)
            if first is one or not (first.is_touched or one.is_touched):
                continue
            binding = source.binding_at(one.local)
            # Something else that binds the name could be what the second import is for.
            if binding is not None and len(source.bindings_in(key[2], binding.scope)) == bound[key[2]]:
                yield first, one


def _imports_in(block: Node, ranges: Sequence[tuple[int, int]]) -> Iterator[_Import]:
    for statement in statements_in(block):
        if statement.type == _FROM:
            is_touched = any(
                start <= statement.end_byte and statement.start_byte <= end for start, end in ranges
            )
            for at, part in enumerate(statement.children_by_field_name("name")):
                local = part.child_by_field_name("alias") or part.named_children[-1]
                yield _Import(statement, at, local, is_touched)


def _has_own_comments(context: FixContext, first: _Import, second: _Import) -> bool:
    """Return whether the second import has comments, and nothing between the two uses the name."""
    start, end = first.statement.end_byte, second.statement.start_byte
    is_used = next(context.source.offsets(context.text(second.local), start, end), None) is not None
    return not is_used and bool(comments_of(context, second.statement, second.at))
