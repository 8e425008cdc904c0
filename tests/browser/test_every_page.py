"""Each page in each colour scheme at each width: the browser and axe have nothing to say."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import faults
from tests.browser.conftest import Reader, Seat
from tests.browser.factories import furnish
from tests.views.cast import World

pytestmark = pytest.mark.slow

WAYS: tuple[tuple[int, faults.Scheme, faults.Scheme], ...] = ((1440, "light", "dark"), (390, "dark", "light"))
"""The width of a visit, the colour scheme in which the page is loaded, and the one to which it then turns."""
WITH_TARGETS: dict[str, Any] = {"rules": {"target-size": {"enabled": True}}}


def found_on(reader: Reader, address: str) -> Iterator[str]:
    """Yield the faults of a page, which is visited once at each width and seen there in both schemes."""
    for width, first, second in WAYS:
        reader.page.set_viewport_size({"width": width, "height": 900})
        reader.page.emulate_media(color_scheme=first)
        page = reader.goto(address)
        seen = [*faults.too_wide(page), *faults.touching(page), *faults.shifts(page)]
        seen += faults.axe_faults(page, **WITH_TARGETS)
        if width == 1440:
            seen += faults.torn(page)
        seen += faults.other_scheme(page, second)
        seen += faults.taken(reader)
        yield from (f"{width}, {first}: {fault}" for fault in seen)


def test_no_page_has_a_fault(seat: Seat, netra: World) -> None:
    reader = seat(timezone_id="Asia/Kathmandu")
    faults.delay_scripts(reader)
    plain = [f"plain overview, {fault}" for fault in found_on(reader, "/repositories/netra/")]
    pages = furnish(netra)

    found = [f"{name}, {fault}" for name, address in pages.items() for fault in found_on(reader, address)]

    assert plain + found == [], "\n".join(plain + found)


def test_signing_in_has_no_fault(seat: Seat, netra: World) -> None:
    reader = seat(signed_in=False)
    page = reader.goto("/repositories/netra/")

    assert page.url.endswith("/sign-in/?next=/repositories/netra/")
    assert faults.axe_faults(page) == []
    assert faults.other_scheme(page, "dark") == []
    assert faults.taken(reader) == []
