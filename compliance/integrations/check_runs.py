"""GitHub's check runs, which only an App may write: https://docs.github.com/rest/checks/runs.

A check run of a commit goes from queued to completed. It gets 50 annotations with a request, and more are
appended by further requests; they can't be removed. So a check run that is completed with another result is
left as it is, and a new one of the same name takes its place, of which GitHub shows the newest.

The external id contains the item's marker and a digest of the content. After a crash, the check run is found
by the marker, and the digest and the number of its annotations tell which part of the content is missing.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from compliance.integrations.api import ApiError, Session, objects, text_at
from compliance.integrations.outbound import Annotation, Place, Status, StatusState, clipped, limited
from compliance.lib.batches import batches

Run = Mapping[str, Any]

ANNOTATIONS_PER_REQUEST = 50
_LONGEST_SUMMARY = 65_535
"""Maximum number of bytes."""
_LONGEST_MESSAGE = 16_000
"""A quarter of GitHub's 64 KB, because a character has up to four bytes."""
_LONGEST_TITLE = 255
_LABEL = "GitHub"
_PAGE, _MOST_PAGES = 100, 10

_STATES = {StatusState.PENDING: "queued", StatusState.RUNNING: "in_progress"}
_CONCLUSIONS = {
    StatusState.SUCCESS: "success",
    StatusState.FAILURE: "failure",
    # GitHub's check runs have no conclusion for an error, and the other ones can count as success.
    StatusState.ERROR: "failure",
}


def post_check_run(session: Session, at: Place, status: Status) -> str:
    """Create or update the check run of a commit, and append the annotations that it lacks. Return its id."""
    path, key = f"/repos/{at.project}/check-runs", f"{at.markers[0]}-{_digest(status)}"
    found = _find(session, at, status)
    if found is None or (_is_completed(found) and found.get("external_id") != key):
        first = {"name": status.name, "head_sha": status.commit, **_values(status, key)}
        found = session.read("POST", path, first)
    elif not _is_completed(found) and found.get("external_id") != key:
        found = session.read("PATCH", f"{path}/{text_at(found, 'id', _LABEL)}", _values(status, key))
    known = text_at(found, "id", _LABEL)
    for batch in batches(status.annotations[_annotated(found) :], ANNOTATIONS_PER_REQUEST):
        session.ask("PATCH", f"{path}/{known}", {"output": _output(status, batch)})
    return known


def _find(session: Session, at: Place, status: Status) -> Run | None:
    """Return the newest check run that the item has created."""
    if at.known and not at.tried:
        try:
            found = session.read("GET", f"/repos/{at.project}/check-runs/{at.known}")
        except ApiError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return None
        return found if isinstance(found, dict) else None
    if not at.tried:
        return None
    mine = (run for run in limited(_listed(session, at, status)) if at.is_in(run.get("external_id")))
    return max(mine, key=lambda run: int(run.get("id") or 0), default=None)


def _listed(session: Session, at: Place, status: Status) -> Any:
    """Yield the check runs of the commit, older ones of the same name as well."""
    path = f"/repos/{at.project}/commits/{status.commit}/check-runs?filter=all&per_page={_PAGE}"
    for page in range(1, _MOST_PAGES + 1):
        answer = session.read("GET", f"{path}&page={page}")
        rows = objects(answer.get("check_runs") if isinstance(answer, dict) else None, _LABEL)
        yield from rows
        if len(rows) < _PAGE:
            return


def _values(status: Status, key: str) -> dict[str, Any]:
    state = StatusState(status.state)
    values: dict[str, Any] = {
        "external_id": key,
        "details_url": status.url,
        "status": _STATES.get(state, "completed"),
        "output": _output(status, status.annotations[:ANNOTATIONS_PER_REQUEST]),
    }
    if state in _CONCLUSIONS:
        values["conclusion"] = _CONCLUSIONS[state]
    return values


def _output(status: Status, annotations: Sequence[Annotation]) -> dict[str, Any]:
    """Return what is shown. A request replaces everything but the annotations."""
    summary = (status.summary or status.description).encode()[:_LONGEST_SUMMARY].decode(errors="ignore")
    return {
        "title": clipped(status.description, _LONGEST_TITLE),
        "summary": summary,
        "annotations": [_annotation(found) for found in annotations],
    }


def _annotation(found: Annotation) -> dict[str, Any]:
    values = {
        "path": found.path,
        "start_line": max(found.line, 1),
        "end_line": max(found.line, 1),
        "annotation_level": found.level,
        "title": clipped(found.title, _LONGEST_TITLE),
        "message": clipped(found.message, _LONGEST_MESSAGE),
    }
    return values | ({"raw_details": clipped(found.details, _LONGEST_MESSAGE)} if found.details else {})


def _is_completed(found: Run) -> bool:
    return found.get("status") == "completed"


def _annotated(found: Run) -> int:
    """Return the number of annotations that a check run has."""
    output = found.get("output")
    number = output.get("annotations_count") if isinstance(output, dict) else None
    return number if isinstance(number, int) else 0


def _digest(status: Status) -> str:
    return hashlib.sha256(repr(asdict(status)).encode("utf-8", "surrogatepass")).hexdigest()[:16]
