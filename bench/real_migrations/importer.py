"""Imports modules, each in a fresh process, and writes what happened to each as JSON.

It runs under the Python of the repository, in the sandbox, and therefore imports nothing of the product.
Standard input: `{"modules": [[name, path], …], "seconds": 60, "at_once": 2}`. A name is imported with
`import`; a file without one (its path is no dotted name) is executed from its path.
"""

import importlib
import importlib.util
import json
import os
import re
import signal
import sys
from pathlib import Path

_CHANGES = re.compile(r"0x[0-9a-f]+|line \d+|:\d+")
"""The parts of a message that differ although the error is the same: addresses and line numbers."""


def main() -> None:
    """Print `{path: "" or the error}`."""
    asked = json.load(sys.stdin)
    waiting = list(reversed(asked["modules"]))
    running: dict[int, tuple[str, int]] = {}
    found: dict[str, str] = {}
    while waiting or running:
        while waiting and len(running) < asked["at_once"]:
            name, path = waiting.pop()
            ours, theirs = os.pipe()
            child = os.fork()
            if not child:
                os.close(ours)
                _import(name, path, theirs, asked["seconds"])
            os.close(theirs)
            running[child] = path, ours
        child, status = os.wait()
        if child in running:
            path, ours = running.pop(child)
            with os.fdopen(ours, "rb") as pipe:
                said = pipe.read().decode("utf-8", "replace")
            found[path] = said if os.WIFEXITED(status) else f"killed by signal {os.WTERMSIG(status)}"
    json.dump(found, sys.stdout)


def _import(name: str, path: str, answer: int, seconds: int) -> None:
    """Import one module in this child, write the error or nothing, and end."""
    error = ""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    sys.argv = [path]
    signal.alarm(seconds)
    try:
        if name:
            importlib.import_module(name)
        else:
            spec = importlib.util.spec_from_file_location("loaded_from_its_path", path)
            assert spec
            assert spec.loader
            spec.loader.exec_module(importlib.util.module_from_spec(spec))
    except BaseException as raised:  # noqa: BLE001 - whatever a module raises is the answer
        error = f"{type(raised).__name__}: {raised}"
    signal.alarm(0)
    error = _CHANGES.sub("", error.replace(str(Path.cwd()), "."))[:300]
    os.write(answer, error.encode("utf-8", "replace"))
    os._exit(0)


if __name__ == "__main__":
    main()
