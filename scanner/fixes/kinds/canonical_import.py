"""Imports a listed name from its canonical module, merging it with an existing import from there.

A finding is refused if the canonical module does not define the name or imports this file (which would create
an import cycle), or if the name has a second binding.
"""

from collections.abc import Iterator, Sequence

from scanner.fixes.context import FixContext, Outcome, ProposedEdit
from scanner.fixes.cst.import_clauses import Alias
from scanner.fixes.edits.imports import comments_of, edit_import, find_import_of, find_position, insert_import
from scanner.fixes.identity.loading import find_way
from scanner.fixes.identity.tree import model_of
from scanner.fixes.model import RefusedError, refuse
from scanner.fixes.text_edits import Edit
from scanner.model import Finding
from scanner.plan import RuleSpec


def rewrite(context: FixContext, spec: RuleSpec, findings: Sequence[Finding]) -> Iterator[Outcome]:
    """Yield one change for each import; changes to the same statement are consecutive."""
    for finding in findings:
        name = finding.symbol.rpartition(".")[2]
        try:
            yield ProposedEdit((finding,), _edits(context, finding, name, spec.options["names"][name]))
        except RefusedError as error:
            yield refuse(finding, error)


def _edits(context: FixContext, finding: Finding, name: str, home: str) -> tuple[Edit, ...]:
    part = context.node(finding, "aliased_import", "dotted_name")
    local = part.child_by_field_name("alias") or part.named_children[-1]
    bound = context.source.binding_at(local)
    if bound is None:
        raise RefusedError("the import's binding could not be determined")
    workspace = context.workspace
    if workspace.has_package(home.partition(".")[0]) and not workspace.defines(f"{home}.{name}"):
        raise RefusedError(f"{home} does not define {name} yet")
    others = [b for b in context.source.bindings_in(bound.name, bound.scope) if b.node != bound.node]
    if any(other.target != f"{home}.{name}" for other in others):
        line = others[0].node.start_point.row + 1
        raise RefusedError(f"{bound.name} has a second binding on line {line}")
    if circle := find_way(model_of(workspace), home, context.source.module):
        raise RefusedError(
            f"{circle} imports this file, so importing {home} here would create an import cycle"
        )
    statement = bound.statement
    at = find_position(statement, bound)
    if others:
        return edit_import(context, statement, drop=[at])
    alias = Alias(name, bound.name if bound.name != name else "")
    comments = comments_of(context, statement, at)
    if (near := find_import_of(context, bound, home)) is not None:
        more = edit_import(context, near, add=[alias], comments=comments)
        return (*edit_import(context, statement, drop=[at]), *more)
    if len(statement.children_by_field_name("name")) == 1:
        return edit_import(context, statement, rename={at: name}, module=home)
    new = insert_import(context, statement, home, alias, comments)
    return (*edit_import(context, statement, drop=[at]), *new)
