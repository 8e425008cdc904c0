"""Adds the missing argument where it is in reach, and puts it in the place of a literal `None`.

Its type is that of the same name under `arguments` of a replacement in the plan; without one only names that
say it count.
"""

from collections.abc import Iterator, Sequence

from tree_sitter import Node

from scanner.fixes.context import Change, Outcome, Sheet
from scanner.fixes.cst.arguments import with_arguments, with_value
from scanner.fixes.model import RefusedError, refuse
from scanner.fixes.reach.available_values import reach
from scanner.fixes.reach.bindings import Need
from scanner.fixes.text_edits import Edit, between
from scanner.model import Finding
from scanner.plan import Plan, RuleSpec


def rewrite(sheet: Sheet, spec: RuleSpec, findings: Sequence[Finding]) -> Iterator[Outcome]:
    """One change for each call."""
    name: str = spec.options["argument"]
    need = Need(name, _type(sheet.plan, spec, name))
    for finding in findings:
        try:
            call = sheet.node(finding, "call")
            found = reach(sheet, call, need)
            edits = _edits(sheet, call, finding.role, spec, found.text)
            yield Change((finding,), (*edits, *found.edits))
        except RefusedError as error:
            yield refuse(finding, error)


def _type(plan: Plan, spec: RuleSpec, name: str) -> str:
    own = [spec, *plan.rules]
    types = (rule.replacement.arguments.get(name, "") for rule in own if rule.replacement)
    return next(filter(None, types), "")


def _edits(sheet: Sheet, call: Node, role: str, spec: RuleSpec, value: str) -> tuple[Edit, ...]:
    text = sheet.text(call)
    name: str = spec.options["argument"]
    position: int | None = spec.options.get("position")
    if role == "none":
        new = with_value(text, name, position, value)
    else:
        given = call.child_by_field_name("arguments")
        nodes = [node for node in given.named_children if node.type != "comment"] if given is not None else []
        plain = not any(node.type in {"keyword_argument", "list_splat", "dictionary_splat"} for node in nodes)
        if plain and position == len(nodes):
            new = with_arguments(text, [value], [])
        else:
            new = with_arguments(text, [], [(name, value)])
    return tuple(edit.moved(call.start_byte) for edit in between(text.encode(), new.encode()))
