"""A preview warns of rules that report the same places, whose violations count twice."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from compliance.models import PlanDraft
from tests.scans.upstream import PLAN, push, tracked
from tests.scans.verify import run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

SECOND = """  - id: {id}
    kind: deprecated-symbol
    symbols: [{symbol}]
    replacement: {{symbol: app.home.make_it}}
issues:
"""
SUPPRESSED = "from app.home import get_it  # ssot: ignore[shared, again] for a while\n"


def preview(rule: str, symbol: str) -> tuple[list[str], str]:
    """The warnings for the plan with a second rule, and the page of its preview."""
    client = Client()
    client.force_login(User.objects.create_user("ada", is_staff=True))
    text = PLAN.replace("issues:\n", SECOND.format(id=rule, symbol=symbol))
    page = client.post("/repositories/r/plan/preview/", {"text": text}).headers["Location"]
    run_jobs()
    made = PlanDraft.objects.get()
    assert made.outcome is not None
    return made.outcome["overlaps"], client.get(page).content.decode()


def test_two_rules_for_the_same_symbol_are_named_with_the_number_of_places(folder: Path) -> None:
    push(folder, "Suppress one", app__d=SUPPRESSED)
    repository = tracked(folder)
    assert repository.plan is not None
    standing = repository.plan.violations.filter(rule="shared", last=None, suppressed=False)
    places = len(set(standing.values_list("file", "line", "column")))
    assert places > 1

    warnings, page = preview("again", "app.home.get_it")

    (warning,) = warnings
    assert warning.startswith(f"The rules again and shared both report {places} places, ")
    assert "count twice" in warning
    named = re.findall("`([^`]+:[0-9]+)`", warning)
    rows = standing.values_list("file__path", "line")
    assert len(named) == min(3, places)
    assert set(named) <= {f"{path}:{line}" for path, line in rows}
    assert all(f"<code>{place}</code>" in page for place in named)


def test_rules_for_different_symbols_give_no_warning(folder: Path) -> None:
    tracked(folder)

    warnings, page = preview("other", "app.home.make_other")

    assert warnings == []
    assert "count twice" not in page
