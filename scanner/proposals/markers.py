"""Describes pieces of text whose occurrence in a file is remembered for every sampled commit."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Marker:
    """A text to look for. `name` is the key of the idea that it belongs to.

    A file contains it if it has one of the `needles` and matches the pattern, if there is one. A pattern that
    begins with plain letters is much faster.
    """

    name: str
    needles: tuple[bytes, ...]
    pattern: re.Pattern[bytes] | None = None

    def is_in(self, text: bytes) -> bool:
        """Return whether a file contains it."""
        for needle in self.needles:
            if needle in text:
                return self.pattern is None or self.pattern.search(text) is not None
        return False
