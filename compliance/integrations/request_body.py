"""Request bodies: limited in size before reading, with JSON limited to values that can be stored."""

import json
import math
from http import HTTPStatus
from typing import Any, NoReturn
from urllib.parse import parse_qs

from django.http import HttpRequest

LIMIT = 25 * 1024 * 1024
DEPTH = 50
DIGITS = 30


class RefusedError(Exception):
    """The request is refused; `status` is the response's, the message says how to fix it.

    `wait` is the number of seconds after which it may be sent again, 0 if waiting does not help.
    """

    def __init__(self, status: HTTPStatus, message: str, wait: int = 0) -> None:
        super().__init__(message)
        self.status, self.wait = status, wait


def read(request: HttpRequest) -> bytes:
    """Return the raw body. Raises `RefusedError` before reading if its size is unknown or over 25 MB."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send the body without compression.")
    length = request.headers.get("Content-Length", "")
    if "Transfer-Encoding" in request.headers or not (length.isascii() and length.isdigit()):
        raise RefusedError(
            HTTPStatus.LENGTH_REQUIRED, "The body has no Content-Length; send it with one, not chunked."
        )
    if len(length) > 12 or int(length) > LIMIT:
        raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is larger than 25 MB.")
    body: bytes = request.read(int(length))
    if len(body) != int(length):
        raise RefusedError(HTTPStatus.BAD_REQUEST, "The body is shorter than its Content-Length.")
    return body


def payload(body: bytes, content_type: str) -> dict[str, Any]:
    """Return the JSON object in a body, sent plain or as the field `payload` of a form.

    Raises `RefusedError` for anything that is not JSON, and for values that can't be processed: excessive
    nesting, numbers beyond any database column, NUL and lone surrogates.
    """
    try:
        text = body.decode()
        if content_type.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded":
            text = parse_qs(text, strict_parsing=True, max_num_fields=10)["payload"][0]
        value = json.loads(text, parse_constant=_refuse, parse_float=_number, parse_int=_integer)
    except (ValueError, KeyError, RecursionError) as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"The body is not valid JSON: {_words(error)}") from None
    if not isinstance(value, dict):
        raise RefusedError(HTTPStatus.BAD_REQUEST, "The body is not a JSON object.")
    _inspect(value)
    return value


def _inspect(value: dict[str, Any]) -> None:
    level: list[Any] = [value]
    for _ in range(DEPTH):
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                below += (*item, *item.values())
            elif isinstance(item, list):
                below += item
            elif isinstance(item, str) and ("\0" in item or not _encodes(item)):
                raise RefusedError(
                    HTTPStatus.BAD_REQUEST, "The body contains invalid text: NUL or a lone surrogate."
                )
        if not below:
            return
        level = below
    raise RefusedError(HTTPStatus.BAD_REQUEST, f"The body has more than {DEPTH} levels of nested values.")


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _words(error: Exception) -> str:
    return "it is too deeply nested" if isinstance(error, RecursionError) else str(error)[:200]


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _number(text: str) -> float:
    if len(text) > 400 or not math.isfinite(number := float(text)):
        raise ValueError("a number is too large")
    return number


def _integer(text: str) -> int:
    if len(text) > DIGITS:
        raise ValueError(f"a number has more than {DIGITS} digits")
    return int(text)
