"""A page as a tree that can be asked for its parts and its numbers."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset(("area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"))
_SILENT = frozenset(("script", "style", "svg", "time", "code", "title"))
_NUMBER = re.compile(r"(?<![\w#.-])\d[\d,]*(?:\.\d+)?")


@dataclass
class Element:
    """One element; `children` are elements and texts in their order."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: "list[Element | str]" = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    def walk(self) -> "list[Element]":
        """Itself and every element inside, in the page's order."""
        found, waiting = [], [self]
        while waiting:
            found.append(waiting.pop())
            waiting += [child for child in reversed(found[-1].children) if isinstance(child, Element)]
        return found

    def all(self, tag: str = "", kind: str = "") -> "list[Element]":
        """The elements inside of a tag and a class."""
        return [
            e for e in self.walk() if e is not self and tag in ("", e.tag) and (not kind or kind in e.classes)
        ]

    def one(self, tag: str = "", kind: str = "", number: int = 0) -> "Element":
        """The first of them, or the one so many further. Raises AssertionError without it."""
        found = self.all(tag, kind)
        assert len(found) > number, f"no {tag}.{kind} number {number}"
        return found[number]

    def by_id(self, name: str) -> "Element":
        """The element of this id. Raises AssertionError without it."""
        found = [e for e in self.walk() if e.attributes.get("id") == name]
        assert found, f"no #{name}"
        return found[0]

    def text(self, skip: "Callable[[Element], bool]" = lambda _: False) -> str:
        """What a reader reads, times, code and drawings left out; parts stand apart by one space."""
        return re.sub(r"\s+", " ", " ".join(self._texts(skip))).strip()

    def _texts(self, skip: "Callable[[Element], bool]") -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag not in _SILENT and not skip(child):
                yield from child._texts(skip)

    def numbers(self, skip: "Callable[[Element], bool]" = lambda _: False) -> list[float]:
        """Every number that a reader reads in it, in order."""
        return numbers(self.text(skip))


def numbers(text: str) -> list[float]:
    """Every number in a text, in order, signs left out."""
    return [float(found.replace(",", "")) for found in _NUMBER.findall(text)]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        while len(self.open) > 1 and self.open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def parse(html: str) -> Element:
    """The tree of a page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root
