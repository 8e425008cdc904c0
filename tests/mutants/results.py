"""The results of all mutants so far, one line each, so that a run can be stopped and resumed."""

import json
from dataclasses import asdict
from pathlib import Path
from threading import Lock

from tests.mutants.lane import Outcome


class Results:
    """What is known of mutants, by their identity."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = Lock()
        self.known: dict[str, Outcome] = {}
        for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
            row = json.loads(line)
            identity = row.pop("identity")
            self.known[identity] = Outcome(**row)

    def add(self, identity: str, outcome: Outcome) -> None:
        """Note a result at once."""
        with self._lock:
            self.known[identity] = outcome
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"identity": identity, **asdict(outcome)}) + "\n")

    def forget(self, identities: set[str]) -> None:
        """Drop results, which the next run then asks for again."""
        with self._lock:
            self.known = {name: outcome for name, outcome in self.known.items() if name not in identities}
            rows = [json.dumps({"identity": name, **asdict(outcome)}) for name, outcome in self.known.items()]
            self._file.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
