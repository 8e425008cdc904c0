"""Reads the values in a plan file with line and key, converting each to a type or reporting an error."""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import yaml

from scanner.globs import glob_problem
from scanner.planfile.errors import Problem, nearest

_DOTTED = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)+")
_IDENTIFIER = re.compile(r"[^\W\d]\w*")
ID_PATTERN = "[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
"""The regular expression of ids and of names that others refer to."""
_ID = re.compile(ID_PATTERN)
_NAME_GLOB = re.compile(r"[\w.*?\[\]!-]+")
_NOUNS = {
    "str": "text",
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
    "null": "empty",
    "timestamp": "a date",
    "seq": "a list",
    "map": "a mapping",
}
_SHOWN = 100
"""Maximum number of characters of a refused text that its message shows."""

EARLIEST, LATEST = date(1970, 1, 1), date(2200, 1, 1)
"""Dates are accepted on or after EARLIEST and before LATEST, so that readers can add weeks and time zones."""

KEY, PRIORITY, ROLE, NAME, TITLE, URL, MESSAGE = 100, 40, 40, 300, 500, 1000, 2000
"""Maximum lengths of texts in a plan, in characters; the dashboard's database columns are as long."""

_Value = TypeVar("_Value")
_Default = TypeVar("_Default")


class Fields(dict[str, "Entry"]):
    """The entries of a mapping, by key."""

    def read(self, key: str, reading: Callable[["Entry"], _Value], default: _Default) -> _Value | _Default:
        """Return the value of this key, or the default if the key is omitted."""
        return reading(self[key]) if key in self else default


