"""Reads statements: what they bind, in which branch, and the scopes of functions and classes."""

import ast
from collections.abc import Iterable
from weakref import ref

from scanner.fixes.identity.expressions import ExpressionReader, every_argument
from scanner.fixes.identity.import_graph import is_type_checking
from scanner.fixes.identity.scopes import Block, Bound
from scanner.python.imports import absolute

_BRANCHES = ("body", "orelse", "finalbody")


class StatementReader(ExpressionReader):
    """Reads one module: `root` has its bindings, and `references` every name in the code."""

    def __init__(self, tree: ast.Module, data: bytes, module: str, *, package: bool) -> None:
        super().__init__(tree, data, module, package=package)
        self._statements(tree.body)
        self._place()

    def _statements(self, body: Iterable[ast.stmt]) -> None:
        for statement in body:
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node)
            case ast.ClassDef():
                self._class(node)
            case ast.Import() | ast.ImportFrom():
                self._import(node)
            case ast.Global() | ast.Nonlocal():
                self._declare(node)
            case ast.If() | ast.For() | ast.AsyncFor() | ast.While() | ast.Try() | ast.Match():
                self._branching(node)
            case ast.AnnAssign():
                self._annotated(node)
            case ast.Assign() | ast.AugAssign():
                self._visit(node.value)
                for target in getattr(node, "targets", None) or [node.target]:  # type: ignore[union-attr]
                    self._target(target, node)
            case _ if type(node).__name__ == "TryStar":
                self._branching(node)
            case _ if type(node).__name__ == "TypeAlias":
                self._bind(node.name.id, "other", node, self.end(node))  # type: ignore[attr-defined]
                self._visit(node.value)  # type: ignore[attr-defined]
            case _:
                self._children(node)

    def _declare(self, node: ast.Global | ast.Nonlocal) -> None:
        for name in node.names:
            self._scope.declared[name] = "global" if isinstance(node, ast.Global) else "nonlocal"
            self._refer(node, (name,), (self.end(node),), "declare")

    def _annotated(self, node: ast.AnnAssign) -> None:
        self._annotation(node.annotation)
        self._visit(node.value)
        if node.value is not None or not isinstance(node.target, ast.Name):
            self._target(node.target, node)
        elif self._scope.kind == "function":
            self._bind(node.target.id, "other", node, self.end(node))

    def _branching(self, node: ast.stmt) -> None:
        """Read a statement whose branches may not run."""
        outer, typing = self._blocks, self._typing
        if isinstance(node, ast.For | ast.AsyncFor):
            self._visit(node.iter)
            self._target(node.target, node)
        for name in ("test", "subject"):
            self._visit(getattr(node, name, None))
        for branch in _BRANCHES:
            body = getattr(node, branch, None) or []
            always = branch == "finalbody" or (
                isinstance(node, ast.Try) and branch == "orelse" and not node.handlers
            )
            self._blocks = outer if always else (*outer, Block(self.offset(node), branch))
            self._typing = typing or (
                branch == "body" and isinstance(node, ast.If) and is_type_checking(node.test)
            )
            self._statements(body)
        for number, case in enumerate([*getattr(node, "handlers", ()), *getattr(node, "cases", ())]):
            self._blocks = (*outer, Block(self.offset(node), f"case {number}"))
            if isinstance(case, ast.ExceptHandler):
                self._visit(case.type)
                if case.name:
                    self._bind(case.name, "other", case, self.offset(case))
                self._statements(case.body)
            else:
                self._pattern(case.pattern)
                self._visit(case.guard)
                self._statements(case.body)
        self._blocks, self._typing = outer, typing

    def _pattern(self, pattern: ast.pattern) -> None:
        for node in ast.walk(pattern):
            match node:
                case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                    self._bind(name, "other", node, self.end(node))
                case ast.MatchMapping(rest=str(name)):
                    self._bind(name, "other", node, self.end(node))
                case ast.MatchValue():
                    self._visit(node.value)
                case ast.MatchClass():
                    self._visit(node.cls)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                local = alias.asname or alias.name.partition(".")[0]
                target = alias.name if alias.asname else local
                self._bind_import(local, node, target, alias.name)
            return
        module = absolute(self.module, self.package, node.level, node.module or "")
        for alias in node.names:
            if alias.name == "*":
                star = Bound(
                    "*",
                    "import",
                    node,
                    ref(self._scope),
                    self.end(node),
                    self._blocks,
                    module or "",
                    self._typing,
                )
                self.stars.append((module or "", star))
                self.imports.append((module or "", star))
            elif module is not None:
                full = f"{module}.{alias.name}".lstrip(".")
                self._bind_import(alias.asname or alias.name, node, full, full)

    def _bind_import(self, local: str, node: ast.stmt, target: str, loaded: str) -> None:
        at = self.end(node)
        self._bind(local, "import", node, at, target)
        bound = Bound(local, "import", node, ref(self._scope), at, self._blocks, target, self._typing)
        self.imports.append((loaded, bound))

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for decorator in node.decorator_list:
            self._visit(decorator)
        self._defaults(node.args)
        self._bind(node.name, "def", node, self.end(node))
        outer = self._enter("function", node, node.name)
        self._type_parameters(node)
        for argument in every_argument(node.args):
            self._annotation_outside(argument.annotation, outer[0])
        self._annotation_outside(node.returns, outer[0])
        self._parameters(node.args)
        self._statements(node.body)
        self._leave(outer)

    def _class(self, node: ast.ClassDef) -> None:
        for part in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
            self._visit(part)
        self._bind(node.name, "class", node, self.end(node))
        outer = self._enter("class", node, node.name)
        self._type_parameters(node)
        self._statements(node.body)
        self._leave(outer)

    def _type_parameters(self, node: ast.AST) -> None:
        for parameter in getattr(node, "type_params", ()):
            self._bind(parameter.name, "parameter", parameter, self.offset(node))
            self._children(parameter)
