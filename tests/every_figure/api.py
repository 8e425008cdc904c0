"""What the API must say: the same numbers, read by a program to the end of each list."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils import timezone

from tests.every_figure import forecast
from tests.every_figure.truth import Truth, same


def _whole(truth: Truth, path: str) -> list[dict[str, Any]]:
    """Every item of a list."""
    found: list[dict[str, Any]] = []
    address: str | None = f"/api/v1{truth.at}{path}"
    while address:
        answer = truth.client.get(address)
        assert answer.status_code == 200, (address, answer.content)
        found += answer.json()["items"]
        address = answer.json()["next"]
    return found


def _one(truth: Truth, path: str) -> dict[str, Any]:
    answer = truth.client.get(f"/api/v1{truth.at}{path}")
    assert answer.status_code == 200, (path, answer.content)
    told: dict[str, Any] = answer.json()
    return told


def faults(truth: Truth) -> Iterator[str]:
    """What is wrong in any answer about the repository."""
    for subject in (_verdict, _forecast, _line, _findings, _files, _tracked, _people):
        yield from (f"the API, {subject.__name__.strip('_')}: {fault}" for fault in subject(truth))


def _verdict(truth: Truth) -> Iterator[str]:
    told, scan = _one(truth, "verdict"), truth.told.scan
    yield from same("figure", [told[name] for name in ("percent", "clean", "files")], truth.figure)
    yield from same(
        "missing", [told["missing"], told["target"]], truth.goal if truth.goal[1:] else [0, *truth.goal]
    )
    yield from same("change", told["change"], truth.told.week(timezone.now()))
    yield from same(
        "counts", [told[n] for n in ("violations", "suppressed")], [scan["violations"], scan["suppressed"]]
    )
    yield from same("commit", told["commit"], scan["commit"])


def _forecast(truth: Truth) -> Iterator[str]:
    told, due = _one(truth, "forecast"), forecast.last_due(truth)
    yield from forecast.sentence(truth, told["sentence"])
    yield from same("due", told["due"], due.isoformat() if due else None)
    for name in ("target", "zero"):
        yield from _outlook(name, told[name], forecast.whole(truth, target=name == "target"))
        yield from _chance(name, told[name], forecast.whole(truth, target=name == "target"), due)


def _chance(name: str, told: dict[str, Any], found: forecast.Ahead, due: date | None) -> Iterator[str]:
    """The chance of a due date to come, which is only known with a range."""
    if shown := found.chance(due):
        yield from same(f"{name}, chance", abs(told["chance"] - shown[0] / 100) <= 0.01, True)
    elif due is None or found.state in ("too little history", "no progress", "going backwards"):
        passed = due is not None and due < found.as_of.date()
        yield from same(f"{name}, chance", told["chance"], 0 if passed else None)
    wanted = forecast.ends(found) if found.days else []
    shown_80 = [[row["earliest"], row["latest"]] for row in told["ranges"] if row["level"] == 80]
    yield from same(f"{name}, range of 80%", shown_80, [wanted] if wanted else [])


def _outlook(name: str, told: dict[str, Any], found: forecast.Ahead) -> Iterator[str]:
    yield from same(f"{name}, days", [told["earliest"], told["latest"]], forecast.ends(found))
    yield from same(f"{name}, state and left", (told["state"], told["left"]), (found.state, int(found.left)))
    yield from same(f"{name}, pace", told["pace"], None if found.pace is None else round(found.pace, 2))


def _line(truth: Truth) -> Iterator[str]:
    rows = _whole(truth, "commits?limit=200")
    yield from same("commits", len(rows), len(truth.told.line))
    for row, told in zip(rows, reversed(truth.told.line), strict=False):
        c = told["compliance"]
        shown = [row[name] for name in ("sha", "percent", "clean", "files", "violations", "suppressed")]
        wanted = [
            told["commit"],
            c["percent"],
            c["clean"],
            c["files"],
            told["violations"],
            told["suppressed"],
        ]
        yield from same(row["sha"], shown, wanted)
        sides = {
            dimension: {key: [count, told["files_by"][dimension][key]] for key, count in parts.items()}
            for dimension, parts in told["by"].items()
        }
        for dimension, parts in sides.items():
            said = {key: row["by"].get(dimension, {}).get(key, [0, 0]) for key in parts}
            yield from same(f"{row['sha']} by {dimension}", said, parts)
    newest = truth.told.scan["commit"]
    changes = Counter(row["kind"] for row in _whole(truth, f"commits/{newest}/changes?limit=200"))
    for kind in ("new", "fixed", "moved"):
        yield from same(f"{kind} of the newest", changes[kind], truth.changes.get((newest, kind), (0, 0))[1])


def _findings(truth: Truth) -> Iterator[str]:
    columns = ("path", "line", "column", "rule", "role", "risk", "category")
    for state in ("", "suppressed"):
        rows = _whole(truth, f"findings?limit=200&state={state}")
        shown = Counter(tuple(row[name] for name in columns) for row in rows)
        told = truth.told.findings(suppressed=bool(state))
        wanted = Counter(tuple(finding[name] for name in columns) for finding in told)
        yield from same(state or "standing", shown - wanted, Counter())
        yield from same(f"{state or 'standing'}, left out", wanted - shown, Counter())


def _files(truth: Truth) -> Iterator[str]:
    here = Counter(f["path"] for f in truth.told.findings())
    rows = _whole(truth, "files?limit=200")
    shown = Counter({row["path"]: row["violations"] for row in rows if row["violations"]})
    yield from same("violations", shown, here)
    counted = [row for row in rows if row["category"] in truth.told.scan["compliance"]["categories"]]
    skipped = len(truth.told.scan["skipped"])
    yield from same("counted", len(counted) - skipped <= truth.figure[2] <= len(counted), True)


def _tracked(truth: Truth) -> Iterator[str]:
    rows = _whole(truth, "phases")
    yield from same("phases", [row["key"] for row in rows], truth.keys("phase"))
    for row in rows:
        key = row["key"]
        found = forecast.of_phase(truth, key)
        yield from same(key, [row[n] for n in ("fixed", "left", "files")], list(truth.part("phase", key)))
        yield from same(f"{key}, state", row["state"], forecast.state(truth, key))
        yield from same(f"{key}, days", [row["earliest"], row["latest"]], forecast.ends(found))
        due = forecast.phases(truth)[key][1]
        yield from _chance(key, row, found, due)
        paces = [None if value is None else round(value, 2) for value in (found.pace, found.needed(due))]
        yield from same(f"{key}, paces", [row["pace"], row["needed"]], paces)
    for row in _whole(truth, "issues"):
        yield from same(
            row["key"], [row[n] for n in ("fixed", "left", "files")], list(truth.part("issue", row["key"]))
        )


def _people(truth: Truth) -> Iterator[str]:
    of = "(SELECT repository_id FROM compliance_planversion WHERE id = %s)"
    files = f"SELECT id FROM compliance_file WHERE repository_id = {of}"
    for name, where in (
        ("claims", f"compliance_claim WHERE file_id IN ({files})"),
        ("waivers", f"compliance_waiver WHERE repository_id = {of}"),
        ("plans", f"compliance_planversion WHERE repository_id = {of}"),
    ):
        kept = truth.counted(f"SELECT count(*) FROM {where}")
        yield from same(name, len(_whole(truth, f"{name}?limit=200")), kept)
