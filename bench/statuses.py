"""`python -m bench.statuses`: how soon the forge has the status of a pull request, from webhook to status.

The product as `manage.py up` starts it, with GitHub's peer of the tests as the forge. Once the repository's
history is recorded (BENCH_REPO and BENCH_PLAN, otherwise generated), BENCH_HEADS (100) pull requests, each of
which changes 20 files, are reported one after another by signed webhooks: `one head` is the time until the
final status arrives at the forge. Last, the plan is changed: `all again` is how long it takes until all heads
are judged under the new version, and until the final status of each has arrived anew.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from bench.heads import origin, write_heads
from bench.product import ROOT, folder, running, send_github
from tests.integrations.peers import client
from tests.integrations.peers.client import Peer

SECONDS = 600
"""Time after which the bench gives up."""

_PROJECT = "team/shop"
_TRACK = """
from pathlib import Path
from compliance import scans
from compliance.models import Attachment, Connection
row = scans.track({url!r}, slug="r", branch={branch!r}, plan=Path({plan!r}).read_text())
found = Connection.objects.create(slug="hub", name="hub", provider="github", api_url={api!r}, token="classic")
Attachment.objects.create(repository=row, connection=found, kind="forge", project={project!r})
print(row.webhook_secret)
"""
_LEFT = (
    "from compliance.models import Job; print(Job.objects.filter(state__in=('waiting', 'running')).count())"
)
_CHANGE = """
import time
from pathlib import Path
from compliance import scans
before = time.time()
scans.track({url!r}, slug="r", branch={branch!r}, plan=Path({plan!r}).read_text())
print(before)
"""
_JUDGED = """
import json
from compliance.models import PullRequestCheck
rows = PullRequestCheck.objects.filter(repository__slug="r", plan__number=2).exclude(state="pending")
print(json.dumps([[row.head_sha, row.state, row.judged_at.timestamp()] for row in rows]))
"""


def main() -> None:
    """Print the figures of both."""
    os.environ["OUTGOING_ALLOW"] = "127.0.0.1/32"  # where the forge is
    with folder() as place, client.running("github") as forge:
        url, branch, plan = origin(place)
        heads = write_heads(url, branch)
        file = place / "plan.yaml"
        file.write_text(plan)
        with running(place / "data", (), lambda _: None) as port:
            product = _Product(place / "data", port, {"url": str(url), "branch": branch, "plan": str(file)})
            product.connect(forge)
            seconds = [_one(product, forge, heads[:number]) for number in range(1, len(heads) + 1)]
            _print_one(seconds)
            file.write_text(f"{plan}\n# another version\n".replace("high", "medium"))
            _all_again(product, forge, heads)


def _one(product: "_Product", forge: Peer, heads: list[str]) -> float:
    """Report the newest of the heads, and return the seconds until its final status has arrived."""
    payload = product.report(forge, heads)
    began = time.time()
    product.deliver(payload)
    return _final(forge, heads[-1:], began)[heads[-1]][1] - began


def _print_one(seconds: list[float]) -> None:
    ordered = sorted(seconds)
    p95 = ordered[int(len(ordered) * 0.95)]
    wall = f"median {statistics.median(ordered):.2f} s, p95 {p95:.2f} s, longest {ordered[-1]:.2f} s"
    print(f"one head: {len(ordered)} heads, {wall}; load {os.getloadavg()[0]:.1f}", flush=True)


def _all_again(product: "_Product", forge: Peer, heads: list[str]) -> None:
    began = float(product.ask(_CHANGE.format(**product.names)))
    arrived = _final(forge, heads, began)
    judged = {sha: (state, at) for sha, state, at in json.loads(product.ask(_JUDGED))}
    wrong = [sha for sha in heads if judged[sha][0] != {"success": "passed"}.get(arrived[sha][0], "failed")]
    assert not wrong, wrong
    last = max(at for _, at in judged.values()) - began
    there = max(at for _, at in arrived.values()) - began
    print(f"all again: {len(heads)} heads judged in {last:.1f} s, their statuses arrived in {there:.1f} s")


def _final(forge: Peer, heads: list[str], since: float) -> dict[str, tuple[str, float]]:
    """Wait until each head has a final status that arrived since then; return it and its time."""
    until = time.monotonic() + SECONDS
    while True:
        found: dict[str, tuple[str, float]] = {}
        for call in forge.requests:
            sha = call["path"].rpartition("/")[2]
            if call["method"] == "POST" and sha in heads and call["at"] >= since:
                found[sha] = (call["body"]["state"], call["at"])
        if len(found) == len(heads) and all(state != "pending" for state, _ in found.values()):
            return found
        if time.monotonic() > until:
            raise TimeoutError(f"{len(found)} of {len(heads)} statuses arrived within {SECONDS} s")
        time.sleep(0.2)


class _Product:
    """The running product, which tracks the repository in `names`."""

    def __init__(self, data: Path, port: int, names: dict[str, str]) -> None:
        self.names = names
        self._data, self._port, self._secret = data, port, ""

    def connect(self, forge: Peer) -> None:
        """Track the repository, connect it to the forge, and wait until its history is recorded."""
        self._secret = self.ask(_TRACK.format(**self.names, api=forge.url, project=_PROJECT))
        while int(self.ask(_LEFT)):
            time.sleep(2)

    def report(self, forge: Peer, heads: list[str]) -> dict[str, object]:
        """Open a pull request for each head at the forge, and return the webhook's payload for the last."""
        pulls = [self._pull(number, sha) for number, sha in enumerate(heads, 1)]
        forge.put(commits=heads, pulls=pulls, threads=[str(pull["number"]) for pull in pulls])
        repository = {"full_name": _PROJECT, "default_branch": self.names["branch"]}
        return {"action": "opened", "pull_request": pulls[-1], "repository": repository}

    def _pull(self, number: int, sha: str) -> dict[str, object]:
        return {
            "number": number,
            "title": "Measured",
            "html_url": f"https://github.com/{_PROJECT}/pull/{number}",
            "state": "open",
            "merged": False,
            "user": {"login": "b"},
            "head": {"ref": f"part-{number}", "sha": sha},
            "base": {"ref": self.names["branch"], "sha": "0" * 40},
            "updated_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }

    def deliver(self, payload: dict[str, object]) -> None:
        """Send a webhook."""
        body = json.dumps(payload).encode()
        status, words = send_github(self._port, "r", "pull_request", body, self._secret)
        assert status == 202, words

    def ask(self, code: str) -> str:
        """Run code in a new process of the product, and return its last line."""
        command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", code]
        environment = {**os.environ, "DATA_DIR": str(self._data)}
        done = subprocess.run(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True
        )
        return done.stdout.strip().splitlines()[-1]


if __name__ == "__main__":
    main()
