"""A possible singleton, as the modules in this package find it; the rule decides which ones to report."""

from dataclasses import dataclass

from tree_sitter import Node

from scanner.python.inference import Classes

# A fact (topic, full dotted name) that another file must publish for a shape to count.
Condition = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Shape:
    """One location that stores an instance: its first and last node, and the possible classes.

    If `condition` is set, the shape counts only if another file fulfils it. `declared` is true if the
    attribute looks like a declared field, which is not shared even though it is in the class body.
    """

    role: str
    start: Node
    end: Node
    symbol: str
    classes: Classes
    condition: Condition | None = None
    declared: bool = False
