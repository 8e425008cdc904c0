"""Methods that run before the others of an object: `__init__`, and in tests what prepares each of them.

What runs when is told by the documentation of unittest ("TestCase objects") and of pytest ("xunit-style
set-up", "Autouse fixtures").
"""

from collections.abc import Iterator

from tree_sitter import Node

from scanner.fixes.context import Sheet
from scanner.fixes.edits.removal import BLOCKS
from scanner.fixes.reach.base_classes import Kin, Lineage

_SETUPS = frozenset({"setUp", "asyncSetUp", "setup_method"})
_TEARDOWNS = frozenset({"tearDown", "asyncTearDown", "teardown_method"})
FIXTURES = ("@pytest.fixture", "@fixture", "@pytest_asyncio.fixture")


def methods(owner: Node) -> Iterator[Node]:
    """The functions that stand in a class body, decorated or not."""
    body = owner.child_by_field_name("body")
    for child in body.named_children if body is not None else ():
        method = child.child_by_field_name("definition") if child.type == "decorated_definition" else child
        if method is not None and method.type == "function_definition":
            yield method


def marks_of(sheet: Sheet, method: Node) -> list[str]:
    """The decorators of a function or class."""
    wrapper = next(sheet.source.ancestors(method), None)
    if wrapper is None or wrapper.type != "decorated_definition":
        return []
    return [sheet.text(child) for child in wrapper.named_children if child.type == "decorator"]


def comes_after(line: Lineage, depth: int, assignment: Node, at: Node) -> bool:
    """Whether an assignment is made only when a test is over, so that no place of the test sees it."""
    one = line.kin[depth]
    function = one.sheet.source.enclosing(assignment, "function_definition")
    ends = function is not None and line.kin[0].sheet.is_test and _name(one.sheet, function) in _TEARDOWNS
    own = _method_of(line.kin[0], at)
    return ends and own is not None and _name(line.kin[0].sheet, own) not in _TEARDOWNS


def is_there(line: Lineage, depth: int, assignment: Node, at: Node) -> bool:
    """Whether an assignment in the class so far up has surely run when a node of the first is reached."""
    one = line.kin[depth]
    function = one.sheet.source.enclosing(assignment, "function_definition")
    body = function.child_by_field_name("body") if function is not None else None
    if function is None or one.sheet.source.enclosing(assignment, *BLOCKS) != body:
        return False
    name, own = _name(one.sheet, function), _method_of(line.kin[0], at)
    if depth == 0 and own == function:
        return _begins(line, one.sheet, function) and assignment.end_byte <= at.start_byte
    if own is None or not _begins(line, one.sheet, function):
        return False
    if name not in {"__init__", _name(line.kin[0].sheet, own)} and _begins(line, line.kin[0].sheet, own):
        return False  # which of two that prepare comes first is not asked
    return all(_passes_on(lower, name, own, at) for lower in line.kin[:depth])


def inherits(line: Lineage, depth: int, name: str) -> bool:
    """Whether no class below the one so far up has a method of that name."""
    return not any(_name(k.sheet, m) == name for k in line.kin[:depth] for m in methods(k.node))


def _begins(line: Lineage, sheet: Sheet, function: Node) -> bool:
    """Whether a method runs before all those that only use the object."""
    name, marks = _name(sheet, function), marks_of(sheet, function)
    if name == "__init__":
        return not marks
    if not line.kin[0].sheet.is_test or not (_is_collected(line) or line.is_unittest):
        return False
    is_async = any(child.type == "async" for child in function.children)
    if len(marks) == 1 and marks[0].startswith(FIXTURES) and "autouse=True" in marks[0]:
        return not is_async or (marks[0].startswith("@pytest_asyncio") and not line.is_unittest)
    if marks or name not in _SETUPS:
        return False
    return is_async == (name == "asyncSetUp") and (name == "setup_method" or line.is_unittest)


def _is_collected(line: Lineage) -> bool:
    """Whether pytest takes the class for one of tests by its name."""
    return _name(line.kin[0].sheet, line.kin[0].node).startswith("Test")


def _passes_on(lower: Kin, name: str, method: Node, at: Node) -> bool:
    """Whether a class leaves a method to its base, or calls that of its base before a node of `method`."""
    own = next((m for m in methods(lower.node) if _name(lower.sheet, m) == name), None)
    if own is None:
        return True
    body = own.child_by_field_name("body")
    return any(
        statement.type == "expression_statement" and _calls_base(lower.sheet, statement, name)
        for statement in (body.named_children if body is not None else ())
        if own != method or statement.end_byte <= at.start_byte
    )


def _calls_base(sheet: Sheet, statement: Node, name: str) -> bool:
    """`super().name(...)`, awaited or not."""
    call = statement.named_children[0] if statement.named_children else None
    if call is not None and call.type == "await":
        call = call.named_children[0]
    function = call.child_by_field_name("function") if call is not None and call.type == "call" else None
    text = "".join(sheet.text(function).split()) if function is not None else ""
    return text.startswith("super(") and text.endswith(f").{name}") and text.count(".") == 1


def _method_of(one: Kin, at: Node) -> Node | None:
    """The method of a class around a node; None where the node stands elsewhere."""
    for above in one.sheet.source.ancestors(at):
        if above.type == "function_definition" and any(m == above for m in methods(one.node)):
            return above
    return None


def _name(sheet: Sheet, definition: Node) -> str:
    name = definition.child_by_field_name("name")
    return sheet.text(name) if name is not None else ""
