"""What the chat services document about messages, as strict models: they refuse whatever isn't documented.

Nothing here comes from the product. Peers in `tests/integrations/peers` answer with an error if a message
breaks these rules, and the tests of the renderers check generated messages against them.
"""

import json
import re
from collections.abc import Iterator
from typing import Annotated, Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

ZERO_WIDTH = "\u200b"


def length(text: str) -> int:
    """The length as JavaScript counts it, which is the largest that a service may mean by characters."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def at_most(most: int) -> AfterValidator:
    """Admits texts with at least one visible character and at most so many characters."""

    def check(text: str) -> str:
        assert 0 < length(text) <= most, f"{length(text)} characters, at most {most}"
        assert text.strip().strip(ZERO_WIDTH), "blank"
        assert "\0" not in text
        assert not re.search("[\ud800-\udfff]", text), "a lone surrogate"
        assert not re.search("[\u202a-\u202e\u2066-\u2069]", text), "reorders the text"
        return text

    return AfterValidator(check)


def _url(text: str) -> str:
    assert re.fullmatch(r"https?://[\w.-]+(:\d+)?(/[!-~]*)?", text, re.ASCII), "not a URL"
    assert not re.search(r"[()<>\[\]\"'`\\|\s]", text), "ends a link"
    return text


Url = Annotated[str, Field(max_length=2000), AfterValidator(_url)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


# Slack: https://docs.slack.dev/reference/block-kit/blocks and …/formatting-message-text


class SlackStyle(Strict):
    bold: bool = False
    italic: bool = False


class SlackText(Strict):
    """A text that is shown literally."""

    type: Literal["text"]
    text: Annotated[str, Field(min_length=1, max_length=3000)]
    style: SlackStyle | None = None


class SlackLink(Strict):
    type: Literal["link"]
    url: Url
    text: Annotated[str, at_most(3000)]


class SlackSection(Strict):
    type: Literal["rich_text_section"]
    elements: Annotated[
        list[Annotated[SlackText | SlackLink, Field(discriminator="type")]], Field(min_length=1)
    ]


class SlackList(Strict):
    type: Literal["rich_text_list"]
    style: Literal["bullet", "ordered"]
    elements: Annotated[list[SlackSection], Field(min_length=1)]


class SlackBlock(Strict):
    type: Literal["rich_text"]
    elements: Annotated[
        list[Annotated[SlackSection | SlackList, Field(discriminator="type")]], Field(min_length=1)
    ]


def _no_mention(text: str) -> str:
    assert "<" not in text
    assert ">" not in text
    assert not re.search(r"&(?!amp;|lt;|gt;)", text), "& must be an entity"
    assert not re.search(r"@\w", text), "a mention"
    return text


class SlackMessage(Strict):
    """The text is interpreted, and shown in notifications. Blocks of more than 13,200 characters together
    are refused, which isn't documented.
    """

    text: Annotated[str, at_most(3000), AfterValidator(_no_mention)]
    blocks: Annotated[list[SlackBlock], Field(min_length=1, max_length=50)]
    unfurl_links: Literal[False]
    unfurl_media: Literal[False]

    @model_validator(mode="after")
    def _whole(self) -> "SlackMessage":
        assert length(json.dumps(self.model_dump(exclude_none=True)["blocks"], ensure_ascii=False)) <= 13_200
        return self


# Teams: https://learn.microsoft.com/en-us/adaptive-cards/schema-explorer/


class OpenUrl(Strict):
    type: Literal["Action.OpenUrl"]
    url: Url
    title: Annotated[str, at_most(200)] | None = None


def _no_date(text: str) -> str:
    assert "{{" not in text, "is filled in"
    return text


class TextRun(Strict):
    """A text in which Markdown isn't supported, but dates are filled in."""

    type: Literal["TextRun"]
    text: Annotated[str, at_most(3000), AfterValidator(_no_date)]
    color: Literal["Default", "Good", "Warning", "Attention"] | None = None
    isSubtle: bool | None = None  # noqa: N815  (the service's name)
    size: Literal["Small", "Default", "Medium", "Large"] | None = None
    weight: Literal["Lighter", "Default", "Bolder"] | None = None
    selectAction: OpenUrl | None = None  # noqa: N815


class RichTextBlock(Strict):
    type: Literal["RichTextBlock"]
    inlines: Annotated[list[TextRun], Field(min_length=1)]


class Card(Strict):
    schema_: Annotated[Literal["http://adaptivecards.io/schemas/adaptive-card.json"], Field(alias="$schema")]
    type: Literal["AdaptiveCard"]
    version: Literal["1.4"]
    fallbackText: Annotated[str, at_most(3000), AfterValidator(_no_date)]  # noqa: N815
    body: Annotated[list[RichTextBlock], Field(min_length=1)]
    actions: Annotated[list[OpenUrl], Field(max_length=6)]


class CardAttachment(Strict):
    contentType: Literal["application/vnd.microsoft.card.adaptive"]  # noqa: N815
    content: Card


