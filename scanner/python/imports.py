"""Import statements as full dotted names, and the dotted names that paths give to modules."""

from collections.abc import Iterable, Sequence

from tree_sitter import Node

IMPORTS = frozenset({"import_statement", "import_from_statement"})


def module_name(path: str, roots: Sequence[str] = (".",)) -> tuple[str, bool]:
    """The dotted module name of a path and whether it is a package's `__init__`.

    The longest source root that holds the path is where the name starts; a file outside all of them is
    named from the repository's root.
    """
    holding = (root for root in roots if root != "." and path.startswith(root + "/"))
    inside = path[max((len(root) + 1 for root in holding), default=0) :]
    folder, _, file = inside.rpartition("/")
    stem = file.rpartition(".")[0] or file
    package = stem == "__init__"
    parts = folder.split("/") if folder else []
    return ".".join(parts if package else [*parts, stem]), package


def absolute(module: str, package: bool, level: int, name: str) -> str | None:
    """The module that `from <level dots><name>` means in `module`; None when it climbs out of the tree."""
    if level == 0:
        return name
    parts = module.split(".") if module else []
    climb = level - 1 if package else level
    if climb > len(parts):
        return None
    return ".".join([*parts[: len(parts) - climb], *([name] if name else [])])


def origin(statement: Node, module: str, package: bool) -> str | None:
    """The module that an `import_from_statement` takes names from."""
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


def dotted(node: Node) -> str:
    """The text of a dotted name without the blanks, comments and line ends that may stand in it."""
    if node.type == "identifier":
        return _text(node)
    return ".".join(_text(child) for child in _identifiers(node.named_children))


def _identifiers(nodes: Iterable[Node]) -> Iterable[Node]:
    return (node for node in nodes if node.type == "identifier")


def _text(node: Node) -> str:
    return (node.text or b"").decode()
