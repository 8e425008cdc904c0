"""Places that hand a function on instead of calling it: how it is called there, as far as that shows."""

import ast

from scanner.fixes.identity.expressions import last_name
from scanner.fixes.identity.members import problem_of, super_calls
from scanner.fixes.identity.type_tests import TYPE_TESTS
from scanner.python.signatures import Signature


def indirect_problem(signature: Signature, parent: ast.AST | None, node: ast.expr) -> str | None:
    """Return why an indirect call fails; None if the place is no indirect call that is understood."""
    if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        if node in parent.decorator_list:
            return signature.problem(1, [])
        calls = super_calls(parent) if isinstance(parent, ast.ClassDef) and node in parent.bases else ()
        return next((problem for call in calls if (problem := problem_of(signature, call))), "")
    if isinstance(parent, ast.keyword) and parent.arg == "key":
        return signature.problem(1, [])
    if isinstance(parent, ast.Call) and parent.args and parent.args[0] is node:
        name = last_name(parent.func)
        if name in {"map", "filter"}:
            return signature.problem(len(parent.args) - 1, [])
        if name in {"partial", "partialmethod"}:
            problem = problem_of(signature, parent, skipped=1)
            return "" if problem.startswith("needs ") else problem
    return None


def is_passed_on(parent: ast.AST | None, node: ast.expr) -> bool:
    """Return whether code elsewhere may call the object."""
    if isinstance(parent, ast.Compare | ast.arg | ast.AnnAssign | ast.Expr):
        return False
    if isinstance(parent, ast.Call) and last_name(parent.func) in {
        *TYPE_TESTS,
        "callable",
        "type",
        "id",
        "repr",
    }:
        return False
    return not (
        isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef) and parent.returns is node
    ) and not isinstance(parent, ast.Subscript | ast.BinOp)
