"""Checks that an expression can be replaced by a text while the statement around it stays the same."""

import ast
import copy
from collections.abc import Mapping, Sequence

from scanner.fixes.identity.modules import Module

_ONE, _MANY = "__one_{}__", "__many_{}__"
Filled = Mapping[str, str]  # the matched text of each placeholder


def hole(name: str, *, many: bool) -> str:
    """Return the name that stands for a placeholder in a template."""
    return (_MANY if many else _ONE).format(name)


class Substitution:
    """The replacement of one expression: a template with holes, and what fills them."""

    def __init__(self, template: str, one: Filled, many: Filled) -> None:
        self._fill = _Fill(one, many)
        try:
            self._body = ast.parse(template).body
        except SyntaxError:  # an expression that has to be in parentheses where it is a statement
            self._body = ast.parse(f"({template})").body
        self.is_expression = len(self._body) == 1 and isinstance(self._body[0], ast.Expr)

    def _new(self) -> list[ast.stmt]:
        return [self._fill.visit(statement) for statement in copy.deepcopy(self._body)]

    def fits(self, module: Module, start: int, end: int, text: str) -> bool:
        """Return whether a text between two offsets means what the template does and changes no more."""
        statement = _statement(module, start, end)
        if statement is None:
            return False
        first, last = _begin(module, statement), module.end(statement)
        data = module.data
        line = data.rfind(b"\n", 0, first) + 1
        indent = data[line:first]
        if isinstance(statement, ast.If) and data.startswith(b"elif", first):
            first += len("el")  # by itself, it is an `if`
        old = data[first:last]
        new = data[first:start] + text.encode() + data[end:last]
        head = b"if 1:\n" + indent if indent and not indent.strip() else b""
        was, now = _parse(head + old), _parse(head + new)
        if was is None or now is None:
            return False
        node = _find(module, statement, start, end)
        expected = self._expected(was, statement, node, data[start:end].decode())
        return expected is not None and expected == [ast.dump(each) for each in now]

    def _expected(
        self, was: list[ast.stmt], statement: ast.stmt, node: ast.AST | None, matched: str
    ) -> list[str] | None:
        """Return what the statement should be afterwards, or None if that cannot be told."""
        if isinstance(statement, ast.Expr) and statement.value is node:
            return [ast.dump(each) for each in self._new()]
        if not self.is_expression:
            return None
        new = self._new()[0]
        path = _path(statement, node) if node is not None else _only_like(was[0], matched)
        if path is None or not isinstance(new, ast.Expr):
            return None
        _put(was[0], path, new.value)
        return [ast.dump(each) for each in was]


class _Fill(ast.NodeTransformer):
    """Puts the matched code in the place of the holes."""

    def __init__(self, one: Filled, many: Filled) -> None:
        self._one = {hole(name, many=False): text for name, text in one.items()}
        self._many = {hole(name, many=True): text for name, text in many.items()}

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id not in self._one:
            return node
        filled = ast.parse(f"({self._one[node.id]}\n)", mode="eval").body
        return _as_target(filled, node.ctx) if not isinstance(node.ctx, ast.Load) else filled

    def generic_visit(self, node: ast.AST) -> ast.AST:
        for field in ("args", "elts"):
            parts = getattr(node, field, None)
            if isinstance(parts, list):
                self._spread(node, field, parts)
        return super().generic_visit(node)

    def _spread(self, node: ast.AST, field: str, parts: list[ast.expr]) -> None:
        found: list[ast.expr] = []
        keywords: list[ast.keyword] = []
        for part in parts:
            text = self._many.get(part.id) if isinstance(part, ast.Name) else None
            if text is None:
                found.append(part)
                continue
            call = ast.parse(f"f({text}\n)", mode="eval").body
            if isinstance(call, ast.Call):
                found += call.args
                keywords += call.keywords
        setattr(node, field, found)
        if isinstance(node, ast.Call):
            node.keywords = [*keywords, *node.keywords]


def _as_target(node: ast.expr, use: ast.expr_context) -> ast.expr:
    """Return an expression as the target of an assignment or a `del`."""
    if isinstance(node, ast.Tuple | ast.List):
        node.elts = [_as_target(each, use) for each in node.elts]
    elif isinstance(node, ast.Starred):
        node.value = _as_target(node.value, use)
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Starred | ast.Tuple | ast.List):
        node.ctx = use
    return node


Step = tuple[str, int | None]


def _statement(module: Module, start: int, end: int) -> ast.stmt | None:
    """Return the innermost statement that contains a range."""
    found: ast.stmt | None = None
    body: Sequence[ast.AST] = module.tree.body
    while True:
        inner = next((n for n in body if _begin(module, n) <= start and end <= module.end(n)), None)
        if inner is None:
            return found
        if isinstance(inner, ast.stmt):
            found = inner
        body = [n for n in ast.iter_child_nodes(inner) if isinstance(n, ast.stmt | ast.excepthandler)]
        body += [n for case in getattr(inner, "cases", ()) for n in case.body]


def _begin(module: Module, node: ast.AST) -> int:
    """Return the offset at which a statement begins, with its decorators."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return module.data.rfind(b"@", 0, module.offset(decorators[0])) if decorators else module.offset(node)


def _find(module: Module, statement: ast.stmt, start: int, end: int) -> ast.AST | None:
    """Return the expression with exactly this range; None in an f-string, whose offsets are not reliable."""
    for node in ast.walk(statement):
        if isinstance(node, ast.expr) and module.offset(node) == start and module.end(node) == end:
            return node
    return None


def _parse(text: bytes) -> list[ast.stmt] | None:
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return body[0].body if text.startswith(b"if 1:\n") and isinstance(body[0], ast.If) else body


def _path(top: ast.AST, goal: ast.AST) -> list[Step] | None:
    """Return the way from a node to one below it."""
    for field, value in ast.iter_fields(top):
        for at, child in enumerate(value if isinstance(value, list) else [value]):
            if not isinstance(child, ast.AST):
                continue
            step = (field, at if isinstance(value, list) else None)
            if child is goal:
                return [step]
            below = _path(child, goal)
            if below is not None:
                return [step, *below]
    return None


def _only_like(top: ast.AST, code: str) -> list[Step] | None:
    """Return the way to the only expression that a text spells; None unless there is exactly one."""
    try:
        wanted = ast.dump(ast.parse(f"({code}\n)", mode="eval").body)
    except SyntaxError:
        return None
    found = [node for node in ast.walk(top) if isinstance(node, ast.expr) and ast.dump(node) == wanted]
    return _path(top, found[0]) if len(found) == 1 else None


def _put(top: ast.AST, path: list[Step], new: ast.expr) -> None:
    """Put an expression in the place to which a way leads."""
    node: ast.AST = top
    for field, at in path[:-1]:
        value = getattr(node, field)
        node = value if at is None else value[at]
    field, at = path[-1]
    if at is None:
        setattr(node, field, new)
    else:
        getattr(node, field)[at] = new
