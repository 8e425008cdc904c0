"""The test's side of a peer: starts its process, reads what it was asked, and orders trouble."""

import atexit
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import Popen
from typing import Any
from urllib.request import Request, urlopen

from tests.processes import ROOT


class Peer:
    """A running peer."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def _ask(self, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.url}/-/{path}", data, {"Content-Type": "application/json"})
        with urlopen(request, timeout=10) as answer:
            return json.load(answer)

    @property
    def calls(self) -> list[str]:
        """Return method and path of every request, in order."""
        return [f"{call['method']} {call['path']}" for call in self._ask("told")["calls"]]

    @property
    def requests(self) -> list[dict[str, Any]]:
        """Return every request in full, in order."""
        found: list[dict[str, Any]] = self._ask("told")["calls"]
        return found

    @property
    def faults(self) -> list[str]:
        """Return what the product did that the provider doesn't document."""
        found: list[str] = self._ask("told")["faults"]
        return found

    @property
    def store(self) -> dict[str, Any]:
        """Return what the peer has stored."""
        found: dict[str, Any] = self._ask("told")["store"]
        return found

    def put(self, **values: Any) -> None:
        """Replace values in the peer's store."""
        self._ask("store", values)

    def trouble(self, kind: str, **values: Any) -> None:
        """Let answers go wrong; see `strict.Trouble`."""
        self._ask("trouble", {"kind": kind, **values})

    def calm(self) -> None:
        """Forget all trouble that was ordered."""
        self._ask("calm", {})

    def reset(self) -> None:
        """Be as at the beginning."""
        self._ask("reset", {})


_idle: dict[str, list[tuple[Popen[str], Peer]]] = {}
"""Peers that no test uses at present, by name. Starting a process takes longer than most tests."""


@contextmanager
def running(name: str, port: int = 0) -> Iterator[Peer]:
    """Run the peer `tests/integrations/peers/NAME.py`, and assert at the end that there was no fault.

    Without a port, a process that an earlier test has used is used again, with nothing stored.
    """
    process, peer = (_idle.get(name) or [_start(name, port)]).pop() if not port else _start(name, port)
    try:
        yield peer
        assert peer.faults == []
        peer.reset()
    except BaseException:
        _end(process)
        raise
    if port:
        _end(process)
    else:
        _idle.setdefault(name, []).append((process, peer))


def _start(name: str, port: int) -> tuple[Popen[str], Peer]:
    command = [sys.executable, "-m", f"tests.integrations.peers.{name}", str(port)]
    process = Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, Peer(int(process.stdout.readline()))


def _end(process: Popen[str]) -> None:
    process.kill()
    process.wait()
    if process.stdout:
        process.stdout.close()


@atexit.register
def _end_idle() -> None:
    for process, _ in (pair for pairs in _idle.values() for pair in pairs):
        _end(process)
