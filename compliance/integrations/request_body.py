"""Request bodies: limited in size before reading, with JSON limited to values that can be stored."""

from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from django.http import HttpRequest

from compliance.lib.json_documents import JsonError, read_json

LIMIT = 25 * 1024 * 1024


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

    Raises `RefusedError` for anything that is not JSON, and for what a later reader could not handle.
    """
    try:
        if content_type.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded":
            body = parse_qs(body.decode(), strict_parsing=True, max_num_fields=10)["payload"][0].encode()
        value = read_json(body)
    except JsonError as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"The body is refused: {error}.") from None
    except (ValueError, KeyError) as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"The body is not a form: {str(error)[:200]}") from None
    if not isinstance(value, dict):
        raise RefusedError(HTTPStatus.BAD_REQUEST, "The body is not a JSON object.")
    return value
