"""Two pages asked for in turn: queries, and the server's time for each."""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from compliance.charts import CHARTS
from compliance.models import Phase, Repository


@dataclass(frozen=True, slots=True)
class Timed:
    """A large and a small page: queries, median seconds, the median of the ratios, bytes of the large one."""

    name: str
    queries: tuple[int, int]
    seconds: tuple[float, float]
    ratio: float
    size: int


def addresses(repository: Repository) -> dict[str, str]:
    """Page -> address, each with something on it."""
    at = f"/repositories/{repository.slug}/"
    phase = Phase.objects.filter(issue__repository=repository, in_plan=True).select_related("issue").first()
    file = repository.files.filter(violations__gt=0).first() or repository.files.first()
    assert repository.head
    assert phase
    assert file
    issue = phase.issue.key.replace("#", "%23")
    charts = [name for name in CHARTS if name != "burndown"]  # which is one phase's or one issue's
    return {
        "overview": at,
        **{f"chart {name}": f"{at}charts/{name}.json" for name in charts},
        "chart trend by phase": f"{at}charts/trend.json?by=phase&measure=violations",
        "chart trend by issue": f"{at}charts/trend.json?by=issue&measure=violations",
        "chart burndown": f"{at}charts/burndown.json?phase={phase.key}",
        "forecast": f"{at}forecast/",
        "forecast, what if": f"{at}forecast/?people=2&patches=applied&without={phase.key}",
        "files": f"{at}files/",
        "files of a phase": f"{at}files/?phase={phase.key}",
        "file": f"{at}files/{file.pk}/",
        "violations": f"{at}violations/",
        "violations put right": f"{at}violations/?state=resolved",
        "phases": f"{at}phases/",
        "phase": f"{at}phases/{phase.key}/",
        "issues": f"{at}issues/",
        "issue": f"{at}issues/{issue}/",
        "commits": f"{at}commits/",
        "commit": f"{at}commits/{repository.head.sha}/",
        "marks": f"{at}marks/",
        "my work": f"{at}my-work/",
        "waivers": f"{at}waivers/",
        "scans": f"{at}scans/",
        "settings": f"{at}settings/",
        "plan": f"{at}plan/",
        "share": f"{at}share/",
        "badge": f"{at}badge.svg",
        "live": f"{at}live/",
    }


def ask(client: Client, address: str, before: Callable[[], None] | None = None) -> tuple[float, int, int]:
    """Seconds, queries and bytes of one answer, after `before`. Raises AssertionError unless it is 200."""
    if before:
        before()
    with CaptureQueriesContext(connection) as queries:
        began = time.perf_counter()
        response = client.get(address)
        seconds = time.perf_counter() - began
    assert response.status_code == 200, f"{address} answers {response.status_code}"
    return seconds, len(queries), len(response.content)


def compare(
    client: Client,
    pairs: Mapping[str, tuple[str, str]],
    runs: int,
    before: Callable[[], None] | None = None,
) -> Iterator[Timed]:
    """Each pair of a large and a small page, `runs` times in turn after one that warms up."""
    for name, (large, small) in pairs.items():
        _, of_large, size = ask(client, large, before)
        _, of_small, _ = ask(client, small, before)
        times = [(ask(client, large, before)[0], ask(client, small, before)[0]) for _ in range(runs)]
        yield Timed(
            name,
            (of_large, of_small),
            (statistics.median(a for a, _ in times), statistics.median(b for _, b in times)),
            statistics.median(a / b for a, b in times),
            size,
        )