def is_id(name: str) -> bool:
    """Return whether a plan accepts a name of a category or a suite, or an id."""
    return _ID.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class Entry:
    """A node, its key, and the file's list of problems, to which every method adds."""

    node: yaml.Node
    key: str
    file: str
    problems: list[Problem]

    @property
    def tag(self) -> str:
        """Return the YAML type: str, int, float, bool, null, timestamp, seq, map, or another tag in full."""
        return str(self.node.tag).removeprefix("tag:yaml.org,2002:")

    def refuse(self, message: str) -> None:
        """Report a problem with this entry."""
        self.problems.append(Problem(self.file, self.node.start_mark.line + 1, self.key, message))

    def _expect(self, what: str) -> None:
        self.refuse(f"must be {what}, but is {_NOUNS.get(self.tag, f'tagged `{self.tag}`')}")

    def pairs(self) -> Fields:
        """Return the entries of a mapping with arbitrary keys; duplicate keys are refused."""
        if not isinstance(self.node, yaml.MappingNode) or self.tag != "map":
            self._expect("a mapping")
            return Fields()
        found = Fields()
        for key_node, value in self.node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                Entry(key_node, self.key, self.file, self.problems).refuse("has a key that is not plain text")
                continue
            key = f"{self.key}.{key_node.value}" if self.key else key_node.value
            if key_node.value in found:
                first = found[key_node.value].node.start_mark.line + 1
                Entry(key_node, key, self.file, self.problems).refuse(
                    f"is a duplicate key (first on line {first})"
                )
                continue
            found[key_node.value] = Entry(value, key, self.file, self.problems)
        return found

    def fields(self, required: Sequence[str], optional: Sequence[str] = ()) -> Fields:
        """Return the entries of a mapping with fixed keys; unknown and missing keys are refused."""
        found = self.pairs()
        known = (*required, *optional)
        if self.tag == "map":
            lines = {key.value: key for key, _ in self.node.value if isinstance(key, yaml.ScalarNode)}
            for key in [key for key in found if key not in known]:
                at = Entry(lines[key], found[key].key, self.file, self.problems)
                at.refuse(f"unknown key `{key}`{nearest(key, known)}")
                del found[key]
            for key in required:
                if key not in found:
                    self.refuse(f"the key `{key}` is missing")
        return found

    def items(self, what: str = "a list") -> list["Entry"]:
        """Return the entries of a list."""
        if not isinstance(self.node, yaml.SequenceNode) or self.tag != "seq":
            if self.tag == "str":
                self.refuse(f"must be {what}; write [{self.node.value!r}]")
            else:
                self._expect(what)
            return []
        return [
            Entry(child, f"{self.key}[{index}]", self.file, self.problems)
            for index, child in enumerate(self.node.value)
        ]

    def text(self, what: str = "text", pattern: re.Pattern[str] = re.compile(r"[\s\S]*\S[\s\S]*")) -> str:
        """Return the text of a scalar that matches the pattern; empty if it was refused."""
        if self.tag != "str":
            quoted = isinstance(self.node, yaml.ScalarNode) and self.node.value
            hint = f'; write "{self.node.value}" in quotes' if quoted else ""
            self.refuse(f"must be {what}, but is {_NOUNS.get(self.tag, f'tagged `{self.tag}`')}{hint}")
            return ""
        if not pattern.fullmatch(self.node.value):
            shown = self.node.value if len(self.node.value) <= _SHOWN else f"{self.node.value[:_SHOWN]}…"
            self.refuse(f"must be {what}, but is {shown!r}")
            return ""
        return str(self.node.value)

    def bounded(self, limit: int, what: str = "text") -> str:
        """Return a text of at most `limit` characters; empty if it was refused."""
        text = self.text(what)
        if len(text) > limit:
            self.refuse(f"has {len(text):,} characters; at most {limit:,} are allowed")
            return ""
        return text

    def line(self, limit: int, what: str = "text") -> str:
        """Return a single line of text with at most `limit` characters; empty if it was refused."""
        text = self.bounded(limit, what)
        if not text.isprintable():
            self.refuse(f"must be {what} on one line, without control characters")
            return ""
        return text

    def id(self) -> str:
        """Return a short name used for references: letters, digits, dots, dashes and underscores."""
        return self.text("a name of letters, digits, `.`, `-` and `_`", _ID)

    def dotted(self) -> str:
        """Return a full dotted name."""
        return self.text("a full dotted name (module path, then the name)", _DOTTED)

    def dotted_names(self) -> tuple[str, ...]:
        """Return a list of full dotted names."""
        return tuple(filter(None, (entry.dotted() for entry in self.items("a list of dotted names"))))

    def module(self) -> str:
        """Return a dotted module name, which may be a single word."""
        return self.text("a dotted module name", re.compile(f"{_IDENTIFIER.pattern}|{_DOTTED.pattern}"))

    def identifier(self) -> str:
        """Return a Python identifier."""
        return self.text("one Python name", _IDENTIFIER)

    def name_globs(self) -> tuple[str, ...]:
        """Return a list of globs over names."""
        what = "a name, in which `*` matches anything"
        return tuple(filter(None, (entry.text(what, _NAME_GLOB) for entry in self.items("a list of names"))))

    def path_globs(self) -> tuple[str, ...]:
        """Return a list of globs over paths."""
        globs = []
        for entry in self.items("a list of path globs"):
            if glob := entry.text("a path glob"):
                if problem := glob_problem(glob):
                    entry.refuse(f"invalid glob {glob!r}: {problem}")
                globs.append(glob)
        return tuple(globs)

    def folders(self) -> tuple[str, ...]:
        """Return a list of folders relative to the repository's root; `.` is the root itself."""
        folders = []
        for entry in self.items("a list of folders"):
            folder = entry.text("a folder").removeprefix("./").rstrip("/")
            if folder and folder != "." and (glob_problem(folder) or "*" in folder):
                entry.refuse(f"invalid folder {folder!r}; write it relative to the root, as in `src` or `.`")
            folders.append(folder)
        return tuple(folders)

    def named(self, what: str) -> Fields:
        """Return the entries of a mapping whose keys are names that others refer to."""
        found = self.pairs()
        for name, entry in found.items():
            if not is_id(name):
                entry.refuse(f"the {what} {name!r} must be a name of letters, digits, `.`, `-` and `_`")
        return found

    def choice(self, known: Iterable[str], what: str) -> str:
        """Return one of the known words; empty if it was refused."""
        words = tuple(known)
        word = self.text(f"a {what}")
        if word and word not in words:
            self.refuse(f"unknown {what} `{word}`{nearest(word, words)}")
            return ""
        return word

    def choices(self, known: Iterable[str], what: str) -> tuple[str, ...]:
        """Return a list of known words."""
        words = tuple(known)
        return tuple(
            filter(
                None,
                (entry.choice(words, what) for entry in self.items(f"a list in which each item is a {what}")),
            )
        )

    def number(self, low: float = 0, high: float = math.inf) -> float:
        """Return a finite number within bounds."""
        limit = f"a number from {low:g}" + (f" to {high:g}" if high < math.inf else "")
        try:
            value = float(self.node.value) if self.tag in ("int", "float") else math.nan
        except ValueError:  # YAML's other ways to write a number: 0x1f, 1:30, .inf
            value = math.nan
        if not math.isfinite(value) or not low <= value <= high:
            self._expect(limit) if self.tag not in ("int", "float") else self.refuse(
                f"must be {limit}, but is {self.node.value}"
            )
            return low
        return value

    def count(self) -> int:
        """Return a whole number, 0 or greater."""
        if self.tag == "int" and re.fullmatch(r"0|[1-9][0-9]{0,8}", self.node.value):
            return int(self.node.value)
        self.refuse("must be a whole number, 0 or greater")
        return 0

    def flag(self) -> bool:
        """Return true or false."""
        if self.tag != "bool":
            self._expect("true or false")
        return self.tag == "bool" and self.node.value.lower() in ("true", "yes", "on")

    def date(self) -> date | None:
        """Return a calendar date, quoted or not."""
        if self.tag in ("timestamp", "str"):
            try:
                day = date.fromisoformat(self.node.value)
                if EARLIEST <= day < LATEST:
                    return day
                self.refuse(f"must be a date on or after {EARLIEST} and before {LATEST}, but is {day}")
            except ValueError:
                self.refuse(f"{self.node.value!r} is not a date; write YYYY-MM-DD, for example 2025-09-30")
        else:
            self._expect("a date, as in 2025-09-30")
        return None

    def plain(self) -> Any:
        """Return the value as plain Python data for options with their own schema; lists become tuples."""
        if isinstance(self.node, yaml.MappingNode):
            return {key: entry.plain() for key, entry in self.pairs().items()}
        if isinstance(self.node, yaml.SequenceNode):
            return tuple(entry.plain() for entry in self.items())
        if self.tag == "int" and re.fullmatch(r"-?[0-9]{1,9}", self.node.value):
            return int(self.node.value)
        if self.tag == "bool":
            return self.flag()
        return None if self.tag == "null" else self.node.value
