"""Ask the forecast on every week of the histories given, compare with what came, and print the table."""

import json
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from compliance.progress.forecast import State, estimate

WEEK = timedelta(days=7)
GONE = (0.1, 0.25, 0.5, 0.75, 1.0)
SMALLEST = 10
"""Files at the peak below which a line is no migration."""
WINDOWS = timedelta(days=70)
"""More of the past than the forecast looks at; what is older is not handed to it, to save time."""

Line = Sequence[tuple[datetime, float]]


@dataclass(frozen=True, slots=True)
class Trial:
    """One date that was asked for: the share of what was left that should go, and what came of it."""

    migration: str
    share: float
    outcome: str
    earliest: float = 0.0
    latest: float = 0.0


def lines(path: Path) -> Iterator[tuple[str, Line]]:
    """The lines of one history by rule, and, where tests are not counted, of their category."""
    at: datetime | None = None
    found: dict[str, list[tuple[datetime, float]]] = defaultdict(list)
    with path.open() as rows:
        for text in rows:
            row = json.loads(text)
            moment = datetime.fromisoformat(row["committed_at"])
            at = moment if at is None else max(at, moment)
            for rule, files in row["files_by"]["rule"].items():
                found[f"{path.stem} {rule}"].append((at, files))
            if "test" in row["files_by"]["category"]:
                found[f"{path.stem} tests"].append((at, row["files_by"]["category"]["test"]))
    yield from found.items()


def trials(migration: str, line: Line) -> Iterator[Trial]:
    """Every question that can be asked of one line, with its answer."""
    peak = max(value for _, value in line)
    if peak < SMALLEST:
        return
    begin = max(place for place, (_, value) in enumerate(line) if value == peak)
    as_of, end, place = line[begin][0] + WEEK, line[-1][0], begin
    while as_of < end:
        while place + 1 < len(line) and line[place + 1][0] <= as_of:
            place += 1
        left = line[place][1]
        if left == 0:
            return
        known = [point for point in line[: place + 1] if point[0] >= as_of - WINDOWS]
        before = [point for point in line[: place + 1] if point[0] < as_of - WINDOWS][-1:]
        for share in GONE:
            goal = math.floor(left * (1 - share))
            outlook = estimate([*before, *known], goal, as_of)
            real = next((at for at, value in line[place + 1 :] if value <= goal), None)
            if outlook.state is not State.UNDER_WAY or not outlook.earliest or not outlook.latest:
                yield Trial(migration, share, "no date given")
                continue
            outcome = judge(outlook.earliest, outlook.latest, real.date() if real else None, end.date())
            days = [(day - as_of.date()).days / 7 for day in (outlook.earliest, outlook.latest)]
            yield Trial(migration, share, outcome, *days)
        as_of += WEEK


def judge(earliest: date, latest: date, real: date | None, end: date) -> str:
    """inside, sooner, later, or unknown."""
    if real is None:
        return "not known" if latest >= end else "later"
    if real < earliest:
        return "sooner"
    return "later" if real > latest else "inside"


def show(title: str, told: Sequence[Trial]) -> None:
    """Print one line of the table."""
    counts = Counter(trial.outcome for trial in told)
    known = sum(counts[outcome] for outcome in ("inside", "sooner", "later"))
    shares = [f"{counts[outcome] / known:>8.0%}" if known else "     n/a" for outcome in OUTCOMES]
    migrations = len({trial.migration for trial in told if trial.outcome in OUTCOMES})
    print(
        f"{title:<34}{migrations:>11}{known:>8}{''.join(shares)}"
        f"{counts['not known']:>11}{counts['no date given']:>10}"
    )


WIDTHS = (11, 8, 8, 8, 8, 11, 10)
OUTCOMES = ("inside", "sooner", "later")


def main(paths: Sequence[str]) -> None:
    """Print the table of all histories, by goal and by repository."""
    told = [
        trial for path in paths for migration, line in lines(Path(path)) for trial in trials(migration, line)
    ]
    columns = ("migrations", "dates", "inside", "sooner", "later", "not known", "none")
    print(" " * 34 + "".join(f"{name:>{width}}" for name, width in zip(columns, WIDTHS, strict=True)))
    for share in GONE:
        show(f"{share:.0%} of what is left", [trial for trial in told if trial.share == share])
    short = [trial for trial in told if trial.share < 1]
    show("all but the last file", short)
    for name in sorted({trial.migration for trial in short if trial.outcome in OUTCOMES}):
        show(f"  {name}", [trial for trial in short if trial.migration == name])


if __name__ == "__main__":
    main(sys.argv[1:])
