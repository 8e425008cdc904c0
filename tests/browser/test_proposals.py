"""A plan is proposed in the browser: searched by a real worker, chosen with the keyboard, and previewed."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from compliance import scans
from compliance.models import PlanDraft
from tests.browser.conftest import Seat
from tests.browser.faults import axe_faults
from tests.processes import Start
from tests.scanner.history import Commit, write_history
from tests.scans.verify import run_jobs

pytestmark = pytest.mark.slow

OLD = """\
import warnings


def load(path):
    warnings.warn("load is deprecated; use read_file() instead", DeprecationWarning, stacklevel=2)
    return read_file(path)


def read_file(path):
    return path
"""
FILES = {
    "shop/__init__.py": "",
    "shop/files.py": OLD,
    "shop/cart.py": f"from shop.files import load\n\nvalue = load('{'very-long-name/' * 20}')\n",
    **{f"shop/page{number}.py": "from shop.files import load\n\nload('page')\n" for number in range(4)},
    "shop/time.py": "from datetime import datetime\n" + "now = datetime.utcnow()\n" * 3,
}
AT = "/repositories/shop/plan/proposals/"


def test_candidates_are_found_ticked_and_previewed(
    seat: Seat, process_environment: dict[str, str], start: Start, tmp_path: Path
) -> None:
    write_history(tmp_path / "shop.git", (Commit(FILES),))
    scans.track(str(tmp_path / "shop.git"), slug="shop")
    run_jobs()
    reader = seat()
    page = reader.goto(AT)
    expect(page.get_by_role("status").filter(has_text="The search waits for its turn")).to_be_visible()
    faults = axe_faults(page)

    start(process_environment, "worker", app="compliance")
    box = page.get_by_role("checkbox", name="load → read_file")
    expect(box).to_be_checked(timeout=60_000)
    faults += axe_faults(page)
    other = page.get_by_role("checkbox", name="utcnow → now(UTC)")
    expect(other).not_to_be_checked()
    other.focus()
    page.keyboard.press("Space")
    expect(other).to_be_checked()
    page.keyboard.press("Space")
    expect(other).not_to_be_checked()
    page.get_by_role("button", name="Preview this plan").click()

    expect(page.get_by_role("button", name="Activate plan")).to_be_visible(timeout=60_000)
    text = PlanDraft.objects.get().text
    assert "\n  - {id: load, " in text
    assert "\n  # - {id: datetime-datetime-utcnow, " in text
    assert faults == []
    assert reader.complaints == []

    for width in (390, 1440):
        for theme in ("light", "dark"):
            shown = seat(width=width, theme=theme)
            page = shown.goto(AT)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            small = page.evaluate(
                "[...document.querySelectorAll('main input, main button, main summary')]"
                ".filter((e) => e.offsetHeight && Math.min(e.offsetWidth, e.offsetHeight) < 24)"
                ".map((e) => e.outerHTML)"
            )
            assert small == []
            assert axe_faults(page) == []
            assert shown.complaints == []
