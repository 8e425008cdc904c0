"""Draws the charts of long histories in a new web process before anybody asks for them.

For its first drawing, a process reads the whole line of a history, which takes longer than everything else
that a reader waits for. It is kept for the next drawings.
"""

import logging
import threading
from collections.abc import Iterator

from django.db import Error, connection
from django.db.models import F

from compliance.charts import CHARTS, kept_line
from compliance.charts.context import chart_context
from compliance.models import Phase, Repository

MOST = 40
"""Number of charts that are drawn. Each keeps up to 16 bytes for each commit of its history."""

_WHOLE: tuple[tuple[str, dict[str, str]], ...] = (
    ("trend", {}),
    ("trend", {"measure": "violations"}),
    ("burnup", {}),
)

log = logging.getLogger(__name__)


def draw_in_background() -> None:
    """Draw the charts in a thread of its own, which ends afterwards."""
    threading.Thread(target=_draw, name="charts", daemon=True).start()


def draw_ahead() -> int:
    """Draw the charts that pages show of long histories, those of the newest commits first, and return their
    number.
    """
    done = 0
    for repository, name, query in _charts():
        if done == MOST:
            break
        CHARTS[name].draw(chart_context(repository, query))
        done += 1
    return done


def _draw() -> None:
    try:
        draw_ahead()
    except Error as error:  # the first reader waits instead
        log.info("No chart was drawn ahead: %s", error)
    finally:
        connection.close()


def _charts() -> Iterator[tuple[Repository, str, dict[str, str]]]:
    """Yield charts, by name and query, with their repositories."""
    long = Repository.objects.tracked().filter(history_done=True, line_length__gte=kept_line.LEAST)
    newest = long.order_by(F("head__committed_at").desc(nulls_last=True), "pk")
    for repository in newest.select_related("plan", "line_plan", "head")[:MOST]:
        yield from ((repository, name, query) for name, query in _WHOLE)
        yield from ((repository, "burndown", {"phase": key}) for key in _open_phases(repository))


def _open_phases(repository: Repository) -> list[str]:
    phases = Phase.objects.filter(issue__repository=repository, issue__in_plan=True, in_plan=True)
    return list(phases.filter(closed_at__isnull=True).order_by("pk").values_list("key", flat=True))
