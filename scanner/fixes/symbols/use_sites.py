"""One fixable use of a deprecated name: where its name is, and which other edits it needs."""

from dataclasses import dataclass

from tree_sitter import Node

from scanner.fixes.context import FixContext
from scanner.fixes.edits.imports import already_means
from scanner.fixes.identity.tree import identities, model_of
from scanner.fixes.model import RefusedError
from scanner.fixes.symbols.annotations import Quoted, find_in_quotes
from scanner.fixes.symbols.calls import edit_call
from scanner.fixes.symbols.conditions import require
from scanner.fixes.symbols.replacement import Replacement
from scanner.fixes.text_edits import Edit
from scanner.model import Finding
from scanner.python.resolver import split_chain
from scanner.python.scopes import Binding

CALLS = frozenset({"call", "stored-call"})
_ASKS = frozenset({"isinstance", "issubclass", "callable", "hasattr", "type", "id", "repr"})


@dataclass(frozen=True, slots=True)
class Use:
    """One fixable use: its name node (or quoted annotation), and the edits besides that to the name.

    `ranges` are the byte ranges of the name's last component. `word` is the name if it is a single
    identifier; otherwise, `names` contains the full names that it may refer to.
    """

    finding: Finding
    name: Node
    edits: tuple[Edit, ...]
    ranges: tuple[tuple[int, int], ...]
    word: str
    names: tuple[str, ...] = ()

    @property
    def runs(self) -> bool:
        """Return whether the program reads the name; a quoted annotation is only for type checkers."""
        return self.name.type != "string"


def read_use(context: FixContext, target: Replacement, symbol: str, finding: Finding) -> Use:
    if finding.role in CALLS:
        call = context.node(finding, "call")
        function = call.child_by_field_name("function")
        while function is not None and function.type == "parenthesized_expression":
            function = function.named_child(0)
        if function is None:
            raise RefusedError("the call has an unsupported form")
        _require_name_itself(context, symbol, function)
        require(context, target, symbol, function)
        edits = edit_call(context, target, symbol, call, stored=finding.role == "stored-call")
        return _at(context, finding, function, edits)
    node = context.node(finding)
    while (
        node.type in {"type", "expression_statement", "parenthesized_expression"}
        and node.named_child_count == 1
    ):
        node = node.named_children[0]
    if node.type in {"string", "concatenated_string"}:
        quoted = find_in_quotes(context, node, symbol)
        if len(quoted.chain) > 1 and target.module == "builtins":
            return _quoted_builtin(context, target, finding, node, quoted)
        single = len(quoted.chain) == 1
        return Use(finding, node, (), quoted.ranges, quoted.chain[0] if single else "", quoted.names)
    if node.type not in {"identifier", "attribute"}:
        raise RefusedError("it is used in an unsupported way")
    _require_name_itself(context, symbol, node)
    if target.needs and not _is_only_inspected(context, node):
        arguments = ", ".join(need.name for need in target.needs)
        raise RefusedError(f"it is used without a call, and its callers would have to pass {arguments}")
    require(context, target, symbol, node)
    if _is_bound(context, node):
        raise RefusedError("the name is assigned or deleted here: change it by hand")
    return _at(context, finding, node, ())


def _require_name_itself(context: FixContext, symbol: str, node: Node) -> None:
    """Raise RefusedError if a use names something in a listed module, whose own replacement is unknown."""
    if any(name.startswith(f"{symbol}.") for name in context.source.resolve(node)):
        raise RefusedError(f"the rule names no replacement for this name of {symbol}: change it by hand")


def _quoted_builtin(
    context: FixContext, target: Replacement, finding: Finding, node: Node, quoted: Quoted
) -> Use:
    """Return a use through a module in quotes, whose whole dotted name becomes that of a builtin."""
    already_means(context, node, target.last, target.symbol, runs=False)
    size = len(".".join(quoted.chain[:-1]).encode()) + 1
    ranges = tuple((start - size, end) for start, end in quoted.ranges)
    return Use(finding, node, (), ranges, target.last, ())


def _at(context: FixContext, finding: Finding, node: Node, edits: tuple[Edit, ...]) -> Use:
    """Return a use through a plain name or an attribute."""
    name = node.child_by_field_name("attribute") if node.type == "attribute" else node
    if node.type == "identifier":
        return Use(finding, node, edits, ((node.start_byte, node.end_byte),), context.text(node))
    if name is None or split_chain(node) is None:
        raise RefusedError("it is accessed in an unsupported way")
    word_range = (name.start_byte, name.end_byte)
    return Use(finding, node, edits, (word_range,), "", tuple(context.source.resolve(node)))


def _is_only_inspected(context: FixContext, node: Node) -> bool:
    """Return whether a reference only inspects the object without ever calling it."""
    above = next(context.source.ancestors(node), None)
    if above is None:
        return False
    if above.type in {"comparison_operator", "type", "except_clause"}:
        return True
    if above.type == "argument_list":
        call = context.source.enclosing(above, "call")
        function = call.child_by_field_name("function") if call is not None else None
        return function is not None and context.text(function) in _ASKS
    return False


def _is_bound(context: FixContext, node: Node) -> bool:
    """Return whether a name is assigned or deleted here rather than read."""
    source = context.source
    if node.type == "identifier" and source.binding_at(node) is not None:
        return True
    above = next(source.ancestors(node), None)
    if above is None:
        return False
    return above.type == "delete_statement" or (
        above.type == "assignment" and above.child_by_field_name("left") == node
    )


def is_reachable(context: FixContext, target: Replacement, symbol: str, use: Use) -> bool:
    """Return whether the module through which the old name is used also provides the new one."""
    names = [f"{full.rpartition('.')[0]}.{target.last}" for full in use.names]
    return bool(names) and all(provides(context, target, symbol, name) for name in names)


def provides(context: FixContext, target: Replacement, symbol: str, name: str) -> bool:
    """Return whether a full name refers to the definition of the replacement, and not by the old symbol."""
    if name == symbol:
        return False
    found = model_of(context.workspace).named(name)
    if name == target.symbol:
        return True
    return identities(found) == identities(model_of(context.workspace).named(target.symbol)) and not any(
        symbol in one.names or one.kind == "missing" for one in found
    )


def bindings_of(context: FixContext, use: Use) -> tuple[Binding, ...]:
    """Return the bindings of the name in a use, if it is a single identifier."""
    if not use.word:
        return ()
    return context.source.lookup(use.name) if use.runs else context.source.lookup_word(use.word, use.name)
