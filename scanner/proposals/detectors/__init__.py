"""The detectors, one module each, discovered automatically. A detector reads every file, then has ideas."""

from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, runtime_checkable

from scanner.proposals.markers import Marker
from scanner.proposals.model import Idea
from scanner.proposals.python_file import PythonFile
from scanner.proposals.survey import Survey


@runtime_checkable
class Detector(Protocol):
    """Finds one kind of thing that is worth a migration.

    `markers` are texts whose occurrence is remembered for each sampled commit of the past.
    """

    markers: Sequence[Marker]

    def read(self, file: PythonFile) -> None:
        """Remember what matters in one file. The file itself must not be kept."""
        ...

    def ideas(self, survey: Survey) -> Iterable[Idea]:
        """Yield ideas, after all files have been read."""
        ...


def detectors() -> Iterator[Detector]:
    """Yield a new detector of every kind in this folder, ordered by module name."""
    for module in iter_modules(__path__):
        yield import_module(f"{__name__}.{module.name}").Detector()
