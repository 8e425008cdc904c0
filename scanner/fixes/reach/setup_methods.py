"""Identifies methods that run before an object's other methods: `__init__` and the set-up methods of tests.

The order follows the documentation of unittest ("TestCase objects") and pytest ("xunit-style set-up",
"Autouse fixtures").
"""

from tree_sitter import Node

from scanner.fixes.context import FixContext
from scanner.fixes.edits.removal import BLOCKS
from scanner.fixes.reach.base_classes import ClassNode, Lineage
from scanner.python.classes import methods
from scanner.python.decorators import decorators

_SETUPS = frozenset({"setUp", "asyncSetUp", "setup_method"})
_TEARDOWNS = frozenset({"tearDown", "asyncTearDown", "teardown_method"})
FIXTURES = ("@pytest.fixture", "@fixture", "@pytest_asyncio.fixture")


def decorators_of(context: FixContext, method: Node) -> list[str]:
    """Return the decorators of a function or class."""
    return [context.text(child) for child in decorators(context.source, method)]


def runs_in_teardown(line: Lineage, depth: int, assignment: Node, at: Node) -> bool:
    """Return true if an assignment runs only after the test, so that test code never sees its value."""
    one = line.kin[depth]
    function = one.context.source.enclosing(assignment, "function_definition")
    ends = function is not None and line.kin[0].context.is_test and _name(one.context, function) in _TEARDOWNS
    own = _method_of(line.kin[0], at)
    return ends and own is not None and _name(line.kin[0].context, own) not in _TEARDOWNS


def has_run_before(line: Lineage, depth: int, assignment: Node, at: Node) -> bool:
    """Return true if an assignment in one of the lineage's classes is guaranteed to have run when a node is
    reached.

    `depth` is the index of that class in the lineage.
    """
    one = line.kin[depth]
    function = one.context.source.enclosing(assignment, "function_definition")
    body = function.child_by_field_name("body") if function is not None else None
    if function is None or one.context.source.enclosing(assignment, *BLOCKS) != body:
        return False
    name, own = _name(one.context, function), _method_of(line.kin[0], at)
    if depth == 0 and own == function:
        return _runs_first(line, one.context, function) and assignment.end_byte <= at.start_byte
    if own is None or not _runs_first(line, one.context, function):
        return False
    if name not in {"__init__", _name(line.kin[0].context, own)} and _runs_first(
        line, line.kin[0].context, own
    ):
        return False  # the order of two set-up methods is not guaranteed
    return all(_passes_on(lower, name, own, at) for lower in line.kin[:depth])


def is_not_overridden(line: Lineage, depth: int, name: str) -> bool:
    """Return true if no class below the given depth in the lineage overrides a method."""
    return not any(_name(k.context, m) == name for k in line.kin[:depth] for m in methods(k.node))


def _runs_first(line: Lineage, context: FixContext, function: Node) -> bool:
    """Return true if a method runs before the methods that use the object."""
    name, marks = _name(context, function), decorators_of(context, function)
    if name == "__init__":
        return not marks
    if not line.kin[0].context.is_test or not (_is_collected(line) or line.is_unittest):
        return False
    is_async = any(child.type == "async" for child in function.children)
    if len(marks) == 1 and marks[0].startswith(FIXTURES) and "autouse=True" in marks[0]:
        return not is_async or (marks[0].startswith("@pytest_asyncio") and not line.is_unittest)
    if marks or name not in _SETUPS:
        return False
    return is_async == (name == "asyncSetUp") and (name == "setup_method" or line.is_unittest)


def _is_collected(line: Lineage) -> bool:
    """Return true if pytest collects the class as tests, judging by its name."""
    return _name(line.kin[0].context, line.kin[0].node).startswith("Test")


def _passes_on(lower: ClassNode, name: str, method: Node, at: Node) -> bool:
    """Return true if a class inherits a method, or calls the base class's method before a node in
    `method`.
    """
    own = next((m for m in methods(lower.node) if _name(lower.context, m) == name), None)
    if own is None:
        return True
    body = own.child_by_field_name("body")
    return any(
        statement.type == "expression_statement" and _calls_base(lower.context, statement, name)
        for statement in (body.named_children if body is not None else ())
        if own != method or statement.end_byte <= at.start_byte
    )


def _calls_base(context: FixContext, statement: Node, name: str) -> bool:
    """Return true if a statement is `super().name(...)`, with or without `await`."""
    call = statement.named_children[0] if statement.named_children else None
    if call is not None and call.type == "await":
        call = call.named_children[0]
    function = call.child_by_field_name("function") if call is not None and call.type == "call" else None
    text = "".join(context.text(function).split()) if function is not None else ""
    return text.startswith("super(") and text.endswith(f").{name}") and text.count(".") == 1


def _method_of(one: ClassNode, at: Node) -> Node | None:
    """Return the method of a class that encloses a node, or None if no method does."""
    for above in one.context.source.ancestors(at):
        if above.type == "function_definition" and any(m == above for m in methods(one.node)):
            return above
    return None


def _name(context: FixContext, definition: Node) -> str:
    name = definition.child_by_field_name("name")
    return context.text(name) if name is not None else ""
