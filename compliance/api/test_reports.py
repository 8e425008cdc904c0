"""Test reports: JUnit XML for a commit, sent by CI."""

from http import HTTPStatus

from django.http import HttpRequest
from ninja import Router, Schema, Status
from ninja.errors import HttpError

from compliance.api.authentication import Bearer, repository_of, token_of
from compliance.api.shas import Sha, whole
from compliance.evidence import UploadError, receive_report
from compliance.models import Token

router = Router(tags=["evidence"], auth=Bearer(Token.Scope.EVIDENCE))

BODY = {
    "requestBody": {
        "required": True,
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("application/xml", "application/gzip", "application/zip")
        },
    }
}


class ReceiptOut(Schema):
    """The result of an upload. `new` is false if the same report was already received; it counts once.

    `recorded` is true if the commit is on the tracked branch; until then the report is kept. `tests` counts
    by outcome (passed, failed, error, skipped), `suites` by the plan's suites.
    """

    new: bool
    recorded: bool
    tests: dict[str, int]
    suites: dict[str, int]
    message: str


@router.post(
    "/{slug}/commits/{sha}/test-reports",
    response={201: ReceiptOut, 200: ReceiptOut},
    openapi_extra=BODY,
    summary="Send a test report",
)
def send_report(request: HttpRequest, slug: str, sha: Sha, name: str = "") -> Status[ReceiptOut]:
    """Send JUnit XML as the body: plain, gzip, or several files in one zip; `name` identifies the sender."""
    repository = repository_of(request, slug)
    kind = (request.content_type or "").partition(";")[0]
    if kind.startswith("multipart/"):
        words = "Send the report itself as the body (curl --data-binary @report.xml), not a form."
        raise HttpError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, words)
    body = request.read(int(request.headers.get("Content-Length") or 0))
    try:
        receipt = receive_report(
            repository, whole(sha), body, name=name.replace("\0", "")[:300], token=token_of(request)
        )
    except UploadError as error:
        raise HttpError(HTTPStatus.BAD_REQUEST, str(error)) from None
    commit = receipt.run.commit
    told = ReceiptOut(
        new=receipt.new,
        recorded=commit is not None and commit.position is not None,
        tests=receipt.outcomes,
        suites=receipt.suites,
        message=receipt.words,
    )
    return Status(HTTPStatus.CREATED if receipt.new else HTTPStatus.OK, told)
