"""A glob matches the same paths in a plan, a waiver, a preview, and the filters of page, CSV and API."""

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta
from itertools import chain

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from compliance.lib.globs import is_glob
from compliance.lib.secret_keys import digest_of
from compliance.models import File, FileState, Token, Violation, Waiver
from compliance.models.token import new_token
from compliance.scans.preview_waivers import accepting
from compliance.work.waivers import WaiverError
from scanner import RepoPath, path_matches
from tests.scanner.glob_cases import MATCHING, NOT_MATCHING
from tests.scanner.reports import FINDING
from tests.views.cast import World, world
from tests.work.factories import waive

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PATHS = sorted({path for _, path in chain(MATCHING, NOT_MATCHING)})
GLOBS = sorted({glob for glob, _ in chain(MATCHING, NOT_MATCHING)})
LISTS = "/repositories/netra/"


@pytest.fixture
def netra(db: None) -> World:
    """Every path of the table with one violation."""
    made = world()
    Violation.objects.all().delete()
    FileState.objects.all().delete()
    File.objects.all().delete()
    made.files = [
        File.objects.create(repository=made.repository, path=path, violations=1, status="open")
        for path in PATHS
    ]
    for file in made.files:
        made.violation(file, 1)
    return made


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada", is_staff=True)


def expected(glob: str) -> list[str]:
    return [path for path in PATHS if path_matches((glob,), path)]


def test_the_table_has_a_match_and_a_miss_for_the_plan() -> None:
    assert all(path in expected(glob) for glob, path in MATCHING)
    assert not any(path in expected(glob) for glob, path in NOT_MATCHING)


@pytest.mark.parametrize("glob", [glob for glob in GLOBS if is_glob(glob)])
def test_filters_match_as_a_plan_does(netra: World, ada: User, glob: str) -> None:
    client = Client()
    client.force_login(ada)
    secret = new_token()
    Token.objects.create(
        digest=digest_of(secret),
        person=ada,
        scope="read",
        hint=secret[:9],
        expires_at=timezone.now() + timedelta(days=1),
    )
    for name in ("files", "violations"):
        page = client.get(f"{LISTS}{name}/", {"path": glob})
        assert page.status_code == 200
        answer = client.get(f"{LISTS}{name}.csv", {"path": glob})
        content = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
        listed = list(csv.reader(io.StringIO(content, newline="")))[1:]
        assert sorted(row[0] for row in listed) == expected(glob), name
    for name in ("files", "findings"):
        told = Client().get(
            f"/api/v1/repositories/netra/{name}",
            {"path": glob, "limit": "200"},
            headers={"authorization": f"Bearer {secret}"},
        )
        assert sorted(row["path"] for row in json.loads(told.content)["items"]) == expected(glob), name


@pytest.mark.parametrize("glob", GLOBS)
def test_waivers_and_their_previews_match_as_a_plan_does(netra: World, ada: User, glob: str) -> None:
    waive(netra.repository, ada, "Kept", None, glob=glob)

    waived = Violation.objects.filter(waiver__isnull=False).values_list("file__path", flat=True)
    assert sorted(waived) == expected(glob)
    accepts = accepting(netra.repository, None)
    assert [path for path in PATHS if accepts(replace(FINDING, path=RepoPath(path)))] == expected(glob)


def test_a_waiver_refuses_the_globs_that_a_plan_refuses(netra: World, ada: User) -> None:
    with pytest.raises(WaiverError, match="separate folders with a slash"):
        waive(netra.repository, ada, "Kept", None, glob="a\\b.py")
    assert not Waiver.objects.exists()
