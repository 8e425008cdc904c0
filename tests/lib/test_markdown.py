"""Texts of others in Markdown: shown as they are, without mentions, references, HTML or hidden characters."""

import html
import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compliance.lib.markdown import block, code, link, plain, prose

NASTY = st.text(
    st.sampled_from("@#!$%&~^:`*_[](){}<>|\\/+-.=\"' \t\n1aZ\u00e9\u202e\u2066\u200b\u05d0\ud800\x00\x1b"),
    max_size=30,
)


def visible(markdown: str) -> str:
    """Return what is read in the end: character references resolved, and what has no width left out."""
    return re.sub("[\u200b\u2068\u2069]", "", html.unescape(markdown))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "@ada",
            "@org/team",
            "a@b",
            "@{5f:1}",
            '@"Ada L"',
            "#12",
            "team/shop#12",
            "GH-12",
            "!3",
            "$4",
            "%5",
            "&6",
        ),
        *(
            '~"label"',
            "~label",
            ":smile:",
            "https://forge.example.org/team/shop/issues/12",
            "www.example.org",
        ),
    ],
)
def test_references_are_broken(text: str) -> None:
    rendered = html.unescape(prose(text))
    assert rendered != text
    assert visible(prose(text)) == text
    # The character that begins a reference is followed by nothing that continues it.
    assert not re.search(r"@[\w{\"]|[#!$%&~][\w\"]|GH-\d|://|:\w+:|www\.", rendered)


@given(NASTY)
@example("<script>alert(1)</script><!-- x -->")
@example("1. a")
@example("- a")
def test_prose_is_one_line_that_begins_no_markup(text: str) -> None:
    found = prose(text)
    assert not set(found) & set("\n\r`*_[]()<>|\\{}")
    assert not re.match(r"\d[.)]|[-+=#]", found)
    assert re.sub(r"&#\d+;", "", found).count("&") == 0
    assert all(
        unicodedata.category(character) not in {"Cc", "Cs", "Zl", "Zp"} and character not in "\u202e\u2066"
        for character in found
    )
    assert visible(found) == visible(plain(text))


@given(NASTY)
def test_code_ends_where_it_should(text: str) -> None:
    found = code(text)
    fence = re.match("`+", found)
    assert fence
    inner = found[len(fence[0]) : -len(fence[0])]
    assert found.endswith(fence[0])
    assert fence[0] not in re.findall("`+", inner)
    assert "\n" not in found
    assert "\u202e" not in found


@given(NASTY)
def test_a_block_ends_where_it_should(text: str) -> None:
    lines = block(text, "diff").split("\n")
    fence = lines[0].removesuffix("diff")
    assert set(fence) == {"`"}
    assert len(fence) >= 3
    assert lines[-1] == fence
    assert all(fence not in line for line in lines[1:-1])


def test_right_to_left_texts_are_isolated_and_reversals_shown() -> None:
    assert code("shop/\u05d0\u05d1.py") == "`\u2068shop/\u05d0\u05d1.py\u2069`"
    assert code("a\u202eyp.b") == "`a\\u202eyp.b`"
    assert prose("a\u202eyp.b") == "a&#92;u202eyp.b"
    assert block("a\u202e\tb\x1b[0m") == "```\na\\u202e\tb\\u001b[0m\n```"


def test_what_is_too_long_is_cut() -> None:
    assert len(prose("x" * 900)) == 500
    assert code(f"{'x' * 900}/jobs.py") == f"`…{'x' * 151}/jobs.py`"


def test_a_link_needs_an_address() -> None:
    assert link("`a`", "") == "`a`"
    assert link("`a`", "https://e.org/a b(c)#L1") == "[`a`](https://e.org/a%20b%28c%29#L1)"
