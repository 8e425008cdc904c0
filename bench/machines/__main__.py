"""`python -m bench.machines --broker postgres|redis|rabbitmq --runs 5`: prints times and faults.

A web server and three worker machines share one Postgres. Many repositories are tracked at once. A machine is
killed while it records a long history, comes back with nothing and works alone: it makes patches, previews of
an edited plan and file pages. The program ends with 1 if anything is lost, or if a problem is ever shown.
"""

import argparse
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from bench.machines.ground import ground
from bench.machines.machine import may_unshare
from bench.machines.story import Result, Story


def main() -> int:
    """Run the story several times, each over a new database."""
    parser = argparse.ArgumentParser(prog="python -m bench.machines", description=__doc__)
    parser.add_argument("--broker", choices=("postgres", "redis", "rabbitmq"), default="postgres")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--repositories", type=int, default=18)
    parser.add_argument("--commits", type=int, default=600, help="commits of the long history")
    parser.add_argument("--keep-logs", type=Path, help="copy the logs of the machines to this folder")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that all machines are stopped
    lost = 0
    for number in range(1, options.runs + 1):
        result = run(options)
        times = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in result.seconds.items())
        space = "namespaces" if may_unshare() else "process groups"
        print(f"{options.broker}, run {number} ({space}): {times}; {len(result.faults)} faults", flush=True)
        print(*result.faults, sep="\n", end="\n" if result.faults else "", flush=True)
        lost += len(result.faults)
    return bool(lost)


def run(options: argparse.Namespace) -> Result:
    """Run the story once."""
    with tempfile.TemporaryDirectory(prefix="bench-machines-") as name:
        folder = Path(name)
        try:
            with ground(folder, options.broker) as environment:
                story = Story(folder, environment, small=options.repositories, length=options.commits)
                result = story.run()
        finally:
            if options.keep_logs:
                shutil.copytree(folder, options.keep_logs, dirs_exist_ok=True, ignore=_all_but_logs)
    return result


def _all_but_logs(_folder: str, names: list[str]) -> list[str]:
    return [name for name in names if not name.endswith(".log")]


if __name__ == "__main__":
    sys.exit(main())
