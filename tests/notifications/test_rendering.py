"""Every message keeps to the limits of its channel and is shown literally, whatever its texts contain."""

import json
import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given

from compliance.notifications.channels import CHANNELS, discord, email, mattermost, slack, teams, webhook
from compliance.notifications.message import DETAILS, Fact, Link, Message, clean_url, shaped
from compliance.notifications.rendering import clip, units
from tests.generated import examples
from tests.notifications import chat_limits, hostile

NOW = datetime(2026, 3, 29, 2, 30, tzinfo=UTC)
ASCII = "".join(map(chr, range(33, 127)))
"""Every printable character of ASCII, so every one that may be markup."""


def body_of(kind: str, message: Message) -> bytes:
    """The body of the request with a message."""
    if kind == "webhook":
        return webhook.render(message, NOW)
    module: Any = CHANNELS[kind]
    return json.dumps(module.render(message)).encode()


def plain(title: str, **more: Any) -> Message:
    return Message("test", title, "you asked", Link("Stop", "https://x.example/stop"), **more)


@pytest.mark.parametrize("kind", sorted(chat_limits.MESSAGES))
@examples(250)
@given(message=hostile.MESSAGES)
def test_hostile_messages_keep_to_the_limits(kind: str, message: Message) -> None:
    body = body_of(kind, message)
    chat_limits.MESSAGES[kind].model_validate_json(body)
    assert kind != "webhook" or len(body) < 20_000


def shown_by_slack(payload: dict[str, Any]) -> str:
    return "".join(texts_of(payload["blocks"]))


def texts_of(tree: Any) -> list[str]:
    """Every text of a nested document, in order."""
    if isinstance(tree, dict):
        own = [tree["text"]] if isinstance(tree.get("text"), str) else []
        return own + [text for value in tree.values() for text in texts_of(value)]
    return [text for part in tree for text in texts_of(part)] if isinstance(tree, list) else []


def shown_by_mattermost(payload: dict[str, Any]) -> str:
    """What a reader sees, with the characters that stand for others replaced by those."""
    shown = "".join(token.content for token in chat_limits.tokens(payload["text"]) if token.type == "text")
    return shown.translate(str.maketrans("‹›［］＄ǀ", "<>[]$|")).replace("\u200b", "")  # noqa: RUF001


def shown_by_discord(payload: dict[str, Any]) -> str:
    embed = payload["embeds"][0]
    texts = [embed["title"], embed["description"], *(field["value"] for field in embed["fields"])]
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", "".join(texts)).replace("\u200b", "")


def test_a_text_with_every_character_of_ascii_is_shown_as_it_is() -> None:
    message = plain(
        f"a{ASCII}",
        text=f"b{ASCII}",
        facts=(Fact("Author", f"c{ASCII}"), Fact("Commit", f"d{ASCII}", "https://x.example/d")),
        entries=(Link(f"e{ASCII}"), Link(f"f{ASCII}", "https://x.example/f")),
    )
    expected = [f"{first}{ASCII}" for first in "abcdef"]
    shown = {
        "slack": shown_by_slack(slack.render(message)),
        "teams": "".join(texts_of(teams.render(message))).replace("\u200b", ""),
        "discord": shown_by_discord(discord.render(message)),
        "mattermost": shown_by_mattermost(mattermost.render(message)),
        "webhook": "".join(strings(json.loads(webhook.render(message, NOW)))),
        "e-mail": str(email.render(message).body),
    }
    assert set(shown) == set(CHANNELS), "a new channel needs a row here"
    for kind, text in shown.items():
        assert [one for one in expected if one not in text] == [], kind
    fallback = slack.render(message)["text"].replace("\u200b", "")
    assert unescape(fallback) == expected[0]


def strings(tree: Any) -> list[str]:
    """Every text among the values of a nested document."""
    if isinstance(tree, str):
        return [tree]
    parts = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    return [text for part in parts for text in strings(part)]


def test_links_lead_where_they_should() -> None:
    url = "https://dash.example.org/repositories/shop/files/?path=a_b-c&x=1#L3"
    message = plain("Title", entries=(Link("file", url),), links=(Link("Open", url),))
    slack_links = re.findall(r'"url": "([^"]+)"', json.dumps(slack.render(message)))
    assert slack_links == [url, url, "https://x.example/stop"]
    found = [
        token.attrs["href"] for token in chat_limits.tokens(mattermost.render(message)["text"]) if token.attrs
    ]
    assert found == [url, url, "https://x.example/stop"]
    assert discord.render(message)["embeds"][0]["description"].count(f"]({url})") == 2
    assert teams.render(message)["attachments"][0]["content"]["actions"][0]["url"] == url


