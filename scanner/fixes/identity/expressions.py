"""Reads expressions: the names in them, and the scopes that lambdas and comprehensions open."""

import ast
import re
from collections.abc import Sequence
from weakref import ref

from scanner.fixes.identity.scopes import Block, Bound, BoundKind, Reference, Scope, ScopeKind, Use

_LINE_END = re.compile(rb"\r\n|\r|\n")
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_USES: dict[type[ast.expr_context], Use] = {ast.Load: "load", ast.Store: "store", ast.Del: "del"}


class ExpressionReader:
    """Reads the expressions of one module; a subclass reads its statements."""

    def __init__(self, tree: ast.Module, data: bytes, module: str, *, package: bool) -> None:
        self.module, self.package = module, package
        self.references: list[Reference] = []
        self.stars: list[tuple[str, Bound]] = []
        self.imports: list[tuple[str, Bound]] = []  # every module that an import loads, with its binding
        self.root = Scope("module", tree, None, 0)
        self.scopes = [self.root]
        self._rows = [0, *(match.end() for match in _LINE_END.finditer(data))]
        self._scope = self.root
        self._blocks: tuple[Block, ...] = ()
        self._typing = False
        self._lazy = any(
            isinstance(node, ast.ImportFrom)
            and node.module == "__future__"
            and any(alias.name == "annotations" for alias in node.names)
            for node in tree.body
        )
        self._in_annotation = False
        self._late: list[tuple[Scope, str, BoundKind, ast.AST, int, tuple[Block, ...], str, bool]] = []

    def offset(self, node: ast.AST) -> int:
        """Return the byte offset at which a node begins."""
        return self._rows[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined,no-any-return]

    def end(self, node: ast.AST) -> int:
        """Return the byte offset at which a node ends."""
        return self._rows[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined,no-any-return]

    def _place(self) -> None:
        """Put every binding into the scope to which it belongs, once all declarations are known."""
        for redirected in (False, True):  # `nonlocal` refers to the bindings of the functions around it
            for scope, name, kind, node, at, blocks, target, typing in self._late:
                holder = scope.holder(name) if redirected else scope
                if (name in scope.declared) == redirected:
                    is_remote = holder is not scope
                    bound = Bound(name, kind, node, ref(holder), at, blocks, target, typing, is_remote)
                    holder.bound.setdefault(name, []).append(bound)
        for scope in {id(one[0]): one[0] for one in self._late}.values():
            for every in scope.bound.values():
                every.sort(key=lambda bound: bound.at)

    def _bind(self, name: str, kind: BoundKind, node: ast.AST, at: int, target: str = "") -> None:
        scope = self._scope
        while kind == "other" and scope.kind == "comprehension" and isinstance(node, ast.NamedExpr):
            scope = scope.parent or self.root
        self._late.append((scope, name, kind, node, at, self._blocks, target, self._typing))

    def _refer(self, node: ast.AST, parts: Sequence[str], ends: Sequence[int], use: Use) -> None:
        lazy = self._in_annotation and (self._lazy or self._scope.kind == "function")
        self.references.append(
            Reference(
                tuple(parts), self.offset(node), tuple(ends), self._scope, use, node, self._blocks, lazy
            )
        )

    def _target(self, node: ast.expr, statement: ast.AST) -> None:
        """Read what an assignment binds."""
        if isinstance(node, ast.Tuple | ast.List):
            for part in node.elts:
                self._target(part, statement)
        elif isinstance(node, ast.Starred):
            self._target(node.value, statement)
        elif isinstance(node, ast.Name):
            plain = isinstance(statement, ast.Assign | ast.AnnAssign)
            self._bind(node.id, "assign" if plain else "other", statement, self.end(_head(statement, node)))
            self._refer(node, (node.id,), (self.end(node),), "store")
        else:
            self._visit(node)

    def _enter(self, kind: ScopeKind, node: ast.AST, name: str = "") -> tuple[Scope, tuple[Block, ...]]:
        outer = self._scope, self._blocks
        self._scope = Scope(kind, node, self._scope, self.offset(node), name)
        self.scopes.append(self._scope)
        if kind == "function":
            self._blocks = ()
        return outer

    def _leave(self, outer: tuple[Scope, tuple[Block, ...]]) -> None:
        self._scope, self._blocks = outer

    def _defaults(self, arguments: ast.arguments) -> None:
        for default in (*arguments.defaults, *arguments.kw_defaults):
            self._visit(default)

    def _parameters(self, arguments: ast.arguments) -> None:
        for argument in every_argument(arguments):
            self._bind(argument.arg, "parameter", argument, self.offset(argument))

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        self._visit(node.generators[0].iter)
        outer = self._enter("comprehension", node)
        for number, generator in enumerate(node.generators):
            if number:
                self._visit(generator.iter)
            self._target(generator.target, node)
            for test in generator.ifs:
                self._visit(test)
        if isinstance(node, ast.DictComp):
            self._visit(node.key)
            self._visit(node.value)
        else:
            self._visit(node.elt)
        self._leave(outer)

    # Expressions

    def _visit(self, node: ast.AST | None) -> None:
        match node:
            case None:
                return
            case ast.Name():
                self._refer(node, (node.id,), (self.end(node),), _USES[type(node.ctx)])
                if isinstance(node.ctx, ast.Del):
                    self._bind(node.id, "del", node, self.end(node))
            case ast.Attribute():
                self._attribute(node)
            case ast.Lambda():
                self._lambda(node)
            case ast.NamedExpr():
                self._visit(node.value)
                self._bind(node.target.id, "other", node, self.end(node))
                self._refer(node.target, (node.target.id,), (self.end(node.target),), "store")
            case ast.Call() if _is_cast(node):
                self._cast(node)
            case _ if isinstance(node, _COMPREHENSIONS):
                self._comprehension(node)
            case ast.withitem():
                self._with(node)
            case ast.stmt():
                self._statement(node)
            case _:
                self._children(node)

    def _lambda(self, node: ast.Lambda) -> None:
        self._defaults(node.args)
        outer = self._enter("function", node)
        self._parameters(node.args)
        self._visit(node.body)
        self._leave(outer)

    def _cast(self, node: ast.Call) -> None:
        self._visit(node.func)
        self._annotation(node.args[0])
        for part in (*node.args[1:], *node.keywords):
            self._visit(part)

    def _with(self, node: ast.withitem) -> None:
        self._visit(node.context_expr)
        if node.optional_vars is not None:
            self._target(node.optional_vars, node.optional_vars)

    def _children(self, node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            self._visit(child)

    def _attribute(self, node: ast.Attribute) -> None:
        parts: list[str] = []
        ends: list[int] = []
        below: ast.expr = node
        while isinstance(below, ast.Attribute):
            parts.append(below.attr)
            ends.append(self.end(below))
            below = below.value
        if isinstance(below, ast.Name):
            chain, until = [below.id, *reversed(parts)], [self.end(below), *reversed(ends)]
            self._refer(below, chain, until, _USES[type(node.ctx)])
        else:
            self._visit(below)

    # Annotations

    def _annotation(self, node: ast.expr | None) -> None:
        """Read an annotation; a quoted one is left to the scan's own check of quoted annotations."""
        if isinstance(node, ast.Constant):
            return
        outer, self._in_annotation = self._in_annotation, True
        self._visit(node)
        self._in_annotation = outer

    def _annotation_outside(self, node: ast.expr | None, scope: Scope) -> None:
        inner, self._scope = self._scope, scope
        self._annotation(node)
        self._scope = inner

    def _statement(self, node: ast.stmt) -> None:
        """Read one statement."""
        raise NotImplementedError


def every_argument(arguments: ast.arguments) -> list[ast.arg]:
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return [*every, *(one for one in (arguments.vararg, arguments.kwarg) if one is not None)]


def last_name(node: ast.expr) -> str:
    """Return the last part of a dotted name; empty for any other expression."""
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def decorator_name(node: ast.expr) -> str:
    """Return the last part of a decorator's name, be it called or not."""
    return last_name(node.func if isinstance(node, ast.Call) else node)


def _is_cast(node: ast.Call) -> bool:
    return last_name(node.func) == "cast" and len(node.args) == 2


def _head(statement: ast.AST, node: ast.expr) -> ast.AST:
    """Return the node after whose end an assigned name is bound."""
    return (
        node
        if isinstance(statement, ast.For | ast.AsyncFor) or hasattr(statement, "generators")
        else statement
    )
