"""Phrases that the engine's messages share: counted nouns and short lists of words."""

from collections.abc import Sequence

_SHOWN = 5


def counted(count: int, noun: str) -> str:
    """Return a number with its noun, in the plural if necessary."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def join_words(words: Sequence[str]) -> str:
    """Return the first few words joined for a sentence, and the number of the others."""
    shown = list(words[:_SHOWN])
    more = len(words) - len(shown)
    if more:
        return f"{', '.join(shown)} and {more} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))
