"""What is known of a recorded repository: told by the command line, or by SQL."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import ResolverMatch

from compliance.models import Repository
from tests.every_figure.command_line import Told
from tests.every_figure.dom import Element
from tests.every_figure.walker import Page, Walk, named

_NAMES = ("phase", "issue", "commit", "file", "overview")


def name(element: Element) -> bool:
    """Return true if an element is a name, whose digits are not a figure."""
    if {"group-title", "broken-subject", "summary-subject", "state", "risk", "nowrap-name"} & set(
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


def signed(text: str) -> float | None:
    """A difference as pages show it, by its sign; None where none is shown."""
    if not text or text[0] not in "+0123456789\N{MINUS SIGN}":
        return None
    return float(text.split(maxsplit=1)[0].replace("\N{MINUS SIGN}", "-").replace(",", ""))


def cells(row: Element) -> dict[str, Element]:
    """The cells of a table's row by the words that stand beside them on a narrow screen."""
    return {cell.attributes.get("data-label", ""): cell for cell in row.all("td")}


def parts(numbers: Element) -> list[Element]:
    """The figures of a list of figures, each with its words."""
    return [part for part in numbers.children if isinstance(part, Element)]


def days(element: Element) -> list[str]:
    """The days and moments in it, as they stand for programs."""
    return [moment.attributes["datetime"] for moment in element.all("time")]


Check = Callable[["Truth", Page], Iterator[str]]


@dataclass
class Truth:
    """A repository's rows beside what the command line told of it; `checks` maps a page's name to a check.

    `edited` is what `scan` says under the plan of the draft, if there is one.
    """

    told: Told
    repository: Repository
    client: Client
    choose: Callable[[str, ResolverMatch], bool]
    checks: Mapping[str, Check]
    edited: dict[str, Any] | None = None

    @cached_property
    def walk(self) -> Walk:
        """A walk that holds each page against this truth."""
        bound = {name: partial(check, self) for name, check in self.checks.items()}
        return Walk(self.client, bound, self.choose)

    @property
    def at(self) -> str:
        """Where the repository's pages are."""
        return f"/repositories/{self.repository.slug}/"

    @property
    def figure(self) -> list[float]:
        """Percentage, clean files, files."""
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

    def counted(self, query: str, *values: Any) -> int:
        """The one number that a query gives."""
        return int(self.sql(query, *values)[0][0])

    @cached_property
    def fixed(self) -> dict[str, Counter[str]]:
        """By dimension and key how many violations a commit after the baseline resolved."""
        rows = self.sql(
            "SELECT v.phases, v.issues FROM compliance_violation v"
            " JOIN compliance_baseline b ON b.plan_id = v.plan_id"
            " JOIN compliance_commit c ON c.id = b.commit_id"
            " WHERE v.plan_id = %s AND NOT v.suppressed AND NOT v.silenced AND v.last >= c.position"
        )
        return {
            dimension: Counter(key for row in rows for key in json.loads(row[place]))
            for place, dimension in enumerate(("phase", "issue"))
        }

    def part(self, dimension: str, key: str) -> tuple[int, int, int]:
        """What is fixed and left of a phase or an issue, and in how many files."""
        return self.fixed[dimension][key], *self.told.of(dimension, key)

    @cached_property
    def changes(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Commit and kind of change -> how many count, and how many there are."""
        rows = self.sql(
            "SELECT c.sha, g.kind, count(*) FILTER (WHERE g.counted), count(*) FROM compliance_change g"
            " JOIN compliance_commit c ON c.id = g.commit_id WHERE g.plan_id = %s GROUP BY c.sha, g.kind"
        )
        return {(sha, kind): (counted, all_) for sha, kind, counted, all_ in rows}

    def changed(self, sha: str) -> list[int]:
        """What a commit fixed, brought and moved, of what counts."""
        return [self.changes.get((sha, kind), (0, 0))[0] for kind in ("fixed", "new", "moved")]

    def beside(self, sha: str) -> list[int]:
        """What a commit suppressed and what counts again with it, of what counts."""
        return [self.changes.get((sha, kind), (0, 0))[0] for kind in ("suppressed", "restored")]

    @cached_property
    def regressions(self) -> list[tuple[str, int, int, int, int]]:
        """The commits after the baseline that introduced violations of what counts or reopened a phase,
        newest first: violations, files, files that had been clean, phases.
        """
        return self.sql(
            "SELECT c.sha, count(g.id), count(DISTINCT g.path),"
            " count(DISTINCT g.path) FILTER (WHERE g.regression), m.phases"
            " FROM compliance_baseline b JOIN compliance_commit o ON o.id = b.commit_id"
            " JOIN compliance_commit c ON c.repository_id = o.repository_id AND c.position > o.position"
            " LEFT JOIN compliance_change g ON g.plan_id = b.plan_id AND g.commit_id = c.id AND g.counted"
            " AND g.kind = 'new' CROSS JOIN LATERAL (SELECT count(*) AS phases FROM compliance_marker"
            " WHERE commit_id = c.id AND kind = 'phase reopened') AS m"
            " WHERE b.plan_id = %s GROUP BY c.sha, c.position, m.phases HAVING count(g.id) + m.phases > 0"
            " ORDER BY c.position DESC"
        )

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
