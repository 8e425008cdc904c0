"""A second count of the demonstration's violations with Python's own `ast`, knowing nothing of the engine.

It knows the shapes that the demonstration writes and no others, which is all that it needs to be right here.
"""

import ast
from collections.abc import Iterator

PREFIX = "netra_backend.app."
LISTED = {
    f"{PREFIX}agents.supervisor.agent_instance_factory.get_agent_instance_factory",
    f"{PREFIX}agents.supervisor.agent_instance_factory.configure_agent_instance_factory",
    f"{PREFIX}services.agent_websocket_bridge.get_agent_websocket_bridge",
    f"{PREFIX}agents.supervisor.agent_execution_registry.get_agent_execution_registry",
}
_ENDINGS = "Factory Bridge Registry Engine Service Repository Cache Tool EventStream Index Agent"
SHARED = tuple(_ENDINGS.split())
CANONICAL = f"{PREFIX}services.user_execution_context"


def violations(module: str, text: str) -> list[tuple[str, int]]:
    """Name and line of every violation of one production module."""
    tree = ast.parse(text)
    return [*_listed(module, tree), *_singletons(tree), *_calls(tree), *_imports(tree), *_state(tree)]


def _listed(module: str, tree: ast.Module) -> Iterator[tuple[str, int]]:
    known = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if f"{node.module}.{alias.name}" in LISTED:
                    known.add(alias.asname or alias.name)
                    yield "import", alias.lineno
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and f"{module}.{node.name}" in LISTED:
            known.add(node.name)
            yield "definition", node.lineno
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in known and isinstance(node.ctx, ast.Load):
            yield "use", node.lineno


def _singletons(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation).endswith(("None", "]")):
            if isinstance(node.value, ast.Constant) and node.value.value is None:
                yield "module-global", node.lineno
        elif isinstance(node, ast.Assign) and _makes_shared(node.value):
            yield "module-instance", node.lineno
        elif isinstance(node, ast.FunctionDef) and any(
            "lru_cache" in ast.unparse(d) for d in node.decorator_list
        ):
            yield "cached-accessor", node.lineno
        elif isinstance(node, ast.ClassDef) and _is_shared(node.name):
            if any(keyword.arg == "metaclass" for keyword in node.keywords):
                yield "metaclass", node.lineno
            elif "cls._instance = " in ast.unparse(node):
                yield "class-instance", node.lineno


def _calls(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr == "create_agent" and len(node.args) == 1:
                yield "absent", node.lineno
        elif isinstance(node, ast.Call):
            yield from (
                ("none", node.lineno) for k in node.keywords if ast.unparse(k) == "websocket_notifier=None"
            )


def _imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module != CANONICAL:
            yield from (("foreign", a.lineno) for a in node.names if a.name == "UserExecutionContext")


def _state(tree: ast.Module) -> Iterator[tuple[str, int]]:
    shared = {ast.unparse(n.targets[0]) for n in tree.body if isinstance(n, ast.Assign)}
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) in {"active_runs", "run_history"}:
            yield "container", node.lineno
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("create_"):
            returned = node.body[-1]
            if isinstance(returned, ast.Return) and returned.value and ast.unparse(returned.value) in shared:
                yield "shared-return", node.lineno
        elif isinstance(node, ast.Call) and " is deprecated, " in ast.unparse(node):
            yield "warning", node.lineno


def _makes_shared(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and _is_shared(value.func.id)


def _is_shared(name: str) -> bool:
    return name.endswith(SHARED)
