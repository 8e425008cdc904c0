"""`python -m bench.kills --broker postgres|redis|rabbitmq --kills 200`: prints what was killed and lost.

It ends with 1 if anything is lost, recorded twice, or left behind by `manage.py up`.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from bench.kills.brokers import broker
from bench.kills.installation import Installation, wait
from bench.kills.storm import Storm


def main() -> int:
    """Run one storm."""
    parser = argparse.ArgumentParser(prog="python -m bench.kills", description=__doc__)
    parser.add_argument("--broker", choices=("postgres", "redis", "rabbitmq"), default="postgres")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--commits", type=int, default=300, help="commits of each history")
    parser.add_argument("--histories", type=int, default=8, help="histories tracked in the course of the run")
    parser.add_argument("--terms", type=int, default=2, help="how often SIGTERM is sent at the end")
    parser.add_argument("--keep-log", type=Path, help="copy the log of the run to this file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-kills-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with broker(options.broker, folder / "broker") as server:
            if server is not None:
                wait(server.answers, 120)
            installation = Installation(folder / "data", server)
            storm = Storm(installation, folder, options.seed, options.commits)
            try:
                installation.start("--repo", str(storm.first), "--plan", str(storm.plan))
                result = storm.run(options.kills, histories=options.histories)
            finally:
                seconds = installation.stop(options.terms, group=True)
                home = (folder / "data" / "postgres").resolve()
            if options.keep_log:
                options.keep_log.write_bytes((folder / "data" / "log" / "up.log").read_bytes())
            faults = [*result.faults, *(f"left behind: {line}" for line in installation.left_behind())]
            shutil.rmtree(home)  # started by root, it may lie under /var/lib
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(result.kills.items()))
    print(f"{options.broker}, seed {options.seed}: {result.kills.total()} kills ({kinds})")
    print(f"{result.pushes} pushes, {result.commits} commits; settled {result.settled:.1f} s after the last")
    print(f"stopped in {seconds:.1f} s after {options.terms} SIGTERM; {len(faults)} faults")
    print(*faults, sep="\n", end="\n" if faults else "")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
