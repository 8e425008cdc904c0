"""The badge: the same figure as the page, in words and not in colour alone, wide enough for its text."""

import json
import re
from xml.etree import ElementTree as ET

import pytest
from django.test import Client

from compliance.lib.figures import percent
from compliance.models import Repository, Snapshot
from compliance.progress.badge import COLORS, Badge, shields, svg, width
from tests.views.cast import World

SVG = "/repositories/netra/badge.svg"
NAMESPACE = "{http://www.w3.org/2000/svg}"
JSON = "/repositories/netra/shields.json"


def title(answer: str) -> str:
    root = ET.fromstring(answer)
    return root.findtext(f"{NAMESPACE}title") or ""


def test_the_badge_shows_the_figure_of_the_page(ben: Client, netra: World) -> None:
    now = Snapshot.objects.get(commit=netra.head)
    answer = ben.get(SVG)

    assert answer.headers["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert title(answer.content.decode()) == f"SSOT compliance: {percent(now.clean, now.files):.1f}%"


def test_the_endpoint_is_what_shields_reads(ben: Client, netra: World) -> None:
    now = Snapshot.objects.get(commit=netra.head)
    said = json.loads(ben.get(JSON).content)

    assert said == {
        "schemaVersion": 1,
        "label": "SSOT compliance",
        "message": f"{percent(now.clean, now.files):.1f}%",
        "color": COLORS["under way"],
        "isError": False,
        "cacheSeconds": 300,
    }


def test_each_state_has_its_words(ben: Client, netra: World) -> None:
    head = Snapshot.objects.filter(commit=netra.head)
    head.update(clean=39, files=40)
    assert title(ben.get(SVG).content.decode()).endswith("97.5%, target reached")
    head.update(clean=3)
    assert title(ben.get(SVG).content.decode()).endswith("7.5%, going backwards")
    Repository.objects.update(trouble="no route to the host")
    assert title(ben.get(SVG).content.decode()).endswith("7.5%, may be out of date")
    assert json.loads(ben.get(JSON).content)["isError"] is True
    Repository.objects.update(trouble="")
    head.update(clean=0, files=0)
    assert title(ben.get(SVG).content.decode()).endswith(": no files")
    head.delete()
    assert title(ben.get(SVG).content.decode()).endswith(": unknown")


def test_the_badge_is_cached_until_it_changes(ben: Client, netra: World) -> None:
    for address in (SVG, JSON):
        first = ben.get(address)
        again = ben.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert (first.status_code, again.status_code) == (200, 304)
        assert first.headers["Cache-Control"] == "private, max-age=300"
    before = ben.get(SVG).headers["ETag"]
    netra.commit("Fix three", fix=3)
    assert ben.get(SVG, headers={"If-None-Match": before}).status_code == 200


def test_it_has_the_rights_of_the_pages(client: Client, ben: Client, netra: World) -> None:
    assert client.get(SVG).status_code == 302
    assert client.get(JSON).status_code == 302
    assert ben.get("/repositories/nowhere/badge.svg").status_code == 404


@pytest.mark.parametrize(
    "said", ["87.2%", "100.0%, target reached", "iiiiiiii", "WWWWWW", "日本語 ß", '<&>"']
)
def test_boxes_are_as_wide_as_their_texts_and_markup_is_inert(said: str) -> None:
    drawn = svg(Badge("label", said, "reached"))

    root = ET.fromstring(drawn)
    assert title(drawn) == f"label: {said}"
    whole = int(root.attrib["width"])
    assert whole == round(width("label") + 10) + round(width(said) + 10)
    lengths = [int(length) for length in re.findall(r'textLength="(\d+)"', drawn)]
    assert lengths[-1] == round(10 * width(said))
    boxes = [(int(box.get("x", 0)), int(box.attrib["width"])) for box in root.iter(f"{NAMESPACE}rect")][1:3]
    middles = sorted({float(text.attrib["x"]) / 10 for text in root.iter(f"{NAMESPACE}text")})
    assert middles == [x + wide / 2 for x, wide in boxes]


def test_white_text_can_be_read_on_every_colour() -> None:
    def light(color: str) -> float:
        parts = [int(color[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for state in COLORS:
        color = shields(Badge("", "", state))["color"]
        assert 1.05 / (light(color) + 0.05) >= 4.5, state
