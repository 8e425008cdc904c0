"""`python -m bench.urgency`: how long a push waits until it is recorded while everything else is busy.

The product as `manage.py up` starts it. Two histories are recorded in the background, 1,000 repositories on a
server on loopback are polled (each every 50 seconds), and 200 clients repeat the request of an open overview.
Meanwhile commits are pushed to a small repository, one after the other; a time runs from the answer to the
webhook to the commit's record. Only pushes during which both histories were being recorded count. The
processor time of the load itself is printed, because it takes the same cores.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench import generated
from bench.kills.brokers import broker
from bench.kills.installation import Installation, Pusher, wait
from bench.kills.storm import PLAN, push, write
from bench.product import ROOT, folder

CERTIFICATE = "certificate.pem"
SESSIONS = """
from django.contrib.auth.models import User
from django.test import Client
for number in range(20):
    client = Client()
    client.force_login(
        User.objects.create_user(f"reader-{number}", is_staff=True, is_superuser=True),
        "django.contrib.auth.backends.ModelBackend",
    )
    print(client.cookies["sessionid"].value)
"""
POLLED = """
from compliance.models import Repository
first = Repository.objects.get(slug="polled")
for number in range({count}):
    first.pk, first.slug, first.url = None, f"polled-{{number}}", f"https://localhost:{port}/{{number}}.git"
    first._state.adding, first.poll, first.polled_at = True, True, None
    first.save()
"""
HEAD = """SELECT c.sha FROM compliance_repository r JOIN compliance_commit c ON c.id = r.head_id
    WHERE r.slug = 'small'"""
FILLING = """SELECT count(*) FROM compliance_repository WHERE slug LIKE 'history-%' AND NOT history_done"""
POLLS = "SELECT count(*) FROM compliance_repository WHERE polled_at > now() - interval '60 seconds'"
STEPS = "SELECT coalesce(sum(done_steps), 0) FROM compliance_job WHERE kind = 'backfill'"


def main() -> None:
    """Print the times of the pushes, and what the load did."""
    options = _options()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with folder() as place, ExitStack() as stack:
        data = place / "data"
        data.mkdir(mode=0o711)
        messages = stack.enter_context(broker(options.broker, place / "broker"))
        if messages is not None:
            wait(messages.answers, 120)
        installation = Installation(data, messages)
        installation.environment["OUTGOING_ALLOW"] = "127.0.0.1/32"
        installation.environment["GIT_SSL_CAINFO"] = str(place / CERTIFICATE)
        installation.start()
        try:
            with _load(installation, place, options):
                _measure(installation, place, options)
        finally:
            installation.stop(1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.urgency", description=__doc__)
    parser.add_argument("--broker", choices=("postgres", "redis", "rabbitmq"), default="postgres")
    parser.add_argument("--pushes", type=int, default=60)
    parser.add_argument("--repositories", type=int, default=1000, help="repositories that are polled")
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--commits", type=int, default=3000, help="commits of each background history")
    return parser.parse_args()


@contextmanager
def _load(installation: Installation, place: Path, options: argparse.Namespace) -> Iterator[None]:
    """Track everything, and keep the other servers and the clients busy until the block ends."""
    plan = place / "plan.yaml"
    plan.write_text(PLAN)
    sources = [
        generated.write(place / f"history-{number}.git", 1500, options.commits + number) for number in (0, 1)
    ]
    for slug, length in (("small", 10), ("polled", 3)):
        write(place / f"{slug}.git", length)
        installation.manage("track", str(place / f"{slug}.git"), "--slug", slug, "--plan", str(plan))
    cookies = installation.manage("shell", "--no-imports", "-c", SESSIONS).splitlines()[-20:]
    remotes = _start("remotes", str(place / "polled.git"), str(place / CERTIFICATE))
    assert remotes.stdout
    source_code = POLLED.format(count=options.repositories, port=int(remotes.stdout.readline()))
    installation.manage("shell", "--no-imports", "-c", source_code)
    words = (str(installation.port), str(options.clients), "1", "/repositories/small/live/", *cookies)
    pages = _start("pages", *words)
    everything = ROOT / "bench" / "generated-plan.yaml"
    for number in range(2):
        source = str(sources[number])
        installation.manage("track", source, "--slug", f"history-{number}", "--plan", str(everything))
    try:
        yield
    finally:
        for name, process in (("the polled server", remotes), ("the clients", pages)):
            spent = _seconds(process.pid)
            print(f"processor time of {name}: {spent:.1f} s")
            print(process.communicate("\n" if process is remotes else None)[0].strip(), flush=True)


def _start(module: str, *words: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", f"bench.urgency.{module}", *words]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _seconds(pid: int) -> float:
    """Return the processor time of a process: proc(5), fields 14 and 15 of stat."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _measure(installation: Installation, place: Path, options: argparse.Namespace) -> None:
    upstream, chance, times = place / "small.git", random.Random(1), list[float]()
    pusher = Pusher(installation, "small", lambda number: push(upstream, number), pause=0)
    began, steps = time.monotonic(), installation.rows(STEPS)[0][0]
    for _ in range(options.pushes):
        pusher.push()
        tip = subprocess.run(
            ["git", "-C", str(upstream), "rev-parse", "main"], check=True, capture_output=True, text=True
        ).stdout.strip()
        took = wait(lambda tip=tip: installation.rows(HEAD) == [(tip,)], 600)  # type: ignore[misc]
        if installation.rows(FILLING) != [(2,)]:
            print("one of the histories was complete; the measurement ends here")
            break
        times.append(took)
        time.sleep(chance.uniform(0, 2))
    minutes = (time.monotonic() - began) / 60
    done = installation.rows(STEPS)[0][0] - steps
    times.sort()
    if not times:
        sys.exit("No push was recorded while both histories were; --commits makes them longer.")
    print(
        f"{len(times)} pushes in {minutes:.1f} min, recorded after: median {times[len(times) // 2]:.1f} s, "
        f"p95 {times[int(len(times) * 0.95)]:.1f} s, longest {times[-1]:.1f} s; meanwhile "
        f"{done / minutes:.0f} commits of histories a minute, {installation.rows(POLLS)[0][0]} repositories "
        f"polled in the last minute; load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