@pytest.mark.parametrize(
    ("given_url", "expected"),
    [
        ("https://x.example/a(b)c", "https://x.example/a%28b%29c"),
        ("https://x.example/a b|c>", "https://x.example/a%20b%7Cc%3E"),
        ("https://x.example/ü?q=[1]", "https://x.example/%C3%BC?q=%5B1%5D"),
        ("https://x.example:8443/%20", "https://x.example:8443/%20"),
        ("javascript:alert(1)", ""),
        ("https://user:pw@x.example/", ""),
        ("https://é.example/", ""),
        ("//x.example/", ""),
        ("http://[::1", ""),
        ("https://x.example/\ud800", ""),
        (f"https://x.example/{'y' * 600}", ""),
    ],
)
def test_only_addresses_that_no_channel_can_misread_are_links(given_url: str, expected: str) -> None:
    assert clean_url(given_url, 500) == expected


def test_what_is_left_out_is_counted() -> None:
    entries = tuple(Link(f"commit {number}", "https://x.example/c") for number in range(57))
    message = plain("Title", entries=entries, omitted=1000)
    for kind, text in {
        "slack": shown_by_slack(slack.render(message)),
        "teams": "".join(texts_of(teams.render(message))),
        "discord": shown_by_discord(discord.render(message)),
        "mattermost": shown_by_mattermost(mattermost.render(message)),
        "e-mail": str(email.render(message).body),
    }.items():
        left = 1057 - len(set(re.findall(r"commit \d+", text)))
        assert f"and {left:,} more" in text, kind
    data = json.loads(webhook.render(message, NOW))["data"]
    assert data["omitted"] + len(data["entries"]) == 1057
    assert shaped(plain("x", entries=entries[:3]), DETAILS[0]).more == ""


def test_invisible_texts_and_characters_are_replaced() -> None:
    hidden = plain("\u200b\u2060\ufeff", facts=(Fact("\u3164", "\u200d"),), entries=(Link("\0"),))
    shown = shaped(hidden, DETAILS[0])
    assert (shown.title, shown.facts[0].name, shown.facts[0].value) == ("–", "–", "–")  # noqa: RUF001
    assert shaped(plain("a\u200bd\u202emin"), DETAILS[0]).title == "ad min"
    family = "👩\u200d👩\u200d👧"
    assert shaped(plain(family), DETAILS[0]).title == family, "joiners are part of emoji"


@examples(100)
@given(message=hostile.MESSAGES)
def test_hostile_texts_stay_text_in_e_mails(message: Message) -> None:
    letter = email.render(message)
    letter.to = ["team@example.org"]
    letter.subject = str(letter.subject)
    parsed = message_from_bytes(letter.message().as_bytes(), policy=policy.default)
    assert set(map(str.lower, parsed.keys())) <= {
        *("content-type", "mime-version", "subject", "from", "to", "date", "message-id"),
    }
    assert parsed.is_multipart()
    tags = Tags()
    html = parsed.get_body(("html",))
    assert html is not None
    tags.feed(html.get_content())
    assert tags.found <= {
        *(
            "html",
            "head",
            "meta",
            "title",
            "style",
            "body",
            "main",
            "h1",
            "p",
            "dl",
            "dt",
            "dd",
            "ul",
            "li",
            "a",
        ),
    }
    assert all(re.fullmatch(r"https?://[!-~]+", href) for href in tags.links)


class Tags(HTMLParser):
    """Collects the elements of a page and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]


@examples(200)
@given(text=hostile.HOSTILE)
def test_clipped_texts_are_a_beginning_and_keep_whole_escapes(text: str) -> None:
    escapes = str.maketrans({"*": "\\*", "<": "&lt;"})
    for limit in (5, 17, 300):
        short = clip(text, limit, escapes)
        assert units(short) <= limit
        whole = text.translate(escapes)
        assert short == whole or whole.startswith(short.removesuffix("…"))
        assert not re.search(r"&(?!lt;)", short) or "&" in text
