"""Python reads this at its start: a process that a recorded test starts records for that test."""

import os
import runpy
from pathlib import Path

if "MUTANTS_MAP" in os.environ and "PYTEST_CURRENT_TEST" in os.environ:
    here = Path(__file__).resolve()
    # Not imported: the module `tests` of the scanned code may be another one.
    start = runpy.run_path(str(here.parents[1] / "measured.py"))["start"]
    start(here.parents[3], os.environ["PYTEST_CURRENT_TEST"].rpartition(" (")[0])
