"""The search for all rules' words at once names the rules whose words stand in a text, and hardly another."""

from hypothesis import given
from hypothesis import strategies as st

from scanner.python.multi_search import Needles

# Few letters, so that words overlap, hold and continue each other.
_WORDS = st.text("ab_", min_size=1, max_size=7).map(str.encode)


@given(st.lists(st.lists(_WORDS, max_size=4), max_size=6), st.text("ab_ ", max_size=60).map(str.encode))
def test_names_the_askers_whose_words_are_there(askers: list[list[bytes]], text: bytes) -> None:
    named = Needles(askers).found_in(text)
    there = {n for n, words in enumerate(askers) if not words or any(word in text for word in words)}
    short = {n for n, words in enumerate(askers) if any(len(word) < 4 for word in words)}
    assert named == there | short


def test_leaves_out_who_has_no_word_there() -> None:
    needles = Needles([(b"get_factory",), (b"make_engine", b"import *"), ()])
    assert needles.found_in(b"engine = make_engine()") == {1, 2}
    assert needles.found_in(b"nothing of it") == {2}


def test_a_word_inside_another_one_is_found() -> None:
    assert Needles([(b"_factory_instance",), (b"get_factory",)]).found_in(b"get_factory_instance") == {0, 1}
