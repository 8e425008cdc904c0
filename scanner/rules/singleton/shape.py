"""The shapes of a singleton, one a file: what each finds is a Shape, and the rule decides what to report."""

from dataclasses import dataclass

from tree_sitter import Node

from scanner.python.inference import Classes


@dataclass(frozen=True, slots=True)
class Shape:
    """One place that keeps an instance: the nodes that the place runs over, and the classes it may be of.

    `asks` names what another file must say before the place counts: (topic, full dotted name). `declared`
    says that it stands as fields of records stand, which are not shared although a class holds them.
    """

    role: str
    start: Node
    end: Node
    symbol: str
    classes: Classes
    asks: tuple[str, str] | None = None
    declared: bool = False
