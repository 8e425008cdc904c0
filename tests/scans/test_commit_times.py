"""Commits of all ages, on leap days and in the hour that a clock leaves out: their order is the graph's."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client

from compliance.models import Commit
from tests.scanner.history import Commit as Written
from tests.scanner.history import write_history
from tests.scans.upstream import NEW, OLD, tracked
from tests.scans.verify import check_against_cold_scans

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

BERLIN = ZoneInfo("Europe/Berlin")
TIMES = (
    (datetime(2100, 1, 1, tzinfo=UTC), "+0000"),
    (datetime(1970, 1, 1, tzinfo=UTC), "+0000"),
    (datetime(2024, 2, 29, 23, 30, tzinfo=UTC), "+1400"),
    (datetime(2024, 3, 31, 1, 30, tzinfo=UTC), "+0100"),  # 02:30 was never on clocks in Berlin
    (datetime(2024, 10, 27, 0, 30, tzinfo=UTC), "+0200"),  # 02:30 was there twice
    (datetime(2024, 10, 27, 1, 30, tzinfo=UTC), "+0100"),
    (datetime(2023, 5, 1, 12, tzinfo=UTC), "-0930"),
)
PAGES = (
    "",
    "commits/",
    "files/",
    "violations/",
    "phases/",
    "issues/",
    "scans/",
    "charts/trend.json",
    "commits/?csv=1",
)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Pacific/Kiritimati", "America/St_Johns"])
def test_order_follows_the_graph_and_dates_the_time_zone(
    tmp_path: Path, settings: LazySettings, zone: str
) -> None:
    settings.TIME_ZONE = zone
    home = Written({"app/home.py": "def get_it():\n    return 1\n", "app/a.py": OLD}, when="1000000000 +0000")
    texts = (OLD, NEW, OLD + "y = 1\n", NEW, OLD, NEW, OLD)
    more = [
        Written({"app/b.py": text}, when=f"{int(moment.timestamp())} {offset}")
        for text, (moment, offset) in zip(texts, TIMES, strict=True)
    ]
    shas = write_history(tmp_path / "r.git", [home, *more])
    repository = tracked(tmp_path / "r.git")
    assert repository.trouble == ""
    line = Commit.objects.filter(repository=repository).order_by("position")
    assert [commit.sha for commit in line] == shas
    assert [commit.committed_at for commit in line][1:] == [moment for moment, _ in TIMES]
    assert check_against_cold_scans(repository) == len(shas)

    client = Client()
    client.force_login(User.objects.create_superuser("ada"))
    for name in PAGES:
        assert client.get(f"/repositories/r/{name}").status_code == 200, name
    for sha, (moment, _) in zip(shas[1:], TIMES, strict=True):
        page = client.get(f"/repositories/r/commits/{sha}/").content.decode()
        assert f"{moment.astimezone(ZoneInfo(zone)):%-d %b %Y, %H:%M}" in page
