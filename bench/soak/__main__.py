"""`python -m bench.soak --minutes 60 --pushes 5000 --repositories 50`: hours of load, and what is left.

A web server with the schedule, and two worker machines on one Postgres. Commits are pushed evenly to all
repositories and reported by webhook; every minute a process or a process group is killed, in the second half
none of the first worker machine, to see how its memory grows. In the middle, half of what has ended is made
older than its retention. At the end a cold scan of every history is compared with the rows, every
acknowledged delivery must be known, and what is too old must be gone. It ends with 1 if anything is wrong.
"""

import argparse
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from bench.kills.installation import Pusher, wait
from bench.kills.storm import PLAN, SETTLED, compare, push, write
from bench.machines.ground import ground
from bench.soak.cluster import Cluster
from bench.soak.growth import Growth

AGE = (
    "UPDATE compliance_job SET finished_at = finished_at - interval '400 days', "
    "created_at = created_at - interval '400 days' "
    "WHERE id % 2 = 0 AND state IN ('done', 'replaced')",
    "UPDATE compliance_delivery SET received_at = received_at - interval '400 days' "
    "WHERE id % 2 = 0 AND received_at < now() - interval '1 minute'",  # the latest are still looked for
)
TOO_OLD = (
    "SELECT count(*) FROM compliance_job WHERE finished_at < now() - interval '300 days'",
    "SELECT count(*) FROM compliance_delivery WHERE received_at < now() - interval '300 days'",
)
KNOWN = "SELECT delivery_id FROM compliance_delivery"
SIZES = """SELECT relname, pg_total_relation_size(oid) / 1048576.0 FROM pg_class
    WHERE relkind = 'r' AND relname LIKE 'compliance%' ORDER BY 2 DESC LIMIT 8"""


def main() -> int:
    """Soak once, and print what was seen."""
    options = _options()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that all machines are stopped
    with tempfile.TemporaryDirectory(prefix="bench-soak-") as name:
        folder = Path(name)
        with ground(folder, options.broker) as environment:
            faults = Soak(folder, environment, options).run()
    print(*faults, f"{len(faults)} faults", sep="\n", flush=True)
    return bool(faults)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--broker", choices=("postgres", "redis", "rabbitmq"), default="redis")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--pushes", type=int, default=5000)
    parser.add_argument("--repositories", type=int, default=50)
    parser.add_argument("--pause", type=float, default=60, help="seconds between two kills")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


class Soak:
    """One run."""

    def __init__(self, folder: Path, environment: dict[str, str], options: argparse.Namespace) -> None:
        self.folder, self.options = folder, options
        self.slugs = [f"repository-{number}" for number in range(options.repositories)]
        for slug in self.slugs:
            write(folder / f"{slug}.git", 10)
        (folder / "plan.yaml").write_text(PLAN)
        self.cluster = Cluster(folder, environment)
        self.faults: list[str] = []
        self.young: dict[str, int] = {}

    def run(self) -> list[str]:
        """Push, kill and compare. Return what is wrong."""
        self.cluster.start()
        try:
            self.cluster.track(self.slugs, self.folder, PLAN)
            self._settle(300)
            growth = Growth(self.cluster)
            growth.start()
            pushers = self._load()
            self._settle(600)
            print(*growth.finish(), sep="\n")
            self._prune()
            self._compare(pushers)
        finally:
            self.cluster.stop()
        return self.faults

    def _load(self) -> list[Pusher]:
        """Push and kill for the time that the options name."""
        options = self.options
        pause = options.minutes * 60 * options.repositories / options.pushes
        pushers = [self._pusher(slug, pause) for slug in self.slugs]
        for pusher in pushers:
            pusher.start()
            time.sleep(pause / options.repositories)
        chance, aged = random.Random(options.seed), False
        until = time.monotonic() + options.minutes * 60
        while (left := until - time.monotonic()) > 0:
            if not aged and left < options.minutes * 30:
                aged = True
                self.young = {pusher.slug: len(pusher.acknowledged) for pusher in pushers}
                print("made older:", *(self.cluster.change(one) for one in AGE), "rows", flush=True)
            time.sleep(min(options.pause, left))
            self.cluster.kill(chance, "worker one" if aged else "")
        for pusher in pushers:
            pusher.finish()
        return pushers

    def _pusher(self, slug: str, pause: float) -> Pusher:
        upstream = self.folder / f"{slug}.git"
        return Pusher(self.cluster, slug, lambda number: push(upstream, number), pause)

    def _settle(self, seconds: float) -> None:
        try:
            took = wait(lambda: self.cluster.rows(SETTLED) == [(0, 0)], seconds)
            print(f"settled after {took:.1f} s", flush=True)
        except TimeoutError:
            self.faults.append(f"not everything was recorded within {seconds:g} s")

    def _prune(self) -> None:
        print(*(f"{name} {size:.1f} MB" for name, size in self.cluster.rows(SIZES)), sep=", ")
        left = [self.cluster.rows(question)[0][0] for question in TOO_OLD]
        print("too old before the last deletion:", *left, flush=True)
        self.cluster.web.manage("prune")
        for question in TOO_OLD:
            if (count := self.cluster.rows(question)[0][0]) != 0:
                self.faults.append(f"{count} rows are too old: {question}")

    def _compare(self, pushers: list[Pusher]) -> None:
        """Compare the rows of each repository with its commits, and the deliveries with the answers."""
        upstreams = {slug: self.folder / f"{slug}.git" for slug in self.slugs}
        faults, commits = compare(self.cluster.rows, upstreams, self.folder / "plan.yaml")
        self.faults += faults
        known = {row[0] for row in self.cluster.rows(KNOWN)}
        for pusher in pushers:
            young = pusher.acknowledged[self.young.get(pusher.slug, 0) :]  # all, if none was made older
            self.faults += [f"the delivery {name} is lost" for name in young if name not in known]
        pushes = sum(pusher.pushes for pusher in pushers)
        print(f"{pushes} pushes, {commits} commits, kills: {dict(self.cluster.kills)}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
