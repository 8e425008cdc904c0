"""Finds imports of listed names in one file, the names they bind, and whether these are re-exported."""

from collections.abc import Iterator

from tree_sitter import Node

from scanner.python.annotations import uses_of
from scanner.python.imports import IMPORTS, dotted, origin
from scanner.python.scopes import Binding, Trail
from scanner.python.source import Source
from scanner.rules.symbols.definitions import Definitions
from scanner.rules.symbols.sites import Site
from scanner.rules.symbols.symbol_list import Listed


def imports(source: Source, listed: Listed, own: Definitions) -> Iterator[tuple[Site, tuple[Binding, ...]]]:
    """Yield every import of what may be a listed name, with the bindings that it creates in this file.

    Of an import from a listed module, these are the bindings of everything that it imports from there.
    """
    for last in listed.by_last:
        for trail in source.trails(last):
            index = next((i for i, step in enumerate(trail) if step.node.type in IMPORTS), None)
            if index is None or own.covers(trail[-1].node):
                continue
            statement, part = trail[index].node, trail[index + 1]
            if statement.type == "import_from_statement" and part.field == "name":
                if trail[-1].field == "alias":
                    continue
                site, bound = _named(source, statement, part.node, last)
                if bound is None or bound.node.id not in own.nodes:
                    yield site, () if bound is None else (bound,)
            else:
                module = _module(source, listed, trail, index, last)
                if module is not None:
                    yield module


def _named(source: Source, statement: Node, part: Node, last: str) -> tuple[Site, Binding | None]:
    """Return the site and the binding for `from module import last`, with or without an alias."""
    alias = part.child_by_field_name("alias")
    local = source.text(alias) if alias is not None else last
    bound = _bound(source, part)
    module = origin(statement, source.module, source.package)
    names = () if module is None else (f"{module}.{last}" if module else last,)
    top = source.is_module_level(part)
    used = bound is not None and (_is_member(bound) or any(True for _ in uses_of(source, bound)))
    role = "import" if used else "unused-import"
    if top and ((alias is not None and local == last) or _reexports(source, local, used)):
        role = "re-export"
    exported_name = f"{source.module}.{local}".lstrip(".") if top and role == "unused-import" else ""
    return Site(
        source.location(part), role, source.scope(part), last, names, exported_name=exported_name
    ), bound


def _is_member(bound: Binding) -> bool:
    """Return whether an import is an attribute of a class, which objects and subclasses may use."""
    return bound.scope.type == "class_definition"


def _reexports(source: Source, local: str, used: bool) -> bool:
    """Return whether a module re-exports a name: in `__all__`, or unused in an `__init__.py`."""
    if source.exported is not None:
        return local in source.exported
    return source.package and not used


def _module(
    source: Source, listed: Listed, trail: Trail, index: int, last: str
) -> tuple[Site, tuple[Binding, ...]] | None:
    """Return the site of an import of, or from, a module that is itself listed, and the bindings of an alias
    or of the names that are imported from it.

    There is none if a longer name that the statement imports is listed: that is the one to report.
    """
    statement = trail[index].node
    names = next((s.node for s in reversed(trail) if s.node.type == "dotted_name"), None)
    if names is None or trail[-1].field == "alias":
        return None
    after = [n for n in names.named_children if n.start_byte > trail[-1].node.start_byte]
    whole = dotted(names)
    if statement.type == "import_from_statement":
        whole = origin(statement, source.module, source.package) or ""
    parts = whole.split(".")
    end = len(parts) - len(after)
    full = ".".join(parts[:end])
    if full not in listed or any(".".join(parts[:n]) in listed for n in range(end + 1, len(parts) + 1)):
        return None
    if statement.type == "import_from_statement" and _lists_every_name(source, listed, statement, whole):
        return None
    site = Site(source.location(names), "import", source.scope(names), last, (full,))
    if statement.type == "import_from_statement":
        parts_of = statement.children_by_field_name("name")
        bound = [
            _bound(source, part) for part in parts_of if f"{whole}.{_imported(source, part)}" not in listed
        ]
    else:
        alias = trail[index + 1].node.child_by_field_name("alias")
        bound = [source.binding_at(alias) if alias is not None else None]
    return site, tuple(each for each in bound if each is not None)


def _bound(source: Source, part: Node) -> Binding | None:
    """Return the binding of one name of `from module import name`."""
    alias = part.child_by_field_name("alias")
    return source.binding_at(alias or part.named_children[-1])


def _lists_every_name(source: Source, listed: Listed, statement: Node, module: str) -> bool:
    """Return whether all names that a statement imports from a module are listed themselves."""
    names = statement.children_by_field_name("name")
    return bool(names) and all(f"{module}.{_imported(source, name)}" in listed for name in names)


def _imported(source: Source, part: Node) -> str:
    name = part.child_by_field_name("name") if part.type == "aliased_import" else part
    return dotted(name) if name is not None else source.text(part)
