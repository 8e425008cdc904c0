"""One parsed file: places, imports, scopes, full dotted names."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of one file: 1-based lines and columns in characters, the end column exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int
    snippet: str


class Source:
    """One file's text, parsed once for all rules."""
