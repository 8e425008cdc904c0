"""Log lines carry no secret."""

import logging

import pytest

from compliance.lib.logs import PlainFormatter


@pytest.mark.parametrize(
    "text",
    [
        "cloning https://ada:s3cr3t@git.example/x.git",
        "redis://:s3cr3t@127.0.0.1:6379/0 is down",
        "Authorization: Bearer s3cr3t",
        "authorization: token s3cr3t",
        "token ghp_s3cr3tS3cr3t0123456789 refused",
        "using glpat-s3cr3t_x",
    ],
)
def test_secrets_are_masked(text: str) -> None:
    record = logging.LogRecord("git", logging.ERROR, __file__, 1, text, None, None)
    line = PlainFormatter().format(record)
    assert "s3cr3t" not in line
    assert "***" in line
    assert "level=ERROR logger=git" in line


def test_a_traceback_is_masked_too() -> None:
    try:
        raise ValueError("https://ada:s3cr3t@git.example/x.git")
    except ValueError as error:
        record = logging.LogRecord(
            "git", logging.ERROR, __file__, 1, "no", None, (ValueError, error, error.__traceback__)
        )
    line = PlainFormatter().format(record)
    assert "ValueError: https://***@git.example/x.git" in line
