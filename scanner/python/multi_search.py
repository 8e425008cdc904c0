"""Which rules may have something to say about a text, by one search for the words of all of them.

`in` is fast, but asking it for two dozen words is to read each text two dozen times: 2 s of a scan of 183 MB,
where one search for them all takes 0.1 s. (Expressions with a choice: 1.5 s; a DFA: 0.7 s.)
"""

from collections.abc import Sequence

from ahocorasick_rs import BytesAhoCorasick, MatchKind

# A shorter word stands in most texts, and each place of it would be reported.
_SHORTEST = 4


class Needles:
    """The words of several askers; an asker without words, or with a very short one, is always named."""

    def __init__(self, askers: Sequence[Sequence[bytes]]) -> None:
        self._always = frozenset(
            number for number, words in enumerate(askers) if min(map(len, words), default=0) < _SHORTEST
        )
        owners: dict[bytes, set[int]] = {}
        for number, words in enumerate(askers):
            for word in words if number not in self._always else ():
                owners.setdefault(word, set()).add(number)
        self._owners = [frozenset(asking) for asking in owners.values()]
        # Found places do not overlap: what may begin inside a found one must be looked for again.
        self._hidden = [
            tuple((other, frozenset(owners[other])) for other in owners if _may_hide(word, other))
            for word in owners
        ]
        self._search = BytesAhoCorasick(list(owners), matchkind=MatchKind.LeftmostLongest)

    def found_in(self, text: bytes) -> frozenset[int]:
        """The numbers of the askers one of whose words stands in the text, and of those always named."""
        found = {word for word, _, _ in self._search.find_matches_as_indexes(text)}
        askers = self._always.union(*(self._owners[word] for word in found))
        for other, asking in {pair for word in found for pair in self._hidden[word]}:
            if not asking <= askers and other in text:
                askers |= asking
        return askers


def _may_hide(word: bytes, other: bytes) -> bool:
    """Whether a place of `other` may begin inside one of `word`, or where it begins without being longer."""
    inside = any(word[at:].startswith(other) or other.startswith(word[at:]) for at in range(1, len(word)))
    return inside or word.startswith(other)
