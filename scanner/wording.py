"""Phrases that the engine's messages share: counted nouns and short word lists."""

from collections.abc import Sequence

_SHOWN = 5


def counted(count: int, noun: str) -> str:
    """Return a number with its noun, in the plural unless the number is 1."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def join_words(words: Sequence[str]) -> str:
    """Return the first few words joined for use in a sentence, followed by the number of omitted words."""
    shown = list(words[:_SHOWN])
    more = len(words) - len(shown)
    if more:
        return f"{', '.join(shown)} and {more} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))
