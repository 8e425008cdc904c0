"""Lines of migrations: what was left at the end of each day."""

import csv
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path

FOLDER = Path(__file__).parent / "lines"
DAY = timedelta(days=1)
SMALLEST = 10
"""Files at the peak of a history below which it is no migration."""


@dataclass(frozen=True)
class Line:
    """A migration of a repository. `values` has the units left at the end of each day from `first` on."""

    name: str
    repository: str
    first: date
    values: Sequence[float]

    @cached_property
    def most(self) -> float:
        """Return the most units that were ever left."""
        return max(self.values)

    @cached_property
    def peak(self) -> int:
        """Return the first day on which the most units were left."""
        return self.values.index(self.most)

    def at(self, day: int) -> datetime:
        """Return the end of a day."""
        return datetime.combine(self.first, datetime.min.time(), UTC) + (day + 1) * DAY

    @cached_property
    def changes(self) -> list[tuple[datetime, float]]:
        """Return the line as the forecast takes it: the end of each day on which the value changed."""
        values = self.values
        return [
            (self.at(day), value) for day, value in enumerate(values) if day == 0 or value != values[day - 1]
        ]


def read_lines(folder: Path = FOLDER, unit: str = "days") -> list[Line]:
    """Return the lines of a folder, of violations (`days`) or of files with violations (`files`)."""
    return [_read(path) for path in sorted(folder.glob(f"*.{unit}.csv"))]


def _read(path: Path) -> Line:
    name = path.name.split(".")[0]
    with path.open(newline="") as rows:
        points = [(date.fromisoformat(row["day"]), float(row["left"])) for row in csv.DictReader(rows)]
    with (path.parent / f"{name}.csv").open(newline="") as rows:
        *_, last = csv.DictReader(rows)
    return _line(name, name.split("-")[0], points, date.fromisoformat(last["week"]) + 6 * DAY)


def read_history(path: Path) -> Iterator[Line]:
    """Return the line of each rule of a history as the command line writes it: files with violations."""
    at: datetime | None = None
    found: dict[str, list[tuple[date, float]]] = defaultdict(list)
    with path.open() as rows:
        for text in rows:
            row = json.loads(text)
            moment = datetime.fromisoformat(row["committed_at"]).astimezone(UTC)
            at = moment if at is None else max(at, moment)
            for rule, files in row["files_by"]["rule"].items():
                found[rule].append((at.date(), float(files)))
    for rule, points in found.items():
        line = _line(f"{path.stem} {rule}", path.stem, points, points[-1][0])
        if line.most >= SMALLEST:
            yield line


def _line(name: str, repository: str, points: Sequence[tuple[date, float]], last: date) -> Line:
    """Return the line to the day `last`. Of several points on a day, the last one holds."""
    first = points[0][0]
    values = [0.0] * ((last - first).days + 1)
    ends = [*(day for day, _ in points[1:]), last + DAY]
    for (day, value), end in zip(points, ends, strict=True):
        start, stop = (day - first).days, (end - first).days
        values[start:stop] = [value] * (stop - start)
    return Line(name, repository, first, values)
