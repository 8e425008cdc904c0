"""Reads request bodies: checks the size before reading, and rejects JSON values that cannot be stored."""

from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from django.http import HttpRequest

from compliance.lib.json_documents import JsonError, read_json
from compliance.server.bodies import LONGEST, BodyError, declared_length


class RefusedError(Exception):
    """Raised if a request is rejected. `status` is the response's status, and the message says how to fix the
    request.

    `wait` is the number of seconds after which the request may be sent again, or 0 if waiting doesn't help.
    """

    def __init__(self, status: HTTPStatus, message: str, wait: int = 0) -> None:
        super().__init__(message)
        self.status, self.wait = status, wait


def read(request: HttpRequest) -> bytes:
    """Return the raw body. Raises `RefusedError` before reading it if its size is unknown or exceeds 25
    MB.
    """
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send the body without compression.")
    text = None if "Transfer-Encoding" in request.headers else request.headers.get("Content-Length")
    try:
        length = declared_length(text, LONGEST)
    except BodyError as error:
        raise RefusedError(error.status, str(error)) from None
    body: bytes = request.read(length)
    if len(body) != length:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "The body is shorter than its Content-Length.")
    return body


def payload(body: bytes, content_type: str) -> dict[str, Any]:
    """Return the JSON object in a body, which may be plain JSON or a form whose field `payload` contains it.

    Raises `RefusedError` if the body is not valid JSON or contains values that cannot be stored.
    """
    try:
        if content_type.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded":
            body = parse_qs(body.decode(), strict_parsing=True, max_num_fields=10)["payload"][0].encode()
        value = read_json(body)
    except JsonError as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"The body was rejected: {error}.") from None
    except (ValueError, KeyError) as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"The body is not a form: {str(error)[:200]}") from None
    if not isinstance(value, dict):
        raise RefusedError(HTTPStatus.BAD_REQUEST, "The body is not a JSON object.")
    return value
