"""Whether importing a module would come back to the file that imports it."""

from scanner.rewrite.draft import Draft
from scanner.syntax import Source

_MOST = 60  # modules that are looked at for one question


def comes_back(draft: Draft, start: str, goal: str) -> str:
    """The module that imports `goal` on the way from `start`, at its top; empty if none does."""
    waiting, seen = [start], {start}
    while waiting and len(seen) <= _MOST:
        name = waiting.pop(0)
        source = draft.module(name)
        for module in _imported(source) if source is not None else ():
            if module == goal:
                return name
            if module not in seen and draft.is_module(module):
                seen.add(module)
                waiting.append(module)
    return ""


def _imported(source: Source) -> list[str]:
    """The modules that a module imports when it is imported, and what may be modules among the names."""
    found: list[str] = []
    for statement in source.root.named_children:
        if statement.type not in {"import_statement", "import_from_statement"}:
            continue
        for part in statement.children_by_field_name("name"):
            node = part.child_by_field_name("alias") or part
            bound = source.binding_at(node if node.type == "identifier" else node.named_children[0])
            target = bound.target if bound is not None else None
            if target:
                found += [target, target.rpartition(".")[0]]
    return found
