"""`python -m bench.webhooks`: a thousand signed webhooks within ten seconds, and how long each answer takes.

The product as `manage.py up` starts it. They are sent evenly by 32 senders; a time runs from the moment at
which a delivery was due. BENCH_DELIVERIES and BENCH_SECONDS set other numbers. It stops by itself.
"""

import hashlib
import hmac
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from bench.product import ROOT, folder, running

DELIVERIES = int(os.environ.get("BENCH_DELIVERIES", "1000"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "10"))
SENDERS = 32
PROGRAMS = ("gunicorn", "worker")
BODY = json.dumps({"ref": "refs/heads/main", "before": "0" * 40, "after": "1" * 40}).encode()
ASK = "from compliance.models import Repository, Delivery, Job; r = Repository.objects.get(); print({})"


def main() -> None:
    """Print the times of the answers, and what was kept of what was acknowledged."""
    with folder() as data, running(data, (), lambda _: None) as port:

        def ask(what: str) -> str:
            command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", ASK.format(what)]
            environment = {**os.environ, "DATA_DIR": str(data)}
            done = subprocess.run(
                command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
            )
            return done.stdout.strip().splitlines()[-1]

        slug, secret = ask("r.slug"), ask("r.webhook_secret")
        before = computing(data)
        times, outcomes = send(port, slug, secret)
        spent = computing(data)
        times.sort()
        shown = ", ".join(
            f"{name} {times[int(len(times) * part) - 1]:.3f} s"
            for name, part in (("median", 0.5), ("99th percentile", 0.99), ("longest", 1.0))
        )
        print(f"{DELIVERIES} in {SECONDS:g} s: {dict(outcomes)}; {shown}; load {os.getloadavg()[0]:.1f}")
        kept, jobs = ask("Delivery.objects.count()"), ask("Job.objects.filter(kind='update').count()")
        parts = ", ".join(f"{name} {spent[name] - before[name]:.1f} s" for name in PROGRAMS)
        print(f"kept {kept}, in {jobs} jobs; computing: {parts}")


def computing(data: Path) -> dict[str, float]:
    """Processor seconds that the programs of an installation have taken, its living children's included."""
    taken = dict.fromkeys(PROGRAMS, 0.0)
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            ours = f"DATA_DIR={data}\0".encode() in (entry / "environ").read_bytes()
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        for name in PROGRAMS if ours else ():
            if name in command:
                taken[name] += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return taken


def send(port: int, slug: str, secret: str) -> tuple[list[float], Counter[str]]:
    """Send them evenly over the seconds; the time of each answer from the moment it was due, in seconds."""
    signature = "sha256=" + hmac.new(secret.encode(), BODY, hashlib.sha256).hexdigest()
    times: list[float] = []
    outcomes: Counter[str] = Counter()
    began = time.monotonic() + 0.5

    def sender(first: int) -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        for number in range(first, DELIVERIES, SENDERS):
            due = began + number * SECONDS / DELIVERIES
            time.sleep(max(0.0, due - time.monotonic()))
            headers = {
                "Content-Type": "application/json",
                "X-GitHub-Event": "push",
                "X-GitHub-Delivery": f"bench-{number}",
                "X-Hub-Signature-256": signature,
            }
            try:
                connection.request("POST", f"/webhooks/github/{slug}/", BODY, headers)
                answer = connection.getresponse()
                answer.read()
                outcomes[str(answer.status)] += 1
                times.append(time.monotonic() - due)
            except (OSError, HTTPException) as error:
                outcomes[type(error).__name__] += 1
                connection.close()
        connection.close()

    threads = [threading.Thread(target=sender, args=(number,)) for number in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, outcomes


if __name__ == "__main__":
    main()
