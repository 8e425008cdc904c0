"""`check --server` judges a change under the plan that is active on the server."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from tests.api.conftest import give
from tests.processes import ROOT
from tests.scanner.history import write_history
from tests.scans.factories import person
from tests.scans.upstream import HISTORY, PLAN, push, tracked

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

STRICTER = PLAN.replace("id: shared", "id: from-the-server")


def check(folder: Path, *arguments: str, token: str = "") -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "scanner", "check", str(folder), "--base", "main~1", "--head", "main"]
    return subprocess.run(
        [*command, *arguments],
        cwd=ROOT,
        env={**os.environ, "SSOT_TOKEN": token},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_plan_on_the_server_is_used_instead_of_the_commits(
    live_server: LiveServer, tmp_path: Path
) -> None:
    folder = tmp_path / "r.git"
    write_history(folder, list(HISTORY))
    push(folder, "Worse", **{"app__new": "from app.home import get_it\n", "ssot-plan.yaml": "version: 99\n"})
    repository = tracked(folder, STRICTER)
    assert repository.plan is not None
    page = f"{live_server.url}/repositories/{repository.slug}"
    token = give(person("ada"), scope="read")

    for address in (page, f"{page}/plan/", f"{live_server.url}/api/v1/repositories/{repository.slug}"):
        ran = check(folder, "--server", address, token=token)
        assert ran.returncode == 1, ran.stderr
        assert "from-the-server/" in ran.stdout
        assert f"digest {repository.plan.digest}" in ran.stdout

    refusals = {
        "SSOT_TOKEN": check(folder, "--server", page),
        "401": check(folder, "--server", page, token="wrong"),
        "404": check(folder, "--server", f"{page}x", token=token),
        "address of the repository's page": check(folder, "--server", live_server.url, token=token),
        "use https": check(folder, "--server", "http://ssot.example.org/repositories/r", token=token),
        "either --plan or --server": check(folder, "--server", page, "--plan", "p.yaml", token=token),
    }
    for words, ran in refusals.items():
        assert (ran.returncode, ran.stdout) == (2, ""), words
        assert words in ran.stderr
