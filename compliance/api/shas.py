"""Names of commits in addresses."""

import re
from http import HTTPStatus
from typing import Annotated

from ninja.errors import HttpError
from pydantic import WithJsonSchema

_DIGITS = r"^(?:[0-9a-fA-F]{40}|[0-9a-fA-F]{64})$"
# For the schema alone: `whole` refuses with words that help.
Sha = Annotated[str, WithJsonSchema({"type": "string", "pattern": _DIGITS})]

_WHOLE = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def whole(sha: str) -> str:
    """The whole SHA of a commit in lower case. Raises HttpError (422) for anything else.

    Evidence may come before its commit is known, so a shortened name could never be completed.
    """
    name = sha.lower()
    if _WHOLE.fullmatch(name) is None:
        words = "Name a commit by its full SHA, 40 or 64 hexadecimal digits (git rev-parse HEAD)."
        raise HttpError(HTTPStatus.UNPROCESSABLE_ENTITY, words)
    return name
