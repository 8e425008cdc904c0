"""Messages with the texts that commits, names and plans of strangers may contain, for hypothesis."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from compliance.notifications.message import Fact, Level, Link, Message

TEXTS = (
    *("", " ", "\n", "\0", "a\0b", "\ud800", "a\udfffb", "\u200b", "\u200d", "\u2060\ufeff", "\u3164"),
    *("<!channel>", "<!here|here>", "<!everyone>", "<@U012AB3CD>", "<#C123|general>", "<!subteam^S1>"),
    *("@here", "@channel", "@all", "@everyone", "<@123456789012345678>", "<@&42>", "<at>Ada</at>"),
    *("<https://evil.example|login>", "[login](https://evil.example)", "![x](https://evil.example/x.png)"),
    *(
        "https://evil.example/?q=1",
        "www.evil.example",
        "[x]: https://evil.example",
        "](x)",
        "a](",
        "mailto:a@b.c",
    ),
    *("**bold** _it_ ~~no~~ __u__ ||spoiler||", "`code`", "```\nblock\n```", "# title", "> quote", "- item"),
    *("1. one", "+ plus", "=====", "-----", "| a | b |\n|---|---|", "<b>x</b>", "&lt;!channel&gt;", "&amp;"),
    *(
        ":bomb:",
        "<:bomb:123>",
        "<t:0:R>",
        "$x^2$",
        "{{DATE(2017-02-14T06:08:39Z,SHORT)}}",
        "${secret}",
        "{{{",
    ),
    *("\u202egnp.exe", "\u2066rtl\u2069", "שלום עולם", "مرحبا", "é" * 40, "e" + "\u0301" * 3000, "\u2028x"),
    *("👩‍👩‍👧‍👦" * 40, "🏳️‍🌈", "🇺🇳", "😀" * 10_000, "*" * 10_000, "@" * 10_000, "<" * 10_000, "x" * 10_000),
    *(
        "\\",
        "\\\\*",
        "C:\\*\\",
        "a\\](b",
        "\\<!here\\>",
        "\x1b[31m",
        "\x07",
        "\U0001d4b3" * 3000,
        "漢" * 5000,
    ),
    "Bump left-pad from 1.0 to 2.0 (#42) <bot@example.org>",
)
HOSTILE = st.one_of(
    st.sampled_from(TEXTS),
    st.text(st.characters(exclude_categories=()), max_size=60),
    st.lists(st.sampled_from(TEXTS), max_size=6).map(" ".join),
    st.text(st.sampled_from("\\*_~`|<>[]()#@:-!{}$&=+.1a \u200b\u0301"), max_size=400),
)
URLS = st.one_of(
    st.sampled_from(
        (
            *("", "https://dash.example.org/repositories/shop/", "javascript:alert(1)", "http://[::1", "//x"),
            *(
                "https://x.example/a(b)c",
                "https://x.example/<!here>",
                "https://x.example/a b|c",
                "https://é.example/",
            ),
            *("https://x.example/" + "y" * 9000, "https://x.example/%20?q=[1]&r=*", "https://a:b@x.example/"),
            *(
                "https://x.example/\ud800",
                "https://x.example/\0",
                "ftp://x.example/",
                "https://x.example:99999999/",
            ),
        )
    ),
    st.text(max_size=20).map(lambda text: f"https://x.example/{text}"),
)
LINKS = st.builds(Link, HOSTILE, URLS)
FACTS = st.builds(Fact, HOSTILE, HOSTILE, URLS)


def many(parts: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    """Up to a few, or one of them many times."""
    return st.one_of(st.lists(parts, max_size=8).map(tuple), parts.map(lambda one: (one,) * 60), st.just(()))


MESSAGES: st.SearchStrategy[Message] = st.builds(
    Message,
    topic=st.sampled_from(("regression", "phase.closed", "pull_request.blocked")),
    title=HOSTILE,
    reason=HOSTILE,
    stop=LINKS,
    text=HOSTILE,
    facts=many(FACTS),
    entries=many(LINKS),
    omitted=st.integers(-1, 10**9),
    links=many(LINKS),
    repository=st.sampled_from(("", "shop")),
    level=st.sampled_from(Level),
    happened_at=st.one_of(st.none(), st.just(datetime(2026, 3, 29, 2, 30, tzinfo=UTC))),
)
