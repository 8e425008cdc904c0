"""Adds a missing argument if a value for it is available, or replaces a literal `None`.

The argument's type is given under `arguments` in the plan's replacement. Without a type, values are found
only by name.
"""

from collections.abc import Iterator, Sequence

from tree_sitter import Node

from scanner.fixes.context import FixContext, Outcome, ProposedEdit
from scanner.fixes.cst.arguments import add_arguments, replace_argument
from scanner.fixes.model import RefusedError, refuse
from scanner.fixes.reach.available_values import find_value
from scanner.fixes.reach.bindings import Need
from scanner.fixes.text_edits import Edit, edits_between
from scanner.model import Finding
from scanner.plan import Plan, RuleSpec


def rewrite(context: FixContext, spec: RuleSpec, findings: Sequence[Finding]) -> Iterator[Outcome]:
    """Yield one change for each call."""
    name: str = spec.options["argument"]
    need = Need(name, _type(context.plan, spec, name), may_be_none=spec.options.get("allow_none", False))
    for finding in findings:
        try:
            call = context.node(finding, "call")
            found = find_value(context, call, need)
            edits = _edits(context, call, finding.role, spec, found.text)
            yield ProposedEdit((finding,), (*edits, *found.edits))
        except RefusedError as error:
            yield refuse(finding, error)


def _type(plan: Plan, spec: RuleSpec, name: str) -> str:
    own = [spec, *plan.rules]
    types = (rule.replacement.arguments.get(name, "") for rule in own if rule.replacement)
    return next(filter(None, types), "")


def _edits(context: FixContext, call: Node, role: str, spec: RuleSpec, value: str) -> tuple[Edit, ...]:
    text = context.text(call)
    name: str = spec.options["argument"]
    position: int | None = spec.options.get("position")
    if role == "none":
        new = replace_argument(text, name, position, value)
    else:
        given = call.child_by_field_name("arguments")
        nodes = [node for node in given.named_children if node.type != "comment"] if given is not None else []
        plain = not any(node.type in {"keyword_argument", "list_splat", "dictionary_splat"} for node in nodes)
        if plain and position == len(nodes):
            new = add_arguments(text, [value], [])
        else:
            new = add_arguments(text, [], [(name, value)])
    return tuple(edit.moved(call.start_byte) for edit in edits_between(text.encode(), new.encode()))
