"""Imports modules, a batch of them in each fresh process, and writes what happened to each as JSON.

It runs under the Python of the repository, in the sandbox, and therefore imports nothing of the product.
Standard input: `{"batches": [[[name, path], …], …], "seconds": 60, "at_once": 2}`. A name is imported with
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
    """Print `{path: "" or the error}`; what a batch that was killed did not reach is missing."""
    asked = json.load(sys.stdin)
    waiting = list(reversed(asked["batches"]))
    running: dict[int, tuple[list[tuple[str, str]], int]] = {}
    found: dict[str, str] = {}
    while waiting or running:
        while waiting and len(running) < asked["at_once"]:
            batch = waiting.pop()
            ours, theirs = os.pipe()
            child = os.fork()
            if not child:
                os.close(ours)
                _import_all(batch, theirs, asked["seconds"])
            os.close(theirs)
            running[child] = batch, ours
        child, status = os.wait()
        if child in running:
            batch, ours = running.pop(child)
            with os.fdopen(ours, "rb") as pipe:
                lines = pipe.read().decode("utf-8", "replace").splitlines()
            found.update(json.loads(line) for line in lines)
            if os.WIFSIGNALED(status):
                found[batch[len(lines)][1]] = f"killed by signal {os.WTERMSIG(status)}"
    json.dump(found, sys.stdout)


def _import_all(batch: list[tuple[str, str]], answer: int, seconds: int) -> None:
    """Import modules in this child, write a line about each, and end."""
    here = str(Path.cwd())
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    for name, path in batch:
        sys.argv = [path]
        signal.alarm(seconds)
        error = _import(name, path)
        signal.alarm(0)
        error = _CHANGES.sub("", error.replace(here, "."))[:300]
        os.write(answer, (json.dumps([path, error]) + "\n").encode())
    os._exit(0)


def _import(name: str, path: str) -> str:
    """Import one module and return the error, or an empty string."""
    try:
        if name:
            importlib.import_module(name)
        else:
            spec = importlib.util.spec_from_file_location("loaded_from_its_path", path)
            assert spec
            assert spec.loader
            spec.loader.exec_module(importlib.util.module_from_spec(spec))
    except BaseException as raised:  # noqa: BLE001 - whatever a module raises is the answer
        return f"{type(raised).__name__}: {raised}"
    return ""


if __name__ == "__main__":
    main()
