"""Commit SHAs in URLs."""

import re
from http import HTTPStatus
from typing import Annotated

from ninja.errors import HttpError
from pydantic import WithJsonSchema

_DIGITS = r"^(?:[0-9a-fA-F]{40}|[0-9a-fA-F]{64})$"
# Used only in the schema; `whole` raises the error, with a more helpful message.
Sha = Annotated[str, WithJsonSchema({"type": "string", "pattern": _DIGITS})]

_WHOLE = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def whole(sha: str) -> str:
    """Return the full SHA in lower case.

    Evidence may arrive before its commit is known, so an abbreviated SHA can't be expanded.

    Raises:
        HttpError (422): if it is not a full SHA.
    """
    name = sha.lower()
    if _WHOLE.fullmatch(name) is None:
        words = (
            "Give the commit's full SHA, which has 40 or 64 hexadecimal digits (see `git rev-parse HEAD`)."
        )
        raise HttpError(HTTPStatus.UNPROCESSABLE_ENTITY, words)
    return name