class TeamsMessage(Strict):
    """The documented limit is about 28 kB, but cards of more than 21 kB were refused."""

    type: Literal["message"]
    attachments: Annotated[list[CardAttachment], Field(min_length=1, max_length=1)]

    @model_validator(mode="after")
    def _whole(self) -> "TeamsMessage":
        dumped = self.model_dump(by_alias=True, exclude_none=True)
        assert len(json.dumps(dumped).encode()) <= 28_000
        assert len(json.dumps(dumped, ensure_ascii=False).encode()) <= 21_000
        return self


# Discord: https://docs.discord.com/developers/resources/message#embed-object-embed-limits

_DISCORD = re.compile(r"(\\[^0-9A-Za-z\s])|\[((?:\\.|[^\]\\])*)\]\(([^()\s]+)\)")


def _shown(found: re.Match[str]) -> str:
    """What stands for an escaped character, and for a masked link, whose text is checked by itself."""
    if found[1]:
        return "x"  # it is shown, so what follows it doesn't begin the line
    _literal(found[2])
    _url(found[3])
    return ""


def _literal(text: str) -> str:
    """Only masked links that the sender made may be markup; anything else must be escaped."""
    rest = _DISCORD.sub(_shown, text)
    assert not re.search(r"[\\*_~`|<>\[\]()#@:]", rest), f"markup in {rest[:200]!r}"
    assert not re.search(r"^\s*(?:[-+]|\d+\.)\s", rest, re.MULTILINE), "a list"
    return text


class DiscordField(Strict):
    name: Annotated[str, at_most(256), AfterValidator(_literal)]
    value: Annotated[str, at_most(1024), AfterValidator(_literal)]
    inline: bool = False


class DiscordEmbed(Strict):
    title: Annotated[str, at_most(256), AfterValidator(_literal)]
    description: Annotated[str, at_most(4096), AfterValidator(_literal)]
    url: Url | None = None
    color: Annotated[int, Field(ge=0, le=0xFFFFFF)]
    timestamp: str | None = None
    fields: Annotated[list[DiscordField], Field(max_length=25)]


class AllowedMentions(Strict):
    parse: Annotated[list[str], Field(max_length=0)]


class DiscordMessage(Strict):
    """All texts of all embeds may have 6,000 characters together."""

    content: Annotated[str, Field(max_length=2000)] | None = None
    embeds: Annotated[list[DiscordEmbed], Field(min_length=1, max_length=10)]
    allowed_mentions: AllowedMentions

    @model_validator(mode="after")
    def _whole(self) -> "DiscordMessage":
        parts = [
            text
            for embed in self.embeds
            for text in (
                embed.title,
                embed.description,
                *(part for field in embed.fields for part in (field.name, field.value)),
            )
        ]
        assert sum(map(length, parts)) <= 6000
        return self


# Mattermost: https://developers.mattermost.com/integrate/webhooks/incoming/, and Rocket.Chat's default limit

_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_EXPECTED = {"paragraph", "text", "softbreak", "strong", "bullet_list", "list_item", "link", "inline"}


def tokens(text: str) -> Iterator[Token]:
    """Every token of a text in Markdown, those within lines included."""
    for token in _MARKDOWN.parse(text):
        yield token
        yield from token.children or ()


def _plain(text: str) -> str:
    assert len(text) <= 16_383
    kinds = {re.sub(r"_(open|close)$", "", token.type) for token in tokens(text)}
    assert kinds <= _EXPECTED, f"markup: {kinds - _EXPECTED}"
    for token in tokens(text):
        if token.type == "link_open":
            _url(str(token.attrs["href"]))
    bare = re.sub(r"\]\([^()\s]+\)", "](", text)
    assert "<" not in bare, "Slack's markup is translated"
    assert not re.search(r"@\w", bare), "a mention"
    assert not re.search(r"(?i)https?://|:\w+:|\$", bare), "a URL, an emoji or a formula"
    assert not re.search(r"&#?\w+;", bare), "an entity"
    return text


class MattermostMessage(Strict):
    text: Annotated[str, at_most(5000), AfterValidator(_plain)]


# Standard Webhooks: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md


class EventLink(Strict):
    text: Annotated[str, at_most(3000)]
    url: Url | Literal[""]


class EventFact(Strict):
    name: Annotated[str, at_most(3000)]
    value: Annotated[str, at_most(3000)]
    url: Url | Literal[""]


class EventData(Strict):
    repository: str | None
    level: Literal["neutral", "good", "warning", "bad"]
    title: Annotated[str, at_most(3000)]
    text: str
    facts: list[EventFact]
    entries: list[EventLink]
    omitted: Annotated[int, Field(ge=0)]
    links: list[EventLink]
    reason: Annotated[str, at_most(3000)]
    stop: Url | Literal[""]


class Event(Strict):
    """The payload should be smaller than 20 kB."""

    type: Annotated[str, Field(pattern=r"^[a-zA-Z0-9_]+(\.[a-zA-Z0-9_]+)*$")]
    timestamp: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")]
    data: EventData


MESSAGES: dict[str, type[Strict]] = {
    "slack": SlackMessage,
    "teams": TeamsMessage,
    "discord": DiscordMessage,
    "mattermost": MattermostMessage,
    "webhook": Event,
}
"""The messages that each service accepts."""
