"""A possible singleton, as the modules of this package find it; the rule decides what to report."""

from dataclasses import dataclass

from tree_sitter import Node

from scanner.python.inference import Classes

# A fact (topic, full dotted name) that another file must publish for a shape to count.
Condition = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Shape:
    """One location that stores an instance: its first and last node, and the possible classes.

    The shape counts only if another file fulfils `condition`. `declared` says that the attribute looks like a
    declared field, which is not shared although it is in the class body.
    """

    role: str
    start: Node
    end: Node
    symbol: str
    classes: Classes
    condition: Condition | None = None
    declared: bool = False
