"""The figures in the head of a file's page, each in its own place."""

import re

from django.test import Client

from compliance.models import File
from tests.views.cast import World


def test_each_figure_has_its_own_name(ada: Client, netra: World) -> None:
    file = netra.standing[0].file
    File.objects.filter(pk=file.pk).update(violations=7, suppressed=5, waived=3)

    page = ada.get(f"/repositories/netra/files/{file.pk}/").content.decode()

    facts = page.partition('<p class="facts">')[2].partition("</p>")[0]
    words = " ".join(re.sub(r"<[^>]+>", " ", facts).split())
    assert "7 violations 3 of them waived 5 suppressed" in words
