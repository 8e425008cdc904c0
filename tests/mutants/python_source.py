"""The mutants of one Python file, found with the standard library's parser.

Left out: docstrings, log calls, annotations and what else serves types alone, imports, and f-strings, whose
parts have no reliable positions before Python 3.12.
"""

import ast
import copy
from collections.abc import Callable, Iterator
from typing import Any

from tests.mutants.mutant import Mutant, number

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
}
SETS: dict[type[ast.operator], type[ast.operator]] = {ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr}
LOGGERS = {"log", "logger", "logging", "_log", "_logger", "LOG", "LOGGER"}
TYPES_ALONE = {"TypeVar", "ParamSpec", "NewType", "overload"}
GENERIC = {"dict", "list", "tuple", "set", "frozenset", "type", "Callable", "Iterator", "Iterable", "Literal"}
Scopes = tuple[str, ...]


def mutants_of(path: str, source: bytes) -> list[Mutant]:
    """Return every mutant of a file, in the file's order."""
    return number(_Finder(path, source).find())


class _Finder:
    def __init__(self, path: str, source: bytes) -> None:
        self._path = path
        self._tree = ast.parse(source)
        self._starts = [0]
        for line in source.split(b"\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)

    def find(self) -> Iterator[Mutant]:
        """Yield the mutants of the whole file."""
        yield from self._all(self._tree.body, ())

    def _all(self, nodes: list[Any], scopes: Scopes) -> Iterator[Mutant]:
        for node in nodes:
            yield from self._visit(node, scopes)

    def _visit(self, node: ast.AST, scopes: Scopes) -> Iterator[Mutant]:
        if _serves_types(node) or _is_log(node) or isinstance(node, ast.JoinedStr):
            return
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from self._all([*node.decorator_list, *_defaults(node.args)], scopes)
            yield from self._body(node.body, (*scopes, node.name), node.returns)
        elif isinstance(node, ast.ClassDef):
            yield from self._all([*node.decorator_list, *node.keywords], scopes)
            yield from self._body(node.body, (*scopes, node.name), None)
        else:
            if isinstance(node, ast.expr | ast.stmt):
                yield from self._changes(node, scopes)
            yield from self._all(_children(node), scopes)

    def _body(self, body: list[ast.stmt], scopes: Scopes, returns: ast.expr | None) -> Iterator[Mutant]:
        for node in _statements(body):
            if isinstance(node, ast.Return):
                yield from self._returned(node, scopes, returns)
        yield from self._all(body, scopes)

    def _changes(self, node: ast.expr | ast.stmt, scopes: Scopes) -> Iterator[Mutant]:
        for operator, make in CHANGES:
            for changed in make(node):
                mutant = self._mutant(node, changed, operator, scopes)
                if mutant is not None:
                    yield mutant

    def _returned(self, node: ast.Return, scopes: Scopes, returns: ast.expr | None) -> Iterator[Mutant]:
        declared = ast.unparse(returns) if returns else ""
        if node.value is None or declared == "None" or _is_none(node.value):
            return
        value: ast.expr = ast.Constant(None)
        if declared == "bool":
            value = ast.UnaryOp(ast.Not(), node.value)
        mutant = self._mutant(node, ast.Return(value), "return", scopes)
        if mutant is not None:
            yield mutant

    def _mutant(
        self, node: ast.expr | ast.stmt, changed: ast.AST, operator: str, scopes: Scopes
    ) -> Mutant | None:
        try:
            was, becomes = ast.unparse(node), ast.unparse(changed)
        except ValueError:  # an f-string that cannot be written on one line
            return None
        if was == becomes:
            return None
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return Mutant(
            path=self._path,
            line=node.lineno,
            operator=operator,
            scope=".".join(scopes),
            start=self._starts[node.lineno - 1] + node.col_offset,
            end=self._starts[node.end_lineno - 1] + node.end_col_offset,
            was=was,
            becomes=becomes,
            text=f"({becomes})" if isinstance(node, ast.expr) else becomes,
        )


def _comparisons(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Compare):
        for index, sign in enumerate(node.ops):
            for other in COMPARISONS[type(sign)]:
                changed = copy.deepcopy(node)
                changed.ops[index] = other()
                yield changed


def _booleans(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield ast.BoolOp(other, node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.BinOp) and type(node.op) in SETS:
        yield ast.BinOp(node.left, SETS[type(node.op)](), node.right)
    elif isinstance(node, ast.IfExp) and not _is_changed_itself(node.test):
        yield ast.IfExp(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)


def _arithmetic(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
        yield ast.BinOp(node.left, ARITHMETIC[type(node.op)](), node.right)
    elif isinstance(node, ast.AugAssign) and type(node.op) in ARITHMETIC:
        yield ast.AugAssign(node.target, ARITHMETIC[type(node.op)](), node.value)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield node.operand


def _constants(node: ast.AST) -> Iterator[ast.AST]:
    if not isinstance(node, ast.Constant):
        return
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int | float):
        yield ast.Constant(node.value + 1)
    elif isinstance(node.value, str):
        yield ast.Constant("" if node.value else "mutant")
    elif isinstance(node.value, bytes):
        yield ast.Constant(b"" if node.value else b"mutant")


def _removals(node: ast.AST) -> Iterator[ast.AST]:
    removed = isinstance(node, ast.AugAssign | ast.Raise | ast.Continue | ast.Break | ast.Delete)
    if isinstance(node, ast.Expr):
        removed = isinstance(node.value, ast.Call | ast.Await | ast.YieldFrom)
    elif isinstance(node, ast.Assign):
        removed = all(isinstance(target, ast.Attribute | ast.Subscript) for target in node.targets)
    if removed:
        yield ast.Pass()


def _swaps(node: ast.AST) -> Iterator[ast.AST]:
    if not isinstance(node, ast.Call) or any(isinstance(each, ast.Starred) for each in node.args):
        return
    if _is_cast(node):
        return
    for index in range(len(node.args) - 1):
        changed = copy.copy(node)
        changed.args = list(node.args)
        changed.args[index : index + 2] = reversed(node.args[index : index + 2])
        yield changed
    for index in range(len(node.keywords) - 1):
        first, second = node.keywords[index : index + 2]
        if first.arg and second.arg and not _is_literal(first.value) and not _is_literal(second.value):
            changed = copy.copy(node)
            changed.keywords = list(node.keywords)
            changed.keywords[index] = ast.keyword(first.arg, second.value)
            changed.keywords[index + 1] = ast.keyword(second.arg, first.value)
            yield changed


CHANGES: tuple[tuple[str, Callable[[ast.AST], Iterator[ast.AST]]], ...] = (
    ("comparison", _comparisons),
    ("boolean", _booleans),
    ("arithmetic", _arithmetic),
    ("constant", _constants),
    ("removed statement", _removals),
    ("swapped argument", _swaps),
)


def _is_changed_itself(test: ast.expr) -> bool:
    """Return true for a condition whose own operator is changed already."""
    return isinstance(test, ast.Compare | ast.BoolOp) or (
        isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
    )


def _is_literal(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant | ast.JoinedStr | ast.Lambda)


def _is_cast(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id == "cast"


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_log(node: ast.AST) -> bool:
    called = node.value if isinstance(node, ast.Expr) else node
    return (
        isinstance(called, ast.Call)
        and isinstance(called.func, ast.Attribute)
        and isinstance(called.func.value, ast.Name)
        and called.func.value.id in LOGGERS
    )


def _serves_types(node: ast.AST) -> bool:
    """Return true for what the program never asks while it runs, and for texts that stand alone."""
    if isinstance(node, ast.Import | ast.ImportFrom | ast.Global | ast.Nonlocal):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return any(ast.unparse(each) in TYPES_ALONE for each in node.decorator_list)
    if isinstance(node, ast.ClassDef):
        return any(ast.unparse(each).partition("[")[0] in {"Protocol", "TypedDict"} for each in node.bases)
    if isinstance(node, ast.Assign):
        names = [each.id for each in node.targets if isinstance(each, ast.Name)]
        return names == ["__all__"] or _is_type(node.value)
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in TYPES_ALONE
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING" and not node.orelse


def _is_type(node: ast.expr) -> bool:
    """Return true for the right side of an alias of a type."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _is_type(node.left) or _is_type(node.right) or _is_none(node.right)
    return isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id in GENERIC


def _children(node: ast.AST) -> list[Any]:
    """Return what is read below a node: no annotation, no target of a cast."""
    if isinstance(node, ast.AnnAssign):
        return [node.value] if node.value is not None else []
    if isinstance(node, ast.Lambda):
        return [*_defaults(node.args), node.body]
    if isinstance(node, ast.Call) and _is_cast(node):
        return [*node.args[1:]]
    return list(ast.iter_child_nodes(node))


def _defaults(arguments: ast.arguments) -> list[ast.expr]:
    return [each for each in (*arguments.defaults, *arguments.kw_defaults) if each is not None]


def _statements(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Yield every node of a function's own statements, not of the functions inside it."""
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node
            yield from _statements(list(ast.iter_child_nodes(node)))  # type: ignore[arg-type]
