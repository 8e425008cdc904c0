"""A newer CPython, compiled to WebAssembly, as npm installs it with the other packages for checks."""

import os
import shutil
from pathlib import Path

from tests.scanner.fixes.executed import Runner

_ROOT = Path(__file__).parents[2]


class NewerPython(Runner):
    """CPython 3.14 in Node. It can't start threads or processes; everything else is the real thing."""

    def __init__(self) -> None:
        node = shutil.which("node", path=f"{_ROOT / 'node_modules' / '.bin'}{os.pathsep}{os.environ['PATH']}")
        assert node, "Node is missing; `make node_modules` installs it."
        assert (_ROOT / "node_modules" / "pyodide").exists(), "Run `make node_modules`: pyodide is missing."
        super().__init__([node, _ROOT / "tests" / "js" / "newer-python.js"])
        self.version = self.answer()
