"""What must stand on each page of a recorded repository: told by the command line, or by SQL."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.db import connection
from django.test import Client
from django.urls import ResolverMatch
from django.utils import timezone
from scipy.stats import theilslopes

from compliance.models import Repository
from tests.walk.dom import Element
from tests.walk.told import Told, time_of
from tests.walk.walker import Check, Page, Walk, named

RISKS = ("critical", "high", "medium", "low")
_NAMES = ("phase", "issue", "commit", "file", "overview")


def name(element: Element) -> bool:
    """Whether an element is the name of something, which may hold digits that are no figure."""
    if {"group-title", "broken-subject", "verdict-subject", "state", "risk", "nowrap-name"} & set(
        element.classes
    ):
        return True
    href = element.attributes.get("href", "")
    if element.tag != "a" or not href.startswith("/"):
        return element.attributes.get("rel") == "noreferrer"
    return named(href).url_name in _NAMES and "#" not in href


def same(what: str, shown: Any, wanted: Any) -> Iterator[str]:
    """A line where a page shows something else."""
    if shown != wanted:
        yield f"{what}: shows {shown}, but it is {wanted}"


@dataclass
class Truth:
    """A repository's rows beside what the command line told of it."""

    told: Told
    repository: Repository
    client: Client
    choose: Callable[[str, ResolverMatch], bool]

    @cached_property
    def walk(self) -> Walk:
        """A walk that holds each page against this truth."""
        return Walk(self.client, self.checks, self.choose)

    @property
    def checks(self) -> dict[str, Check]:
        """Page -> what must be true on it."""
        return {
            "overview": self.overview,
            "shared": self.shared,
            "chart": self.chart,
            "chart-csv": self.sheet,
            "commits": self.commits,
            "commit": self.commit,
            "violations-csv": self.inventory,
            "files-csv": self.files,
            "file": self.file,
            "phases": self.phases,
            "phase": self.phase,
            "issues": self.issues,
            "issue": self.issue,
            "home": self.home,
            "scans": self.scans,
            "badge": self.badge,
            "shared-badge": self.badge,
            "shields": self.badge,
            "shared-shields": self.badge,
        }

    @property
    def counted(self) -> set[str]:
        return set(self.told.scan["compliance"]["categories"])

    @property
    def figure(self) -> list[float]:
        c = self.told.scan["compliance"]
        return [c["percent"], c["clean"], c["files"]]

    @property
    def goal(self) -> list[float]:
        """The files still to be put right, and the target, as the page says them."""
        _, clean, files = self.figure
        target = float(self.repository.plan.target_percent) if self.repository.plan else 0.0
        missing = next(n for n in range(int(files) + 1) if 1000 * (clean + n) // files >= target * 10)
        return [missing, target] if missing else [target]

    def sql(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of a query; `%s` stands for the values, the plan's id first."""
        with connection.cursor() as cursor:
            cursor.execute(query, [self.repository.plan_id, *values])
            return list(cursor.fetchall())

    @cached_property
    def fixed(self) -> dict[str, Counter[str]]:
        """By dimension and key how many violations some commit resolved."""
        rows = self.sql(
            "SELECT phases, issues FROM compliance_violation WHERE plan_id = %s AND NOT suppressed"
            " AND last IS NOT NULL"
        )
        return {
            dimension: Counter(key for row in rows for key in json.loads(row[place]))
            for place, dimension in enumerate(("phase", "issue"))
        }

    def overview(self, page: Page) -> Iterator[str]:
        """Every section of the overview."""
        if "?" in page.address:
            return
        main = page.main
        words = main.one("div", "verdict-main")
        yield from same("figure", words.one("p", "verdict-figure").numbers(), self.figure[:1])
        yield from same("headline", words.one("p", "verdict-headline").numbers(), self.figure[1:] + self.goal)
        yield from self._movement(words.one("p", "verdict-movement").text(name))
        scan = self.told.scan
        skipped, unparsed = len(scan["skipped"]), len(scan["unparsed"])
        cells = [cell.numbers() for cell in main.one("dl", "numbers").children if isinstance(cell, Element)]
        wanted = [
            [scan["violations"], scan["files_with_violations"]],
            [scan["sites"]["new"], scan["sites"]["old"]],
            [scan["suppressed"]],
            [skipped + unparsed, unparsed, skipped],
        ]
        yield from same("numbers", cells[:4], wanted)
        yield from self._pace(main.one("dl", "numbers"))
        yield from self._phases(main.by_id("phases"))
        yield from self.issues(page)
        yield from self._risks(main.by_id("risks"), linked=True)
        yield from self._broken(main.by_id("broken"))
        yield from same("history", main.by_id("history").numbers(), [len(self.told.line)])

    def _movement(self, text: str) -> Iterator[str]:
        points = self.told.week(timezone.now())
        if not points:
            word = "No older figure" if points is None else "Moved by less"
            if not text.startswith((word, "Unchanged")):
                yield f"movement: says “{text}”, but it is {points}"
            return
        word = "Up" if points > 0 else "down"
        if f"{word} {abs(points):.1f} points" not in text:
            yield f"movement: says “{text}”, but it is {points}"

    def _samples(self) -> tuple[list[float], list[int]]:
        """Files left on each of the last 56 days, by the command line's history, with the weeks."""
        newest = time_of(self.told.line[-1])
        now = timezone.now()
        as_of = newest if now - newest > timedelta(days=90) else max(now, newest)
        weeks, left = [], []
        for back in range(56, -1, -1):
            until = as_of - timedelta(days=back)
            past = [row for row in self.told.line if time_of(row) <= until]
            if past:
                row = past[-1]["compliance"]
                weeks.append(-back / 7)
                left.append(row["files"] - row["clean"])
        return weeks, left

    def _pace(self, numbers: Element) -> Iterator[str]:
        parts = [e for e in numbers.children if isinstance(e, Element)]
        by_name = {part.one("dt").text(): part for part in parts}
        weeks, left = self._samples()
        kept = by_name["Pace kept"].one("a").text()
        if len(weeks) > 14 and self.goal[1:]:
            slope = float(theilslopes(left, weeks)[0])
            yield from same("pace kept", kept.lstrip("\N{MINUS SIGN}"), f"{abs(slope):,.1f}")
        _, clean, files = self.figure
        yield from same("files to zero", by_name["Files to zero"].one("a").numbers(), [files - clean])
        newest = time_of(self.told.line[-1])
        begin = newest - timedelta(days=56)
        if timezone.now() - newest <= timedelta(days=90):
            begin = max(timezone.now(), newest) - timedelta(days=56)
        scope = self.sql(
            "SELECT coalesce(sum(files_added), 0), coalesce(sum(files_gone), 0) FROM compliance_snapshot s"
            " JOIN compliance_commit c ON c.id = s.commit_id"
            " WHERE s.plan_id = %s AND c.position > 1 AND c.committed_at >= %s",
            begin,
        )[0]
        shown = by_name["Files added and gone"].one("a").text()
        yield from same("scope", shown, f"+{scope[0]:,} \N{MINUS SIGN}{scope[1]:,}")

    def _phase_row(self, key: str) -> tuple[int, int, int]:
        return self.fixed["phase"][key], *self.told.of("phase", key)

    def _phases(self, section: Element) -> Iterator[str]:
        rows = section.all("li")
        keys = self.keys("phase")
        yield from same("phases", len(rows), len(keys))
        for key, row in zip(keys, rows, strict=False):
            fixed, left, files = self._phase_row(key)
            shown = row.one("div", "row-foot").numbers()
            yield from same(f"phase {key}", shown, [fixed, left, files] if left else [fixed, left])
            yield from _bar(f"phase {key}", row, fixed, fixed + left)

    def keys(self, dimension: str) -> list[str]:
        """The plan's keys in the order of the rows that the plan made."""
        if dimension == "issue":
            issues = self.repository.issues.filter(in_plan=True).order_by("order")
            return list(issues.values_list("key", flat=True))
        rows = self.sql(
            "SELECT p.key FROM compliance_phase p JOIN compliance_issue i ON i.id = p.issue_id"
            " JOIN compliance_planversion v ON v.repository_id = i.repository_id"
            ' WHERE v.id = %s AND p.in_plan AND i.in_plan ORDER BY i."order", p."order"'
        )
        return [row[0] for row in rows]

    def issues(self, page: Page) -> Iterator[str]:
        """The table of issues, on the overview and alone."""
        rows = page.main.by_id("issues").all("tr")[1:]
        keys = self.keys("issue")
        yield from same("issues", len(rows), len(keys))
        for key, row in zip(keys, rows, strict=False):
            (left, files), fixed = self.told.of("issue", key), self.fixed["issue"][key]
            cells = {cell.attributes.get("data-label", ""): cell for cell in row.all("td")}
            shown = cells["Findings fixed"].numbers()
            yield from same(f"issue {key}, fixed", shown, [fixed, fixed + left] if fixed + left else [])
            yield from same(f"issue {key}, left", cells["Left"].numbers(), [left, files])
            issue = self.repository.issues.get(key=key, in_plan=True)
            done, all_ = issue.steps.filter(done_by__isnull=False).count(), issue.steps.count()
            if all_:
                yield from same(f"issue {key}, steps", cells["Steps"].numbers()[:2], [done, all_])
            if issue.checklist:
                ticked = [sum(task["done"] for task in issue.checklist), len(issue.checklist)]
                yield from same(f"issue {key}, tasks", cells["Task list"].numbers(), ticked)

    def _risks(self, section: Element, *, linked: bool) -> Iterator[str]:
        rows = section.all("li")
        yield from same("risks", len(rows), len(RISKS))
        for risk, row in zip(RISKS, rows, strict=False):
            left, files = self.told.of("risk", risk)
            shown = row.numbers()
            yield from same(f"risk {risk}", shown, [left] if linked and not left else [left, files])

    def _broken(self, section: Element) -> Iterator[str]:
        rows = self.sql(
            "SELECT count(*), count(DISTINCT g.path) FROM compliance_change g"
            " JOIN compliance_commit c ON c.id = g.commit_id"
            " WHERE g.plan_id = %s AND g.regression AND g.kind = 'new' AND c.position IS NOT NULL"
            " GROUP BY c.position ORDER BY c.position DESC LIMIT 5"
        )
        shown = [row.one("p", "broken-what").numbers(name) for row in section.all("li")]
        yield from same("what broke", shown, [list(row) for row in rows])

    def shared(self, page: Page) -> Iterator[str]:
        """The public page."""
        main = page.main
        headline = [*self.figure, *self.goal]
        yield from same("headline", main.one("p", "verdict-headline").numbers(), headline)
        yield from self._movement(main.one("p", "verdict-movement").text(name))
        scan = self.told.scan
        wanted = [
            *(scan["violations"], scan["files_with_violations"]),
            *(scan["sites"]["new"], scan["sites"]["old"]),
        ]
        yield from same("numbers", main.one("dl", "numbers").numbers(), wanted)
        sections = {card.one("h2").text(): card for card in main.all("section") if card.all("h2")}
        phases = next(card for title, card in sections.items() if title.startswith("By phase"))
        for key, row in zip(self.keys("phase"), phases.all("li"), strict=True):
            fixed, left, _ = self._phase_row(key)
            yield from same(f"phase {key}", row.one("div", "row-foot").numbers(), [fixed, left])
        for key, row in zip(self.keys("issue"), sections["By issue"].all("li"), strict=True):
            (left, files), fixed = self.told.of("issue", key), self.fixed["issue"][key]
            shown = row.one("div", "row-foot").one("span").numbers()
            yield from same(f"issue {key}", shown, [fixed, left, files] if fixed + left else [])
        yield from self._risks(sections["By risk"], linked=False)
        yield from self._broken(sections["What broke lately"])
        places = {int(time_of(row).timestamp()): row["compliance"] for row in self.told.line}
        for row in sections["Trend"].all("tr")[1:]:
            at = datetime.fromisoformat(row.one("time").attributes["datetime"]).astimezone(UTC)
            c = places[int(at.timestamp())]
            wanted = [c["percent"], c["clean"], c["files"]]
            yield from same("trend's table", row.numbers(), [value for value in wanted if value is not None])

    def commits(self, page: Page) -> Iterator[str]:
        """Each row of the line."""
        for row in page.main.all("tr")[1:]:
            sha = row.one("code").text() or "".join(str(c) for c in row.one("code").children)
            place = self.told.at(sha)
            told = self.told.line[place]
            cells = {cell.attributes.get("data-label", ""): cell for cell in row.all("td")}
            figure = [] if (percent := self.told.percent(place)) is None else [percent]
            yield from same(f"{sha}", cells["Compliance"].numbers(), figure)
            yield from same(f"{sha}, points", _signed(cells["Points"].text()), self.told.points(place))
            shown = [cells[column].numbers()[0] for column in ("Fixed", "New", "Moved")]
            yield from same(f"{sha}, fixed, new, moved", shown, self._changed(told["commit"]))

    @cached_property
    def _changes(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Commit and kind of change -> how many count, and how many there are."""
        rows = self.sql(
            "SELECT c.sha, g.kind, count(*) FILTER (WHERE g.counted), count(*) FROM compliance_change g"
            " JOIN compliance_commit c ON c.id = g.commit_id WHERE g.plan_id = %s GROUP BY c.sha, g.kind"
        )
        return {(sha, kind): (counted, all_) for sha, kind, counted, all_ in rows}

    def _changed(self, sha: str) -> list[int]:
        return [self._changes.get((sha, kind), (0, 0))[0] for kind in ("fixed", "new", "moved")]

    def commit(self, page: Page) -> Iterator[str]:
        """One commit: its effect, what it left, and its lists."""
        sha = page.main.one("code").children[0]
        place = self.told.at(str(sha))
        told, c = self.told.line[place], self.told.line[place]["compliance"]
        cells = [e for e in page.main.one("dl", "numbers").children if isinstance(e, Element)]
        wanted = [c["percent"], c["clean"], c["files"]]
        if points := self.told.points(place):
            wanted.append(abs(points))
        before = [self.told.line[place - 1]["compliance"]["percent"]] if place else []
        yield from same("compliance", cells[0].numbers(), before + wanted)
        shown = [cell.numbers()[0] for cell in cells[1:4]]
        yield from same("fixed, new, moved", shown, self._changed(told["commit"]))
        left = [told["violations"], told["files_with_violations"]]
        yield from same("left", cells[4].numbers(), left)
        for kind in ("new", "fixed", "moved"):
            title = page.main.by_id(kind).one("h2").numbers()
            all_ = self._changes.get((told["commit"], kind), (0, 0))[1]
            yield from same(f"{kind} in the list", sum(title), all_)
            if place and kind != "moved":
                yield from same(f"{kind} in the history", all_, told[kind])
            if all_ <= 300:
                yield from same(f"{kind} listed", len(page.main.by_id(kind).all("li", "place")), all_)

    def inventory(self, page: Page) -> Iterator[str]:
        """The whole list of violations, place by place."""
        if "?" in page.address:
            return
        shown = Counter((r["file"], int(r["line"]), r["rule"], r["risk"]) for r in page.rows())
        wanted = Counter((f["path"], f["line"], f["rule"], f["risk"]) for f in self.told.findings())
        yield from same("inventory", shown - wanted, Counter())
        yield from same("inventory, left out", wanted - shown, Counter())

    def files(self, page: Page) -> Iterator[str]:
        """The whole list of files with their violations."""
        if "?" in page.address:
            return
        wanted = Counter(f["path"] for f in self.told.findings())
        for row in page.rows():
            yield from same(row["path"], int(row["violations"]), wanted.pop(row["path"], 0))
        yield from same("files left out", dict(wanted), {})

    def file(self, page: Page) -> Iterator[str]:
        """One file: what stands in it."""
        path = "".join(page.main.one("h1").text().split())
        here = [f for f in self.told.findings() if f["path"] == path]
        if "gone" in page.main.one("p", "facts").text():
            return
        yield from same("violations", page.main.one("p", "facts").one("strong").numbers(), [len(here)])
        standing = page.main.all("span", "badge-count")[0].numbers()
        yield from same("standing", standing, [len(here)])

    def phases(self, page: Page) -> Iterator[str]:
        """The list of phases."""
        rows = [row for table in page.main.all("table") for row in table.one("tbody").all("tr")]
        keys = self.keys("phase")
        yield from same("phases", len(rows), len(keys))
        for key, row in zip(keys, rows, strict=False):
            fixed, left, files = self._phase_row(key)
            cells = {cell.attributes.get("data-label", ""): cell for cell in row.all("td")}
            shown = cells["Findings fixed"].numbers()
            yield from same(f"{key}, fixed", shown, [fixed, fixed + left] if fixed + left else [])
            yield from same(f"{key}, left", cells["Left"].numbers(), [left, files] if left else [left])
            marks = [m.attributes["title"] for m in cells["Criteria"].all("span", "mark-state")]
            holding = sum(mark.endswith(": holds") for mark in marks)
            yield from same(f"{key}, criteria", cells["Criteria"].numbers(), [holding, len(marks)])

    def phase(self, page: Page) -> Iterator[str]:
        """One phase."""
        key = page.match.kwargs["key"]
        fixed, left, files = self._phase_row(key)
        cells = [e for e in page.main.one("dl", "numbers").children if isinstance(e, Element)]
        yield from same("left", cells[0].numbers(), [left, files] if left else [left])
        yield from same("fixed", cells[1].numbers(), [fixed, fixed + left])
        states = [
            cell.text() for cell in page.main.all("td") if cell.attributes.get("data-label") == "Verdict"
        ]
        yield from same("criteria", cells[2].one("a").numbers(), [states.count("holds"), len(states)])
        yield from self._taken(page, files)

    def _taken(self, page: Page, files: int) -> Iterator[str]:
        counts = [
            card.one("span", "badge-count").numbers()
            for card in page.main.all("section")
            if card.all("h2") and card.one("h2").text().startswith("Files with violations left")
        ]
        yield from same("files left", counts, [[files]])

    def issue(self, page: Page) -> Iterator[str]:
        """One issue."""
        key = page.match.kwargs["key"]
        (left, files), fixed = self.told.of("issue", key), self.fixed["issue"][key]
        cells = [e for e in page.main.one("dl", "numbers").children if isinstance(e, Element)]
        yield from same("left", cells[0].numbers(), [left, files] if left else [left])
        yield from same("fixed", cells[1].numbers(), [fixed, fixed + left])
        yield from self._taken(page, files)

    def home(self, page: Page) -> Iterator[str]:
        """The row of this repository among all."""
        for row in page.main.all("tr")[1:]:
            links = [link.attributes["href"] for link in row.all("a")]
            if not any(link.startswith(f"/repositories/{self.repository.slug}/") for link in links):
                continue
            cells = {cell.attributes.get("data-label", ""): cell for cell in row.all("td")}
            yield from same("compliance", cells["Compliance"].numbers(), self.figure)
            yield from same("to the target", cells["To the target"].numbers()[: len(self.goal)], self.goal)
            week = self.told.week(timezone.now())
            yield from same("in a week", _signed(cells["In a week"].text()), week)

    def scans(self, page: Page) -> Iterator[str]:
        """What could not be read."""
        unread = len(self.told.scan["skipped"]) + len(self.told.scan["unparsed"])
        if unread <= 200:
            shown = page.main.by_id("unread").one("span", "badge-count").numbers()
            yield from same("unread", shown, [unread])

    def chart(self, page: Page) -> Iterator[str]:
        """The trend and the burn-downs, point by point; of a long line those that are kept."""
        data, which = page.response.json(), page.match.kwargs["name"]  # type: ignore[attr-defined]
        query = dict(parse_qsl(urlsplit(page.address).query))
        if which not in ("trend", "burndown"):
            return
        dimension = next((d for d in ("phase", "issue") if d in query), "") if which == "burndown" else ""
        dimension = dimension or query.get("by", "")
        measure = "violations" if which == "burndown" else query.get("measure", "percent")
        for _, *shown, sha in data["points"]:
            row = self.told.line[self.told.at(sha)]
            wanted = [_measured(row, measure, dimension, line["key"]) for line in data["lines"]]
            yield from same(f"{sha}", shown, wanted)
        yield from same("commits", data["commits"], len(self.told.line))
        if len(self.told.line) <= 1200:
            yield from same("points", len(data["points"]), len(self.told.line))

    def sheet(self, page: Page) -> Iterator[str]:
        """A chart's spreadsheet has what its data has."""
        data = self.walk.get(page.address.replace(".csv", ".json", 1)).response.json()  # type: ignore[attr-defined]
        if "points" in data:
            shown = [list(row.values())[1:] for row in page.rows()]
            wanted = [["" if v is None else str(v) for v in point[1:]] for point in data["points"]]
            yield from same("points", shown, wanted)
        else:
            yield from same("rows", len(page.rows()), len(data["rows"]))

    def badge(self, page: Page) -> Iterator[str]:
        """The figure on the badge, drawn or as JSON."""
        if f"{self.figure[0]:.1f}%" not in page.body.decode():
            yield f"does not say {self.figure[0]:.1f}%"


def _bar(what: str, row: Element, part: int, whole: int) -> Iterator[str]:
    width = float(row.one("rect", "bar-done").attributes["width"])
    yield from same(f"{what}, bar", width, round(100 * part / whole, 2) if whole else 0)


def _measured(row: dict[str, Any], measure: str, dimension: str, key: str) -> float:
    if dimension:
        return float(row["by" if measure == "violations" else "files_by"][dimension].get(key, 0))
    whole = {
        "percent": row["compliance"]["percent"],
        "violations": row["violations"],
        "files": row["compliance"]["files"] - row["compliance"]["clean"],
        "sites": row["sites"]["old"],
    }
    return float(whole[measure])


def _signed(text: str) -> float | None:
    if not text or text[0] not in "+0123456789\N{MINUS SIGN}":
        return None
    return float(text.split(maxsplit=1)[0].replace("\N{MINUS SIGN}", "-").replace(",", ""))
