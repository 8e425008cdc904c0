"""Measures which lines a process executes: pytest itself, and the Python processes that its tests start."""

import os
from pathlib import Path

import coverage

SETTINGS = """\
[run]
patch = _exit
disable_warnings = no-data-collected,context-conflict
"""


def start(root: Path, context: str | None = None) -> coverage.Coverage:
    """Start to measure this process; it writes a file of its own into MUTANTS_MAP when it exits."""
    folder = Path(os.environ["MUTANTS_MAP"])
    settings = folder / "coverage.ini"
    if not settings.exists():
        settings.write_text(SETTINGS)
    measured = coverage.Coverage(
        data_file=str(folder / "raw" / "data"),
        data_suffix=True,
        config_file=str(settings),
        include=[f"{root}/scanner/*", f"{root}/compliance/*"],
        context=context,
        auto_data=context is not None,
        messages=False,
    )
    measured.start()
    return measured
