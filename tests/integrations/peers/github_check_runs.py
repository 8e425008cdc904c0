"""The check runs of GitHub's peer, which only an App may write: https://docs.github.com/rest/checks/runs."""

from collections.abc import Callable
from typing import Any

from tests.integrations.peers.strict import Call, RefusalError, Reply, Strict, fields, page_of

MISSING = {"message": "Not Found", "documentation_url": "https://docs.github.com/rest"}
RUNS = r"/repos/(?P<owner>[^/]+)/(?P<repo>[^/]+)"

RUN_STATES = {"queued", "in_progress", "completed"}
CONCLUSIONS = {
    *("action_required", "cancelled", "failure", "neutral", "success", "skipped", "stale", "timed_out"),
}
LEVELS = {"notice", "warning", "failure"}
RUN_FIELDS = {
    **dict.fromkeys(
        ("details_url", "external_id", "status", "started_at", "conclusion", "completed_at"), str
    ),
    "output": dict,
    "actions": list,
}


def is_annotation(row: Any) -> bool:
    """Return true if a value is an annotation as GitHub documents it."""
    required = {"path": str, "start_line": int, "end_line": int, "annotation_level": str, "message": str}
    optional = {"title": str, "raw_details": str, "start_column": int, "end_column": int}
    return (
        isinstance(row, dict)
        and all(isinstance(row.get(name), kind) for name, kind in required.items())
        and all(isinstance(value, (required | optional).get(name, ())) for name, value in row.items())
        and 1 <= row["start_line"] <= row["end_line"]
        and row["annotation_level"] in LEVELS
        and len(row.get("title", "")) <= 255
        and all(len(row.get(name, "").encode()) <= 65_536 for name in ("message", "raw_details"))
    )


def output_of(body: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
    """Return the output without its annotations, and these."""
    output = dict(body.get("output", {}))
    annotations = output.pop("annotations", [])
    wrong = set(output) - {"title", "summary", "text", "images"}
    if wrong or (output and not {"title", "summary"} <= set(output)):
        raise RefusalError(422, {"message": "Invalid request"}, f"the output {sorted(output)} is wrong")
    if len(annotations) > 50 or not all(map(is_annotation, annotations)):
        raise RefusalError(422, {"message": "Invalid request"}, "the annotations are wrong")
    if any(len(output.get(name, "").encode()) > 65_535 for name in ("summary", "text")):
        raise RefusalError(422, {"message": "Invalid request"}, "the output is too long")
    return output, annotations


def store_run(row: dict[str, Any], body: dict[str, Any]) -> Reply:
    """Change a check run. The output is replaced, and annotations are added to those that there are."""
    state, conclusion = body.get("status"), body.get("conclusion")
    if state not in {None, *RUN_STATES} or conclusion not in {None, *CONCLUSIONS}:
        raise RefusalError(422, {"message": "Invalid request"}, f"the state {state} {conclusion} is wrong")
    if (state == "completed") != (conclusion is not None):
        raise RefusalError(422, {"message": "Invalid request"}, f"{state} with the conclusion {conclusion}")
    output, annotations = output_of(body)
    row |= {name: value for name, value in body.items() if name != "output"}
    row["annotations"] = [*row.get("annotations", []), *annotations]
    if output:
        row["output"] = {"text": None, **output}
    return Reply(200, shown_run(row))


def shown_run(row: dict[str, Any]) -> dict[str, Any]:
    """Return a check run as answers show it, with the number of its annotations instead of these."""
    shown = {name: value for name, value in row.items() if name != "annotations"}
    counted = {"annotations_count": len(row["annotations"]), "annotations_url": "https://api.github.com/"}
    return shown | {"output": row.get("output", {}) | counted}


def add_check_runs(api: Strict, known: Callable[[Call], None], next_id: Callable[[], int]) -> None:
    """Add the operations. `known` checks that a call's repository and commit exist."""
    api.store["check_runs"] = []

    def may_check(call: Call) -> list[Any]:
        """Return the check runs, which only an App may write."""
        known(call)
        if call.scope != "installation":
            raise RefusalError(403, {"message": "You must authenticate via a GitHub App."}, "no App")
        found: list[Any] = api.store["check_runs"]
        return found

    @api.route("POST", f"{RUNS}/check-runs")
    def create_check_run(call: Call) -> Reply:
        rows = may_check(call)
        body = fields(call, {"name": str, "head_sha": str}, RUN_FIELDS)
        if body["head_sha"] not in api.store["commits"]:
            raise RefusalError(422, {"message": "No commit found for SHA"})
        row = {"id": next_id(), "status": "queued", "conclusion": None, "app": {"id": 4711}}
        shown = store_run(row, body)
        rows.append(row)
        return Reply(201, shown.body)

    def run_of(call: Call) -> dict[str, Any]:
        """Return a check run."""
        row = next((row for row in may_check(call) if str(row["id"]) == call.values["id"]), None)
        if row is None:
            raise RefusalError(404, MISSING)
        return dict(row) if call.method == "GET" else row

    @api.route("GET", RUNS + r"/check-runs/(?P<id>\d+)")
    def get_check_run(call: Call) -> Reply:
        return Reply(200, shown_run(run_of(call)))

    @api.route("PATCH", RUNS + r"/check-runs/(?P<id>\d+)")
    def update_check_run(call: Call) -> Reply:
        return store_run(run_of(call), fields(call, {}, {"name": str, **RUN_FIELDS}))

    @api.route("GET", f"{RUNS}/commits/(?P<sha>[0-9a-f]{{40}})/check-runs")
    def list_check_runs(call: Call) -> Reply:
        rows = [row for row in may_check(call) if row["head_sha"] == call.values["sha"]]
        if call.query.pop("filter", "latest") == "latest":
            rows = list({row["name"]: row for row in rows}.values())
        page = page_of(call, [shown_run(row) for row in reversed(rows)], "per_page", 100)
        return Reply(200, {"total_count": len(rows), "check_runs": page})
