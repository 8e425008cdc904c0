"""Parses webhook payloads into typed objects. A provider declares the fields that it reads, and all other
fields are ignored.
"""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from compliance.integrations.provider import PayloadError
from compliance.lib.field_types import Body, limit_of, message_of, one_line

_MOST_NAMED = 3

LongBody = Annotated[str, AfterValidator(lambda text: text[: limit_of(Body)])]
"""A text of any length, of which only the beginning is read. For forges that stop sending after errors."""


class Payload(BaseModel):
    """An object in a payload. Each field has a type from `compliance.lib.field_types`, which limits its
    values.
    """

    model_config = ConfigDict(frozen=True, strict=True)


_Read = TypeVar("_Read", bound=Payload)


def read_payload(shape: type[_Read], payload: Mapping[str, Any]) -> _Read:
    """Return the payload as an object of the declared type. Raises `PayloadError`, which names the invalid
    fields and their limits.
    """
    try:
        return shape.model_validate(dict(payload))
    except ValidationError as error:
        wrong = [_complaint(one) for one in error.errors()[:_MOST_NAMED]]
        raise PayloadError("; ".join(wrong)) from None


def _complaint(error: Mapping[str, Any]) -> str:
    field = ".".join(str(part) for part in error["loc"])
    if error["type"] == "missing":
        return f"'{field}' is missing"
    return f"'{field}': {one_line(message_of(error), 200)}"
