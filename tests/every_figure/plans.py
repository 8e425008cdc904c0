"""What must stand in the preview of an edited plan, and an edit that moves every kind of figure."""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import yaml

from tests.every_figure.dom import Element
from tests.every_figure.truth import Truth, same
from tests.every_figure.walker import Page


def edit(text: str) -> str:
    """A plan without its last rule, with the unit tests counted and another target."""
    plan = yaml.safe_load(text)
    gone = plan["rules"].pop()["id"]
    plan["target_percent"] = 97.0
    plan["compliance_counts"] = [*plan.get("compliance_counts", ["production"]), "unit"]
    for part in [*plan["issues"], *(phase for issue in plan["issues"] for phase in issue.get("phases", ()))]:
        if "rules" in part:
            part["rules"] = [rule for rule in part["rules"] if rule != gone]
    return yaml.safe_dump(plan, sort_keys=False)


def draft(truth: Truth, page: Page) -> Iterator[str]:
    """Both columns of the preview, and the files that are judged otherwise."""
    before, after = truth.told.scan, truth.edited
    assert after
    plan = truth.repository.plan
    assert plan
    bodies = page.main.by_id("outcome").one("table").all("tbody")
    rows = {row.one("th").one("span").text(): _sides(row) for row in bodies[0].all("tr")}
    figures: dict[str, list[list[float]]] = {
        "Compliance": [[side["compliance"]["percent"]] for side in (before, after)],
        "Target": [[float(plan.target_percent)], [97.0]],
        "Clean files": [
            [side["compliance"]["clean"], side["compliance"]["files"]] for side in (before, after)
        ],
        "Violations in counted categories": [[side["violations"]] for side in (before, after)],
        "Violations in all categories": [
            [sum(not found["suppressed"] for found in side["findings"])] for side in (before, after)
        ],
    }
    for words, wanted in figures.items():
        yield from same(words, rows[words], wanted)
    titles = dict(
        truth.sql(
            "SELECT p.key, p.title FROM compliance_phase p JOIN compliance_issue i ON i.id = p.issue_id"
            " JOIN compliance_planversion v ON v.repository_id = i.repository_id WHERE v.id = %s"
        )
    )
    for body in bodies[1:]:
        dimension = body.all("tr")[0].text().rpartition(" ")[2]
        shown = {_joined(row.one("th")): _sides(row) for row in body.all("tr")[1:]}
        sides = [side["by"][dimension] for side in (before, after)]
        keys = {key: titles.get(key, key) if dimension == "phase" else key for side in sides for key in side}
        told = {
            "".join(title.split()): [
                [side[key], *(_everywhere(scan, key) if dimension == "rule" else [])] if key in side else []
                for side, scan in zip(sides, (before, after), strict=True)
            ]
            for key, title in keys.items()
            if sides[0].get(key) != sides[1].get(key)
        }
        yield from same(f"by {dimension}", shown, told)
    yield from same("files", _files(page), _otherwise(before, after))


def _everywhere(scan: dict[str, Any], rule: str) -> list[int]:
    """The violations of a rule in all categories, and the definitions among them if there are any."""
    roles = [each["role"] for each in scan["findings"] if each["rule"] == rule and not each["suppressed"]]
    return [len(roles), *([found] if (found := roles.count("definition")) else [])]


def _sides(row: Element) -> list[list[float]]:
    return [cell.numbers() for cell in row.all("td")]


def _joined(element: Element) -> str:
    return "".join(element.text().split())


def _files(page: Page) -> dict[str, int]:
    told = dict.fromkeys(("enters", "leaves", "violating now", "clean now", "changed"), 0)
    for link, target in page.links:
        if "/files/?change=" in target:
            told[unquote(target.partition("change=")[2])] = int(link.numbers()[0])
    return told


def _otherwise(before: dict[str, Any], after: dict[str, Any]) -> dict[str, int]:
    """The files by what happens to them: only files of the category that is counted from then on enter."""
    counts = [Counter(f["path"] for f in side["findings"] if not f["suppressed"]) for side in (before, after)]
    counted = set(after["compliance"]["categories"]) - set(before["compliance"]["categories"])
    entering = {f["path"] for side in (before, after) for f in side["findings"] if f["category"] in counted}
    kinds: Counter[str] = Counter()
    for path in (counts[0] | counts[1]).keys() - entering:
        one, two = counts[0][path], counts[1][path]
        if one != two:
            kinds["changed" if one and two else "violating now" if two else "clean now"] += 1
    kinds["enters"] = after["compliance"]["files"] - before["compliance"]["files"]
    return {name: kinds[name] for name in ("enters", "leaves", "violating now", "clean now", "changed")}


def draft_files(truth: Truth, page: Page) -> Iterator[str]:
    """As many files as the chosen kind has, and a spreadsheet of all of them."""
    before, after = truth.told.scan, truth.edited
    assert after
    told = _otherwise(before, after)
    change = page.query.get("change", "")
    chips = page.main.one("nav", "chips").all("a")
    shown = [chip.one("strong").numbers()[0] for chip in chips]
    yield from same("kinds of change", shown, [sum(told.values()), *told.values()])
    rows = truth.walk.get(page.address.replace("/files/", "/files.csv", 1)).rows()
    yield from same("rows", len(rows), told.get(change, sum(told.values())))
    sides = [Counter(f["path"] for f in side["findings"] if not f["suppressed"]) for side in (before, after)]
    for row in rows:
        numbers = [int(row["violations_before"]), int(row["violations_after"])]
        yield from same(row["path"], numbers, [side[row["path"]] for side in sides])
