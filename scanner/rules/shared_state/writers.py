"""Finds writes by one file's functions to containers in modules and classes, in this file or in others."""

import re
from collections.abc import Callable, Iterator

from tree_sitter import Node

from scanner.python.classes import bases, own_class
from scanner.python.containers import MUTATORS, in_function, writes
from scanner.python.scopes import FUNCTIONS, Trail
from scanner.python.source import Source
from scanner.rules.shared_state.definitions import Container
from scanner.rules.shared_state.prefilter import imported_words

_STARTERS = frozenset(
    {
        "__init__",
        "__new__",
        "__post_init__",
        "__attrs_post_init__",
        "setUp",
        "asyncSetUp",
        "setup_method",
        "setup",
    }
)
# What follows the name of a container that is written to; each expression begins with a literal.
_METHOD = re.compile(rb"\.(?:%b|get)[ \t]*\(" % "|".join(MUTATORS).encode())
_ITEM = re.compile(rb"\[(?<=[\w\x80-\xff]\[)")
_OPERATORS = (b"+=", b"-=", b"|=", b"&=", b"^=", b"*=")
_RENAMED = re.compile(rb"\bas[ \t]+([\w\x80-\xff]+)")
_CHAIN = re.compile(rb"(?<![\w.\x80-\xff])[A-Za-z_\x80-\xff][\w.\x80-\xff]*\Z")
_LONGEST = 200  # maximum length of an attribute chain, in bytes


class Writers:
    """The writes made by the functions in one file."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def writes_to(self, container: Container) -> bool:
        """Return whether a function in the file writes to the container, or rebinds it as a global."""
        trails = self._source.trails(container.name)
        if container.owner is None:
            return self._rebinds(container) or any(
                self._is_global(trail) and writes(self._source, trail) and in_function(trail)
                for trail in trails
            )
        replaced = self._is_replaced(container.owner, trails)
        return any(
            self._is_attribute_of(trail, container.owner, replaced)
            and writes(self._source, trail)
            and in_function(trail)
            for trail in trails
        )

    def imported_containers(self, matches: Callable[[str], bool]) -> Iterator[str]:
        """Yield the full names of imported containers that functions write to.

        The last name of each of them matches, unless an import renames it.
        """
        source = self._source
        imported = imported_words(source.data)
        renamed = set(_RENAMED.findall(source.data))
        seen: set[str] = set()
        for start, text in _candidates(source.data):
            chain = text.split(".")
            if chain[0].encode() not in imported:
                continue
            for length in range(len(chain), 0, -1):
                key = ".".join(chain[:length])
                is_renamed = length == 1 and key.encode() in renamed
                if key in seen or not (is_renamed or matches(chain[length - 1])):
                    continue
                offset = start + len(key.encode()) - len(chain[length - 1].encode())
                trail = source.descend(offset)
                if trail[-1].node.type == "identifier" and writes(source, trail) and in_function(trail):
                    names = tuple(self._imported(trail))
                    seen.update([key] if names else [])
                    yield from names

    def _imported(self, trail: Trail) -> Iterator[str]:
        """Yield the full names of the attribute chain ending at a trail, if its first name is imported."""
        node = trail[-2].node if trail[-1].field == "attribute" else trail[-1].node
        head = node
        while head.type == "attribute" and (below := head.child_by_field_name("object")) is not None:
            head = below
        if head.type == "identifier" and any(b.kind == "import" for b in self._source.lookup(head)):
            yield from self._source.resolve(node)

    def _is_global(self, trail: Trail) -> bool:
        bound = self._source.lookup(trail[-1].node) if trail[-1].field != "attribute" else ()
        return any(binding.scope == self._source.root for binding in bound)

    def _rebinds(self, container: Container) -> bool:
        source = self._source
        return any(
            binding.scope == source.root
            and binding.kind not in {"parameter", "global", "nonlocal"}
            and source.enclosing(binding.node, *FUNCTIONS) is not None
            for binding in source.bindings(container.name)
        )

    def _is_replaced(self, owner: Node, trails: tuple[Trail, ...]) -> bool:
        """Return whether every object gets its own container when it is created."""
        for trail in trails:
            attribute, above = trail[-2].node, trail[-3].node if len(trail) > 2 else None
            if above is None or above.type != "assignment" or trail[-2].field != "left":
                continue
            holder = attribute.child_by_field_name("object")
            function = self._source.enclosing(attribute, "function_definition")
            name = None if function is None else function.child_by_field_name("name")
            if holder is None or name is None or self._source.text(holder) != "self":
                continue
            if self._source.text(name) in _STARTERS and self._class_around(attribute) == owner:
                return True
        return False

    def _is_attribute_of(self, trail: Trail, owner: Node, replaced: bool) -> bool:
        """Return whether an attribute is the owner's: it is accessed on `self`, `cls` or the class's name."""
        if trail[-1].field != "attribute":
            return False
        holder = trail[-2].node.child_by_field_name("object")
        if holder is None:
            return False
        if own_class(self._source, holder) is not None:
            return owner in self._lineage(self._class_around(holder))
        if self._source.text(holder) == "self":
            return not replaced and owner in self._lineage(self._class_around(holder))
        if holder.type != "identifier":
            return False
        meant = [b.statement for b in self._source.lookup(holder) if b.kind == "class"]
        return any(owner in self._lineage(class_node) for class_node in meant)

    def _class_around(self, node: Node) -> Node | None:
        return self._source.enclosing(node, "class_definition")

    def _lineage(self, class_node: Node | None, depth: int = 5) -> list[Node]:
        """Return a class and its base classes, as far as they are defined in this file."""
        if class_node is None or depth == 0:
            return []
        below = (
            b for base in bases(class_node) if base.type == "identifier" for b in self._source.lookup(base)
        )
        found = [class_node]
        for binding in below:
            if binding.kind == "class":
                found += self._lineage(binding.statement, depth - 1)
        return found


def _candidates(data: bytes) -> Iterator[tuple[int, str]]:
    """Yield the offset and text of each attribute chain that may be written to, in any order."""
    ends = [match.start() for pattern in (_METHOD, _ITEM) for match in pattern.finditer(data)]
    for operator in _OPERATORS:
        at = data.find(operator)
        while at >= 0:
            ends.append(at)
            at = data.find(operator, at + 2)
    for end in ends:
        before = data[max(end - _LONGEST, 0) : end].rstrip(b" \t")
        match = _CHAIN.search(before)
        if match is not None:
            yield end - len(data[max(end - _LONGEST, 0) : end]) + match.start(), match.group().decode()
