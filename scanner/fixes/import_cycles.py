"""Whether importing a module would come back to the file that imports it."""

from scanner.fixes.workspace import Workspace
from scanner.python.imports import dotted, origin
from scanner.python.source import Source

_MOST = 60  # modules that are looked at for one question


def find_importer(workspace: Workspace, start: str, goal: str) -> str:
    """The module that imports `goal` on the way from `start`, at its top; empty if none does."""
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
    """The modules that a module imports when it is imported, and what may be modules among the names."""
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
