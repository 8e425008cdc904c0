"""The signature of a function or class in the tree."""

from collections.abc import Sequence
from dataclasses import dataclass

from tree_sitter import Node

from scanner.python.source import Source


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter, excluding `self`.

    `kind` is `positional` (positional-only), `either`, `name` (keyword-only), `*` or `**`.
    """

    name: str
    kind: str
    needed: bool


@dataclass(frozen=True, slots=True)
class Signature:
    """A callable's parameters in order; None if they are unknown, as for a class without `__init__`."""

    parameters: tuple[Parameter, ...] | None
    is_async: bool
    line: int

    def problem(self, positional_count: int, names: Sequence[str]) -> str:
        """Return why a call with these arguments would fail, or an empty string if it would not."""
        if self.parameters is None:
            return ""
        positional = [p for p in self.parameters if p.kind in {"positional", "either"}]
        if positional_count > len(positional) and not any(p.kind == "*" for p in self.parameters):
            return f"takes {len(positional)} positional arguments, not {positional_count}"
        filled = {p.name for p in positional[:positional_count]}
        known = {p.name for p in self.parameters if p.kind in {"either", "name"}}
        anything = any(p.kind == "**" for p in self.parameters)
        for name in names:
            if name in filled:
                return f"would get {name} twice"
            if name not in known and not anything:
                return f"takes no argument {name}"
        missing = [
            p.name for p in self.parameters if p.needed and p.name not in filled and p.name not in names
        ]
        return f"needs {', '.join(missing)}, whose value is unknown" if missing else ""


def read_signature(source: Source, name: str) -> Signature | None:
    """Return the signature of a module-level function or class; None unless there is exactly one."""
    bound = [b for b in source.bindings(name) if b.scope == source.root and b.kind != "del"]
    if len(bound) != 1 or bound[0].kind not in {"def", "class"}:
        return None
    statement = bound[0].statement
    line = statement.start_point.row + 1
    wrapper = next(source.ancestors(statement), None)
    decorated = wrapper is not None and wrapper.type == "decorated_definition"
    if bound[0].kind == "class":
        return Signature(None if decorated else _of_class(source, statement), is_async=False, line=line)
    is_async = any(child.type == "async" for child in statement.children)
    return Signature(None if decorated else _parameters(source, statement), is_async, line)


def _of_class(source: Source, statement: Node) -> tuple[Parameter, ...] | None:
    if statement.child_by_field_name("superclasses") is not None:
        return None
    body = statement.child_by_field_name("body")
    for child in body.named_children if body is not None else ():
        name = child.child_by_field_name("name") if child.type == "function_definition" else None
        if name is not None and source.text(name) == "__init__":
            return _parameters(source, child)[1:]
    return None


def _parameters(source: Source, function: Node) -> tuple[Parameter, ...]:
    found: list[Parameter] = []
    around = function.child_by_field_name("parameters")
    kind = "either"
    for node in around.named_children if around is not None else ():
        if node.type == "positional_separator":
            found = [Parameter(p.name, "positional", p.needed) for p in found]
        elif node.type == "keyword_separator":
            kind = "name"
        elif node.type != "comment":
            inner = node.named_children[0] if node.type == "typed_parameter" else node
            if inner.type in {"list_splat_pattern", "dictionary_splat_pattern"}:
                star = "*" if inner.type == "list_splat_pattern" else "**"
                found.append(Parameter(source.text(inner).lstrip("*"), star, needed=False))
                kind = "name"
            else:
                name = node.child_by_field_name("name") or inner
                found.append(Parameter(source.text(name), kind, needed="default" not in node.type))
    return tuple(found)
