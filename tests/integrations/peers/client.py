"""The test's side of a peer: starts its process, reads what it was asked, and orders trouble."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def running(name: str, port: int = 0) -> Iterator[Peer]:
    """Run the peer `tests/integrations/peers/NAME.py`, and assert at the end that there was no fault."""
    command = [sys.executable, "-m", f"tests.integrations.peers.{name}", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        peer = Peer(int(process.stdout.readline()))
        yield peer
        assert peer.faults == []
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
