"""Measurements: named values for a commit, sent by CI."""

from http import HTTPStatus
from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field, StringConstraints

from compliance.api.authentication import Bearer, repository_of, token_of
from compliance.api.shas import Sha, whole
from compliance.evidence import receive_measurement
from compliance.lib.field_types import NO_NUL
from compliance.models import Token

router = Router(tags=["evidence"], auth=Bearer(Token.Scope.EVIDENCE))

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NO_NUL, strip_whitespace=True)]
Unit = Annotated[str, StringConstraints(max_length=40, pattern=NO_NUL, strip_whitespace=True)]


class MeasurementIn(Schema):
    """A measured value. `name` must be the name in the plan's criterion; `unit` is used for display only."""

    name: Name
    value: float = Field(allow_inf_nan=False, strict=True)
    unit: Unit = ""


class MeasurementOut(MeasurementIn):
    """The stored value. `new` is false if the newest stored value was already the same."""

    new: bool
    recorded: bool


@router.post(
    "/{slug}/commits/{sha}/measurements",
    response={201: MeasurementOut, 200: MeasurementOut},
    summary="Send a measurement",
)
def send_measurement(
    request: HttpRequest, slug: str, sha: Sha, measured: MeasurementIn
) -> Status[MeasurementOut]:
    """Record a measured value. For each name, the newest value on the tracked branch counts."""
    repository = repository_of(request, slug)
    row, new = receive_measurement(
        repository, whole(sha), measured.name, measured.value, measured.unit, token=token_of(request)
    )
    told = MeasurementOut(
        name=row.name,
        value=row.value,
        unit=row.unit,
        new=new,
        recorded=row.commit is not None and row.commit.position is not None,
    )
    return Status(HTTPStatus.CREATED if new else HTTPStatus.OK, told)
