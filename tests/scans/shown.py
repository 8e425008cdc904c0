"""What each surface shows of a repository's figures: pages, chart data, CSV files, API, badges and mail."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.core import mail
from django.test import Client

from compliance.accounts import public_links
from compliance.models import Phase, Repository
from tests.every_figure.dom import Element, parse
from tests.scans.counted import Counted
from tests.scans.verify import run_jobs

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


class Surfaces:
    """Reads one repository as a signed-in manager and as an anonymous reader of its public link."""

    def __init__(self, repository: Repository, client: Client) -> None:
        self.repository, self.client = repository, client
        self.at = f"/repositories/{repository.slug}"

    def body(self, address: str) -> str:
        answer = self.client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        streamed = answer.streaming
        return (b"".join(answer.streaming_content) if streamed else answer.content).decode()  # type: ignore[attr-defined]

    def table(self, name: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.body(name).removeprefix("\ufeff"))))

    def whole(self, name: str) -> list[dict[str, Any]]:
        """Every item of a list of the API."""
        found: list[dict[str, Any]] = []
        address: str | None = f"/api/v1{self.at}/{name}"
        while address:
            told = self.client.get(address).json()
            found += told["items"]
            address = told["next"]
        return found

    def disagreements(self, told: Counted) -> Iterator[str]:
        """Yield each figure that differs from the counted one, with its surface."""
        looks = (self.pages, self.charts, self.ahead, self.files, self.interface, self.badges, self.digest)
        for look in looks:
            for where, shown, wanted in look(told):
                if shown != wanted:
                    yield f"{look.__name__}, {where}: shows {shown}, but the rows say {wanted}"

    def pages(self, told: Counted) -> Iterator[tuple[str, Any, Any]]:
        """The overview, the public page and the page of waivers."""
        key = public_links.make(self.repository, None, name="Test").key
        overview = parse(self.body(f"{self.at}/")).one("main")
        public = parse(self.body(f"/shared/{key}/")).one("main")
        for name, main in (("overview", overview), ("public page", public)):
            for what, shown, wanted in _summary(main, told):
                yield f"{name}, {what}", shown, wanted
        shown = [part.numbers() for part in overview.one("dl", "numbers").all("div")]
        yield "violations", shown[0][:2], [told.violations, told.violating]
        yield "waived and suppressed", [shown[2][0], shown[3][0]], [told.waived, told.suppressed]
        rows = overview.by_id("phases").all("li") if told.phases else []
        phases = [tuple(row.one("div", "row-foot").one("span").numbers()) for row in rows]
        wanted_phases = [_phase_numbers(told, key) for key in told.phases]
        yield "phases", phases, wanted_phases
        waivers = parse(self.body(f"{self.at}/waivers/")).by_id("lasting")
        numbers = [int(row.all("td")[5].numbers()[0]) for row in waivers.all("tr")[1:]]
        yield "waivers", sorted(numbers), sorted(told.by_waiver.values())

    def charts(self, told: Counted) -> Iterator[tuple[str, Any, Any]]:
        """The newest point of the trend, in total and by phase."""
        wanted = {"percent": told.percent, "violations": told.violations, "files": told.files - told.clean}
        for measure, value in wanted.items():
            data = self.client.get(f"{self.at}/charts/trend.json?measure={measure}").json()
            yield measure, data["points"][-1][1], value
        data = self.client.get(f"{self.at}/charts/trend.json?by=phase&measure=violations").json()
        shown = dict(zip([line["key"] for line in data["lines"]], data["points"][-1][1:-1], strict=True))
        yield "phases", shown, {key: left for key, (_, left, _) in told.phases.items()}
        last = self.table(f"{self.at}/charts/trend.csv?measure=violations")[-1]
        yield "CSV of the trend", last["Violations"], str(told.violations)

    def ahead(self, told: Counted) -> Iterator[tuple[str, Any, Any]]:
        """The forecast page, the API's what-if, and the newest points of the burn-up charts."""
        assert self.repository.plan
        tenths = round(10 * self.repository.plan.target_percent)
        needed = -(-tenths * told.files // 1000)
        left = {"": max(0, needed - told.clean)} | {key: row[1] for key, row in told.phases.items()}
        closed = Phase.objects.filter(issue__repository=self.repository, closed_at__isnull=False)
        for key in closed.values_list("key", flat=True):
            left.pop(key, None)
        rows = parse(self.body(f"{self.at}/forecast/")).by_id("dates").one("tbody").all("tr")
        shown = [int(row.all("td")[1].numbers()[0]) for row in rows]
        yield "left", sorted(shown), sorted(left.values())
        found = self.client.get(f"/api/v1{self.at}/forecast/what-if").json()
        sides = {each["phase"]: each["after"]["left"] for each in (found["whole"], *found["phases"])}
        yield "what-if", sides, left
        data = self.client.get(f"{self.at}/charts/burnup.json").json()
        yield "burn-up", data["points"][-1][1:3], [told.clean, needed]
        for key, (fixed, open_, _) in told.phases.items():
            data = self.client.get(f"{self.at}/charts/burnup.json?phase={key}").json()
            yield f"burn-up of {key}", data["points"][-1][1:3], [fixed, fixed + open_]

    def files(self, told: Counted) -> Iterator[tuple[str, Any, Any]]:
        """The CSV files of repositories, commits, violations, files, waivers and phases."""
        row = next(r for r in self.table("/repositories.csv") if r["kind"] != "plan")
        newest = self.table(f"{self.at}/commits.csv")[0]
        for name, found in (("repositories", row), ("commits", newest)):
            yield name, {key: found[key] for key in _texts(told)}, _texts(told)
        places: Counter[tuple[str, int, str, str]] = Counter()
        for query, state in (("", ""), ("?state=suppressed", "suppressed")):
            for found in self.table(f"{self.at}/violations.csv{query}"):
                standing = "waived" if found["state"] == "waived" else "open"
                places[found["file"], int(found["line"]), found["rule"], state or standing] += 1
        yield "violations", places, told.places
        by_file = {
            r["path"]: (int(r["violations"]), int(r["waived"])) for r in self.table(f"{self.at}/files.csv")
        }
        yield "files", {path: two for path, two in by_file.items() if two[0]}, told.by_file
        waivers = [r for r in self.table(f"{self.at}/waivers.csv") if r["state"] == "approved"]
        numbers = sorted(int(r["violations"]) for r in waivers)
        yield "waivers", numbers, sorted(told.by_waiver.values())
        phases = {
            r["phase"]: tuple(int(r[n]) for n in ("fixed", "left", "files", "fixed_gone"))
            for r in self.table(f"{self.at}/phases.csv")
        }
        yield "phases", phases, {key: (*row, told.removed[key]) for key, row in told.phases.items()}

    def interface(self, told: Counted) -> Iterator[tuple[str, Any, Any]]:
        """The API."""
        wanted = {name: getattr(told, name) for name in _NAMES}
        for name, shown in (
            ("status", self.client.get(f"/api/v1{self.at}/verdict").json()),
            ("commits", self.whole("commits?limit=1")[0]),
        ):
            yield name, {key: shown[key] for key in wanted}, wanted
        places: Counter[tuple[str, int, str, str]] = Counter()
        for query, state in (("", ""), ("&state=suppressed", "suppressed")):
            for found in self.whole(f"findings?limit=200{query}"):
                standing = "waived" if found["state"] == "waived" else "open"
                places[found["path"], found["line"], found["rule"], state or standing] += 1
        yield "findings", places, told.places
        yield (
            "waivers",
            {r["id"]: r["violations"] for r in self.whole("waivers?state=approved")},
            told.by_waiver,
        )
        names = ("fixed", "left", "files", "fixed_gone")
        phases = {r["key"]: tuple(r[name] for name in names) for r in self.whole("phases")}
        yield "phases", phases, {key: (*row, told.removed[key]) for key, row in told.phases.items()}

    def badges(self, told: Counted) -> Iterator[tuple[str, Any, Any]]:
        """Both forms of the badge."""
        wanted = "no files" if told.percent is None else f"{told.percent:.1f}%"
        svg = parse(self.body(f"{self.at}/badge.svg")).one("svg").attributes["aria-label"]
        yield "SVG", wanted in svg, True
        message = self.client.get(f"{self.at}/shields.json").json()["message"]
        yield "JSON", message.split(",")[0], wanted

    def digest(self, told: Counted) -> Iterator[tuple[str, Any, Any]]:
        """The weekly digest, sent as a test."""
        mail.outbox.clear()
        self.client.post(f"{self.at}/share/digest/", {"want": "yes"})
        self.client.post(f"{self.at}/share/digest/test/")
        run_jobs()
        (message,) = (sent for sent in mail.outbox if "digest" in str(sent.body))
        lines = str(message.body).splitlines()
        if told.percent is not None:
            wanted = f"{told.percent:.1f}%, {told.clean:,} of {told.files:,} files;"
            yield "headline", lines[2][: len(wanted)], wanted
            yield "beside", _beside(told) in lines, True
        parts = ("removed", "new", "suppressed", "restored")
        week = [told.week.get(kind, 0) for kind in parts if kind == "new" or told.week.get(kind)]
        moved = next(line for line in lines if " fixed" in line or line.startswith("No commits"))
        shown = [int(number.replace(",", "")) for number in NUMBER.findall(moved)]
        wanted_week = [told.commits, told.week.get("fixed", 0), *week]
        yield "week", shown, wanted_week if told.commits else []


_NAMES = (
    *("percent", "clean", "files", "violations", "waived", "clean_with_waivers", "percent_with_waivers"),
)


def _phase_numbers(told: Counted, key: str) -> tuple[int, ...]:
    """The numbers in the overview's sentence about a phase."""
    fixed, left, files = told.phases[key]
    removed = (told.removed[key],) if told.removed[key] else ()
    return (fixed, *removed, left, files) if left else (fixed, *removed, left)


def _texts(told: Counted) -> dict[str, str]:
    values = {name: getattr(told, name) for name in _NAMES}
    return {name: "" if value is None else str(value) for name, value in values.items()}


def _beside(told: Counted) -> str:
    """The sentence about what is accepted."""
    parts = []
    if told.waived and told.percent is not None:
        parts.append(f"{told.percent_with_waivers:.1f}% with waivers ({_violations(told.waived)})")
    if told.suppressed:
        parts.append(f"{_violations(told.suppressed)} suppressed by comments, not counted")
    return "; ".join(parts)


def _violations(number: int) -> str:
    return f"{number:,} violation{'' if number == 1 else 's'}"


def _summary(main: Element, told: Counted) -> Iterator[tuple[str, Any, Any]]:
    shown = main.one("p", "summary-figure").numbers()
    yield "percent", shown, [] if told.percent is None else [told.percent]
    if told.percent is not None:
        yield "files", main.one("p", "summary-headline").numbers()[:2], [told.clean, told.files]
    accepted = [element.text() for element in main.all("p", "summary-accepted")]
    yield "accepted", accepted, [_beside(told)] if _beside(told) else []
