"""What a page makes a browser load, as the product's own server packs it."""

import re
from urllib.parse import urljoin

import pytest
from django.test import Client

from bench.scale.pages import addresses
from tests.views.cast import World

pytestmark = pytest.mark.slow

BUDGET = 400_000
_ASKS = re.compile(
    r'<(?:script|img)[^>]* src="([^"]+)"|<link[^>]* rel="(?:stylesheet|icon)"[^>]* href="([^"]+)"'
)
_IMPORTS = re.compile(r'(?:import|from)\s*"(\.[^"]+)"')
_LINKED = re.compile(r'<link[^>]* href="([^"]+\.css)"')


def fetch(client: Client, address: str) -> tuple[bytes, str]:
    """The bytes sent for an address to a browser that unpacks gzip, and the text."""
    packed = client.get(address, headers={"accept-encoding": "gzip"})
    plain = client.get(address)
    assert packed.status_code == plain.status_code == 200, address
    return packed.getvalue(), plain.getvalue().decode("utf-8", "replace")


def test_no_page_loads_more_than_the_budget(ada: Client, netra: World) -> None:
    sizes: dict[str, int] = {}
    for name, page in {"home": "/?all=1", **addresses(netra.repository)}.items():
        if name.startswith("chart") or name in ("badge", "live"):
            continue
        sent, html = fetch(ada, page)
        waiting = [a or b for a, b in _ASKS.findall(html)] + _LINKED.findall(html)
        assert waiting, name
        loaded: dict[str, int] = {page: len(sent)}
        while waiting:
            address = urljoin(page, waiting.pop())
            if address not in loaded:
                sent, text = fetch(ada, address)
                loaded[address] = len(sent)
                waiting += [urljoin(address, part) for part in _IMPORTS.findall(text)]
        sizes[name] = sum(loaded.values())

    assert {name: size for name, size in sizes.items() if size > BUDGET} == {}


def test_responses_are_compressed(ada: Client, netra: World) -> None:
    for address in ("/static/vendor/tabler/tabler.min.css", "/repositories/netra/"):
        sent, text = fetch(ada, address)
        assert len(sent) < len(text.encode()) / 3, address
