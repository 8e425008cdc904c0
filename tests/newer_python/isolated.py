"""Run programs one after the other in one interpreter, each as if it were the first.

It is read by tests/js/newer-python.js: WebAssembly has no processes, and starting an interpreter for each
program would take seconds. The standard modules that the programs import are loaded once.
"""

import asyncio
import contextlib
import dataclasses  # noqa: F401
import doctest  # noqa: F401
import functools
import importlib
import io
import os
import runpy
import sys
import types
import unittest.mock  # noqa: F401
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any


class _Selector:
    """A selector that has nothing to wait for."""

    def select(self, timeout: float | None) -> list[object]:
        """Return no events."""
        return []


class _Loop(asyncio.BaseEventLoop):
    """An event loop without sockets, because a browser's can't run until something is complete."""

    _selector = _Selector()

    def _process_events(self, event_list: list[object]) -> None:
        """Do nothing: the selector returns no events."""

    def _write_to_self(self) -> None:
        """Do nothing: there is only one thread."""


def _remember() -> Callable[[], None]:
    """Return a function that gives every loaded module the names that it has now, and forgets the others."""
    modules = dict(sys.modules)
    names = [
        (vars(module), dict(vars(module)))
        for module in modules.values()
        if isinstance(module, types.ModuleType)  # others belong to JavaScript
    ]
    lists: list[Any] = [sys.path, sys.meta_path, sys.path_hooks, warnings.filters]
    items = [list(each) for each in lists]
    environment, folder = dict(os.environ), Path.cwd()

    def restore() -> None:
        for name in set(sys.modules) - set(modules):
            del sys.modules[name]
        sys.modules.update(modules)
        for now, then in names:
            for name in set(now) - set(then):
                del now[name]
            now.update(then)
        for each, before in zip(lists, items, strict=True):
            each[:] = before
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)
        importlib.invalidate_caches()

    return restore


def run(folder: str) -> None:
    """Run main.py in a folder, and write what it prints and the error that ends it to the file `output`."""
    restore = _remember()
    printed = io.StringIO()
    browser = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    os.chdir(folder)
    sys.path.insert(0, folder)
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
        try:
            runpy.run_path("main.py", run_name="__main__")
        except BaseException as error:  # noqa: BLE001  (as in the other interpreter, it's part of the output)
            print(f"{type(error).__name__}: {error}")
    restore()
    asyncio._set_running_loop(browser)
    Path(folder, "output").write_text(printed.getvalue())


asyncio.run = functools.partial(asyncio.run, loop_factory=_Loop)  # type: ignore[call-arg]
sys.dont_write_bytecode = True
