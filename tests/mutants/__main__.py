"""`python -m tests.mutants`: plants small errors in copies of the product and lists those no test notices.

First it records which tests execute which lines, for every test module that has changed since it was last
recorded. Then it draws a sample of mutants and runs the nearest tests of each one. Both can be stopped and
resumed; `build/mutants/` keeps what is known.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "mutants"
# Not recorded: what takes longer than a mutant may, and the tests of this tool.
LEFT_OUT = ("tests/mutants/", "tests/every_figure/", "tests/scanner/engine/test_fuzz.py")


def main() -> None:
    """Do what the options ask for."""
    options = _options()
    for number in (signal.SIGINT, signal.SIGTERM):  # also when it was started in the background
        signal.signal(number, signal.default_int_handler)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import tests.settings  # noqa: F401, PLC0415  (starts the Postgres of this run, and ends it at exit)
    from tests.mutants.run import Run  # noqa: PLC0415

    FOLDER.mkdir(parents=True, exist_ok=True)
    run = Run(ROOT, FOLDER, node())
    if options.record is not None:
        run.record(options.record or _modules())
    if options.count:
        run.judge(options)


def node() -> str:
    """Return the Node that `make` uses."""
    found = shutil.which("node", path=f"{ROOT / 'node_modules' / '.bin'}{os.pathsep}{os.environ['PATH']}")
    return found or sys.exit("Node is missing; `make node_modules` installs it.")


def _modules() -> list[str]:
    """Return the test modules of the product."""
    files = subprocess.run(
        ["git", "ls-files", "tests/**/test_*.py", "tests/test_*.py"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [name for name in files.stdout.splitlines() if not name.startswith(LEFT_OUT)]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="which sample")
    parser.add_argument("--count", type=int, default=300, help="mutants in the sample; 0 only records")
    parser.add_argument("--jobs", type=int, default=2, help="mutants tried at the same time")
    parser.add_argument("--only", default="", help="a part of the area or the path of the mutants to try")
    parser.add_argument(
        "--again", action="store_true", help="try the survivors again, after tests were added"
    )
    parser.add_argument(
        "--record",
        nargs="*",
        default=[],
        metavar="MODULE",
        help="test modules to record if they have changed; by default all",
    )
    parser.add_argument(
        "--no-record", dest="record", action="store_const", const=None, help="use the map as it is"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
