"""Detects import cycles that a new import would create."""

from scanner.fixes.workspace import Workspace
from scanner.python.imports import dotted, origin
from scanner.python.source import Source

_MOST = 60  # most modules that one search reads


def find_importer(workspace: Workspace, start: str, goal: str) -> str:
    """Return the module through which `start` imports `goal`, directly or not; empty if it does not."""
    waiting, seen = [start], {start}
    while waiting and len(seen) <= _MOST:
        name = waiting.pop(0)
        source = workspace.module(name)
        for module in _imported(source) if source is not None else ():
            if module == goal:
                return name
            if module not in seen and workspace.is_module(module):
                seen.add(module)
                waiting.append(module)
    return ""


def _imported(source: Source) -> list[str]:
    """Return the modules that a module imports at module level, and imported names that may be modules."""
    found: list[str] = []
    for statement in source.root.named_children:
        parts = [
            part.child_by_field_name("name") or part for part in statement.children_by_field_name("name")
        ]
        if statement.type == "import_statement":
            found += map(dotted, parts)
        elif statement.type == "import_from_statement":
            module = origin(statement, source.module, source.package)
            if module is not None:
                found += [module, *(f"{module}.{dotted(part)}".lstrip(".") for part in parts)]
    return found
