"""Phrases that the engine's messages share: counted nouns and short lists of words."""

from collections.abc import Sequence

_SHOWN = 5


def counted(count: int, noun: str) -> str:
    """A number with its noun, in the plural where it must be."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def join_words(words: Sequence[str]) -> str:
    """A few of them in words, and how many more there are."""
    shown = list(words[:_SHOWN])
    more = len(words) - len(shown)
    if more:
        return f"{', '.join(shown)} and {more} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))
