"""Typed payloads of webhooks: a provider describes what it reads; the rest of a payload is ignored."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from compliance.integrations.provider import PayloadError
from compliance.lib.field_types import one_line

_MOST_NAMED = 3


class Payload(BaseModel):
    """One object of a payload. Each field has a type of `compliance.lib.field_types`, which bounds it."""

    model_config = ConfigDict(frozen=True, strict=True)


_Read = TypeVar("_Read", bound=Payload)


def read_payload(shape: type[_Read], payload: Mapping[str, Any]) -> _Read:
    """Return the payload as the shape describes it. Raises `PayloadError` with fields and limits."""
    try:
        return shape.model_validate(dict(payload))
    except ValidationError as error:
        wrong = [_complaint(one) for one in error.errors()[:_MOST_NAMED]]
        raise PayloadError("; ".join(wrong)) from None


def _complaint(error: Mapping[str, Any]) -> str:
    field = ".".join(str(part) for part in error["loc"])
    if error["type"] == "missing":
        return f"'{field}' is missing"
    return f"'{field}': {one_line(str(error['msg']).removeprefix('Value error, '), 200)}"
