"""Formats structured log lines (key=value) in which passwords, tokens and the secret key are masked."""

import logging
import re

_SECRETS = (
    re.compile(r"(?<=://)[^/@\s]+(?=@)"),
    re.compile(r"(?i)(?<=authorization: )\S+( \S+)?|(?<=bearer )\S+"),
    re.compile(r"(?<=/shared/)[\w-]{20,}"),  # the key of a public link
    re.compile(r"(?<=/join/)[\w-]{20,}"),  # the key of an invitation
    re.compile(r"(?<=/reset/)[\w-]{20,}"),  # the key of a password reset
    re.compile(r"(?<=/unsubscribe/)[\w:%=-]+"),
    re.compile(r"(?<=/unsubscribe-topic/)[\w:%=-]+"),
    re.compile(
        r"(?<=[?&](?:code=))[^&\s\"]+|(?<=[?&](?:state=))[^&\s\"]+"
    ),  # parameters of a provider's sign-in response
    re.compile(r"\b(?:gh[pousr]_|github_pat_|glpat-|xox[baprs]-|ssot_)[\w-]{8,}"),
)

_WEBHOOK_QUERY = re.compile(r"(/webhooks/[\w/%-]*\?)[^\s\"']+")
"""The query of a webhook's address, in which Jira Data Center sends the secret."""


def masked(text: str) -> str:
    """Return the text with `***` in place of everything that looks like a secret."""
    text = _WEBHOOK_QUERY.sub(r"\1***", text)
    for pattern in _SECRETS:
        text = pattern.sub("***", text)
    return text


class PlainFormatter(logging.Formatter):
    """Formats records as `time=... level=... logger=... message`, with secrets masked."""

    def __init__(self) -> None:
        """Use UTC times with second precision."""
        super().__init__(
            "time=%(asctime)s level=%(levelname)s logger=%(name)s %(message)s", "%Y-%m-%dT%H:%M:%S%z"
        )

    def format(self, record: logging.LogRecord) -> str:
        """Format the record, including its traceback, and mask everything that looks like a secret."""
        return masked(super().format(record))
