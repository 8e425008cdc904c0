"""A longer history costs no more queries, and its charts stay light."""

import pytest
from django.test import Client

from bench.scale.fill import fill
from bench.scale.pages import addresses, ask
from compliance.models import Snapshot
from tests.views.cast import World

pytestmark = pytest.mark.slow

MOST_QUERIES = 16
MOST_OF = {"settings": 29, "issue": 19, "phase": 17, "overview": 18, "live": 18, "file": 18}
"""Pages of several independent parts, such as policies, rules, notes on issues, who must act, and since when
the target has been reached.
"""
HEAVIEST = 100_000


def test_queries_do_not_grow_with_the_history(ada: Client, netra: World) -> None:
    small, large = fill(netra.repository, "small", 40, 300), fill(netra.repository, "large", 400, 1500)

    others = addresses(small)
    ask(ada, others["settings"])  # keeps the rates of all complete histories
    queries = {
        name: (ask(ada, others[name])[1], ask(ada, address)[1]) for name, address in addresses(large).items()
    }

    assert {name: pair for name, pair in queries.items() if pair[0] != pair[1]} == {}
    assert {name: pair for name, pair in queries.items() if pair[1] > MOST_OF.get(name, MOST_QUERIES)} == {}


def test_a_chart_of_the_whole_line_is_light(ada: Client, netra: World) -> None:
    large = fill(netra.repository, "large", 3000, 1500)

    for name, address in addresses(large).items():
        if name.startswith("chart"):
            assert ask(ada, address)[2] <= HEAVIEST, name
    for split in ("phase", "issue", "rule", "risk", "category"):
        address = f"{addresses(large)['chart trend']}?by={split}"
        assert ask(ada, address)[2] <= HEAVIEST, split


def test_generated_rows_are_consistent(netra: World) -> None:
    """Else the bench would measure pages that no scan could have made."""
    made = fill(netra.repository, "large", 200, 900)

    now = Snapshot.objects.get(commit=made.head)
    standing = made.plan.violations.filter(last=None)  # type: ignore[union-attr]
    counted = standing.filter(counted=True)
    assert now.violations == counted.count() > 0
    assert now.files_with_violations == counted.values("file").distinct().count()
    assert now.files - now.clean == now.files_with_violations
    for key, (violations, files) in now.by["phase"].items():
        of = standing.filter(phases__contains=[key])
        assert (violations, files) == (of.count(), of.values("file").distinct().count())
    assert sum(made.files.values_list("violations", flat=True)) == standing.count()
