"""Describes pieces of text whose occurrence in a file is remembered for every sampled commit."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Marker:
    """A text to look for. `name` is the key of the idea that it belongs to, and `needle` is in each match."""

    name: str
    needle: bytes
    pattern: re.Pattern[bytes] | None = None

    def is_in(self, text: bytes) -> bool:
        """Return whether a file contains it."""
        return self.needle in text and (self.pattern is None or self.pattern.search(text) is not None)
