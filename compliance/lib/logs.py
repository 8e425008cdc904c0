"""Formats log lines, as key=value or as JSON, in which passwords, tokens and the secret key are masked.

What is written while a request or a job is handled carries its ids, which `log_context` sets.
"""

import json
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

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


_context: ContextVar[Mapping[str, str | int]] = ContextVar("log context", default={})  # noqa: B039  (never changed)


@contextmanager
def log_context(**ids: str | int) -> Iterator[None]:
    """Add ids, such as `job=17`, to everything that is logged in this block by this thread."""
    token = _context.set({**_context.get(), **ids})
    try:
        yield
    finally:
        _context.reset(token)


def add_log_context(**ids: str | int) -> None:
    """Add ids until the surrounding `log_context` ends."""
    _context.set({**_context.get(), **ids})


def log_ids() -> Mapping[str, str | int]:
    """Return the ids that this thread's log lines carry."""
    return _context.get()


class PlainFormatter(logging.Formatter):
    """Formats records as `time=... level=... logger=... [request=... job=...] message`, with secrets
    masked.
    """

    def __init__(self) -> None:
        """Use UTC times with second precision."""
        super().__init__(
            "time=%(asctime)s level=%(levelname)s logger=%(name)s %(ids)s%(message)s", "%Y-%m-%dT%H:%M:%S%z"
        )

    def format(self, record: logging.LogRecord) -> str:
        """Format the record, including its traceback, and mask everything that looks like a secret."""
        record.ids = "".join(f"{name}={value} " for name, value in _context.get().items())
        return masked(super().format(record))


class JsonFormatter(logging.Formatter):
    """Formats each record as one line with a JSON object, with secrets masked.

    Its keys are `time` (ISO 8601, UTC), `level`, `logger`, `message`, the ids of the request or job, and
    `traceback` for exceptions.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Format the record."""
        values: dict[str, str | int] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": masked(record.getMessage()),
            **_context.get(),
        }
        if record.exc_info:
            values["traceback"] = masked(self.formatException(record.exc_info))
        return json.dumps(values, ensure_ascii=False)
