"""Resolves import statements to full dotted names, and paths to module names."""

from collections.abc import Iterable, Sequence

from tree_sitter import Node

from scanner.python.identifiers import normalize
from scanner.python.scopes import Trail

IMPORTS = frozenset({"import_statement", "import_from_statement"})


def module_name(path: str, roots: Sequence[str] = (".",)) -> tuple[str, bool]:
    """Return the dotted module name of a path, and whether the file is a package's `__init__`.

    The name starts at the longest source root that contains the path, or at the root of the repository if
    none does.
    """
    start = 0
    for root in roots:
        if root != "." and path.startswith(root + "/"):
            start = max(start, len(root) + 1)
    folder, _, file = path[start:].rpartition("/")
    stem = file.rpartition(".")[0] or file
    package = stem == "__init__"
    around = folder.replace("/", ".")
    if package:
        return around, True
    return f"{around}.{stem}" if around else stem, False


def absolute(module: str, package: bool, level: int, name: str) -> str | None:
    """Return the module from which `from <level dots><name>` imports; None if it is outside the tree."""
    if level == 0:
        return name
    parts = module.split(".") if module else []
    climb = level - 1 if package else level
    if climb > len(parts):
        return None
    return ".".join([*parts[: len(parts) - climb], *([name] if name else [])])


def origin(statement: Node, module: str, package: bool) -> str | None:
    """Return the module from which an `import_from_statement` imports names."""
    node = statement.child_by_field_name("module_name")
    if node is None:
        return None
    if node.type != "relative_import":
        return dotted(node)
    level = 0
    name = ""
    for child in node.children:
        if child.type == "import_prefix":
            level = _text(child).count(".")
            name = "".join(dotted(part) for part in child.named_children)
        elif child.type == "dotted_name":
            name = dotted(child)
    return absolute(module, package, level, name)


def imported_module(trail: Trail, statement: int, module: str, package: bool) -> str | None:
    """Return the dotted name up to a word in an import statement, if it may be a module that this imports.

    `statement` is the index of the statement in the trail to the word.
    """
    name = trail[-2].node
    if name.type != "dotted_name" or trail[-1].field == "alias":
        return None
    words = [_text(n) for n in _identifiers(name.named_children) if n.start_byte <= trail[-1].node.start_byte]
    if trail[statement].node.type == "import_statement":
        return ".".join(words)
    if any(step.node.type == "relative_import" for step in trail):
        prefix = next(step.node for step in trail if step.node.type == "relative_import").children[0]
        level = _text(prefix).count(".")
        return absolute(module, package, level, ".".join(words))
    if trail[statement + 1].field == "module_name":
        return ".".join(words)
    above = origin(trail[statement].node, module, package)
    return None if above is None else ".".join(filter(None, [above, *words]))


def dotted(node: Node) -> str:
    """Return the text of a dotted name without white space, comments and line breaks."""
    if node.type == "identifier":
        return _text(node)
    return ".".join(_text(child) for child in _identifiers(node.named_children))


def _identifiers(nodes: Iterable[Node]) -> Iterable[Node]:
    return (node for node in nodes if node.type == "identifier")


def _text(node: Node) -> str:
    return normalize((node.text or b"").decode())
