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
    """The result of an upload. `new` is false if the same report has already been received; duplicates count
    once.

    `recorded` is true if the commit is on the tracked branch; until then, the report is stored but has no
    effect. `tests` counts the tests for each outcome (passed, failed, error, skipped), and `suites` does so
    for each suite in the plan.
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
def send_report(  # noqa: PLR0917  (one parameter each)
    request: HttpRequest, slug: str, sha: Sha, name: str = "", environment: str = "", run: str = ""
) -> Status[ReceiptOut]:
    """Send JUnit XML as the request body: plain, gzipped, or as several files in a zip archive. `name`
    identifies the sender.

    `environment` is the cell of a CI matrix in which the tests ran; a suite must hold in each. `run` is CI's
    name of the run: a report that the same run sends twice counts once.
    """
    repository = repository_of(request, slug)
    kind = (request.content_type or "").partition(";")[0]
    if kind.startswith("multipart/"):
        words = "Send the report itself as the body (curl --data-binary @report.xml), not a form."
        raise HttpError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, words)
    body = request.read(int(request.headers.get("Content-Length") or 0))
    try:
        receipt = receive_report(
            repository,
            whole(sha),
            body,
            name=_clean(name),
            environment=_clean(environment),
            run=_clean(run),
            token=token_of(request),
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


def _clean(text: str) -> str:
    return text.replace("\0", "").strip()
