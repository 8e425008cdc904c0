"""How old a violation is: a rename keeps its age, and any other move starts it anew, as the page says."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from compliance.models import File, Violation
from tests.scans.upstream import NEW, OLD, again, push, tracked

pytestmark = pytest.mark.django_db(transaction=True)

SHIM = "from app.moved import *\n"
LONG = OLD + "".join(f"# line {number}\n" for number in range(20))
SAID = "counts from the commit that moved it"


@pytest.mark.parametrize(
    ("before", "after", "path", "kept"),
    [
        ({"app__old": LONG}, {"app__old": None, "app__moved": LONG}, "app/moved.py", True),
        ({"app__old": LONG}, {"app__old": None, "app__moved": LONG + "# more\n"}, "app/moved.py", True),
        ({"app__old": LONG}, {"app__old": "# top\n" + LONG}, "app/old.py", True),
        ({"app__old": LONG}, {"app__old": SHIM, "app__moved": LONG}, "app/moved.py", False),
        (
            {"app__old": LONG, "app__c": NEW},
            {"app__old": LONG.replace(OLD, NEW), "app__c": OLD},
            "app/c.py",
            False,
        ),
        ({"app__old": LONG}, {"app__old": LONG.replace(OLD, ""), "app__moved": OLD}, "app/moved.py", False),
    ],
)
def test_a_rename_keeps_the_age_and_anything_else_starts_it_anew(
    folder: Path, before: dict[str, str], after: dict[str, Any], path: str, kept: bool
) -> None:
    first = push(folder, "Before", **before)
    repository = tracked(folder)
    second = push(folder, "Move", **after)
    again(repository)
    rows = Violation.objects.filter(file__path=path, last=None)
    assert set(rows.values_list("introduced__sha", flat=True)) == {first if kept else second}
    client = Client()
    client.force_login(User.objects.create_user("ada", is_superuser=True))
    page = client.get(f"/repositories/r/files/{File.objects.get(path=path).pk}/").content.decode()
    assert SAID in " ".join(page.split())
