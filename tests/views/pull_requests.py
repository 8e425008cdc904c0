"""Pull requests of the recorded world, with verdicts whose figures all differ."""

from datetime import datetime, timedelta
from hashlib import sha1
from typing import Any

from django.utils import timezone

from compliance.models import CheckFinding, CheckResult, File, PullRequest, PullRequestCheck
from tests.views.cast import World

COUNTS = {
    "new": 3,
    "fixed": 5,
    "moved": 2,
    "moved_out": 8,
    "suppressed": 4,
    "restored": 6,
    "doubts": 1,
    "together": 9,
    "blocking": 7,
}
KINDS = {"doubts": "doubt", "moved_out": "moved out"}
HEAD = sha1(b"head of 41").hexdigest()
PATCH = "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-old()\n+new()\n"


def pull_request(netra: World, number: int = 41, **more: Any) -> PullRequest:
    """An open pull request that changes the first two files."""
    values: dict[str, Any] = {
        "title": f"Hand the context to reports {number}",
        "url": f"https://git.example.org/netra/pull/{number}",
        "author": "ben",
        "state": "open",
        "base": "main",
        "source": f"reports-{number}",
        "head_sha": sha1(f"head of {number}".encode()).hexdigest(),
        "updated_at": netra.at + timedelta(minutes=number),
        **more,
    }
    pull = PullRequest.objects.create(repository=netra.repository, number=number, **values)
    pull.files.set(netra.files[:2])
    return pull


def check(pull: PullRequest, at: datetime | None = None, **more: Any) -> PullRequestCheck:
    """The verdict on the head of a pull request, failed unless said otherwise; without findings."""
    values: dict[str, Any] = {
        "head_sha": pull.head_sha,
        "state": "failed",
        "reason": "3 new violations, 7 findings block.",
        "base_sha": "b" * 40,
        "base_reason": "It is the merge base with main.",
        "target_sha": "c" * 40,
        "plan": pull.repository.plan,
        "cause": "push",
        "clean_before": 21,
        "files_before": 40,
        "clean_after": 27,
        "files_after": 41,
        "judged_at": at or timezone.now(),
        **COUNTS,
        **more,
    }
    return PullRequestCheck.objects.create(repository=pull.repository, pull_request=pull, **values)


def finding(of: PullRequestCheck, kind: str, file: File, line: int, **more: Any) -> CheckFinding:
    """One finding in a file of the tracked branch."""
    values: dict[str, Any] = {
        "rule": "agent-instance-factory",
        "role": "call",
        "symbol": "netra.agents.factory.get_agent_instance_factory",
        "scope": "Supervisor.run",
        "snippet": f"factory = get_agent_instance_factory()  # {kind} {line}",
        "message": "One factory shared by all users",
        "risk": "high",
        "category": file.category,
        "phases": ["cleanup"],
        "issues": ["#1274"],
        "fingerprint": sha1(f"{kind}{line}".encode()).hexdigest(),
        **more,
    }
    return CheckFinding.objects.create(
        pull_request_check=of, kind=kind, path=file.path, line=line, column=5, **values
    )


def judged(netra: World, number: int = 41, **more: Any) -> PullRequest:
    """A pull request whose check has as many findings as its counts say, one of them together with another
    pull request, and results of CI systems.
    """
    pull = pull_request(netra, number)
    made = check(
        pull,
        phases={"golden-path": [8, 9], "cleanup": [10, 11]},
        notes=["The pull request edits ssot-plan.yaml, which has no effect on its own verdict."],
        **more,
    )
    other = pull_request(netra, number + 1, title="Rename the reports", author="cy")
    for name, count in COUNTS.items():
        for line in range(1, count + 1) if name != "blocking" else ():
            more = {"other": other, "cause_sha": "f" * 40} if name == "together" else _more(name, line)
            finding(made, KINDS.get(name, name), netra.files[line % 2], line * 10, **more)
    for name, state in (("tests", "failed"), ("lint", "passed")):
        CheckResult.objects.create(
            repository=netra.repository, sha=pull.head_sha, key=name, name=name, state=state,
            url=f"https://ci.example.org/{name}", updated_at=netra.at,
        )  # fmt: skip
    return pull


def _more(name: str, line: int) -> dict[str, Any]:
    if name in ("moved", "moved_out"):
        return {"former_path": f"netra/app/old_{line}.py", "former_line": 100 + line}
    if name == "suppressed":
        return {"reason": f"Kept for a customer {line}"}
    if name == "new" and line == 1:
        return {"is_blocking": True, "is_locked": True, "patch": PATCH}
    return {}
