"""`python -m bench.deliveries`: a thousand deliveries of ten repositories and two trackers in ten seconds.

The product as `manage.py up` starts it. A tenth of the deliveries is sent twice and a tenth is late. They are
sent evenly by 32 senders; a time runs from the moment at which a delivery was due. BENCH_DELIVERIES and
BENCH_SECONDS set other numbers. It stops by itself.
"""

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

from bench.deliveries.hooks import Receiver
from bench.deliveries.mixture import mix
from bench.deliveries.sending import send
from bench.product import ROOT, folder, running

DELIVERIES = int(os.environ.get("BENCH_DELIVERIES", "1000"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "10"))
REPOSITORIES = 10
_PLAN = b"version: 1\nname: Bench\nrules:\n  - {id: r, kind: deprecated-symbol, symbols: [app.home.get_it]}\n"
_COMMIT = (
    b"commit refs/heads/main\ncommitter A <a@example.org> 1790000000 +0000\ndata 5\nBegin\n"
    b"M 644 inline app/home.py\ndata 16\ndef get_it(): 1\n\n"
    b"M 644 inline ssot-plan.yaml\ndata %d\n%s\n" % (len(_PLAN), _PLAN)
)
_SEED = """
import json
from dataclasses import asdict
from bench.deliveries.rows import seed
print(json.dumps([asdict(one) for one in seed({}, {!r})]))
"""
_LEFT = (
    "from compliance.models import Job; print(Job.objects.filter(state__in=('waiting', 'running')).count())"
)
_CHECK = """
import json
from bench.deliveries.hooks import Receiver
from bench.deliveries.mixture import mix
from bench.deliveries.rows import wrong
every = [Receiver(**one) for one in json.loads('''{}''')]
print(json.dumps(wrong(mix(every[:{}], every[{}:], {}))))
"""


def main() -> None:
    """Print the times of the answers, and what is wrong afterwards."""
    with folder() as data, running(data, (), lambda _: None) as port:
        origins = _origins(data / "origins")
        every = [Receiver(**one) for one in json.loads(_ask(data, _SEED.format(REPOSITORIES, str(origins))))]
        mixture = mix(every[:REPOSITORIES], every[REPOSITORIES:], DELIVERIES)
        answers = send(port, mixture.deliveries, SECONDS)
        parts = (("median", 0.5), ("99th percentile", 0.99), ("longest", 1.0))
        shown = ", ".join(f"{name} {answers.at(share):.3f} s" for name, share in parts)
        print(f"{len(mixture.deliveries)} in {SECONDS:g} s, {mixture.repeated} twice, {mixture.late} late")
        print(f"answers: {dict(answers.total())}; {shown}; load {os.getloadavg()[0]:.1f}")
        for (provider, status), number in sorted(answers.statuses.items()):
            print(f"  {provider:<10} {status} {number:>5}")
        known = json.dumps([asdict(one) for one in every])
        while (left := int(_ask(data, _LEFT))) > 0:
            print(f"{left} jobs are left")
            time.sleep(2)
        faults = json.loads(_ask(data, _CHECK.format(known, REPOSITORIES, REPOSITORIES, DELIVERIES)))
        print("The final state is right." if not faults else "\n".join(faults))


def _origins(parent: Path) -> Path:
    """Ten small repositories of one commit, which pushes to their branches are read from."""
    for place in range(REPOSITORIES):
        origin = parent / f"bench-{place}.git"
        origin.mkdir(parents=True)
        for command in (["init", "--quiet", "--bare", "-b", "main"], ["fast-import", "--quiet"]):
            subprocess.run(["git", *command], cwd=origin, input=_COMMIT, check=True)
    return parent


def _ask(data: Path, code: str) -> str:
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", code]
    environment = {**os.environ, "DATA_DIR": str(data)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip().splitlines()[-1]


if __name__ == "__main__":
    main()
