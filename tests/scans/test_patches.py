"""The patch of a file is made by a worker, shown on its page, and taken by `git apply` as it is."""

import subprocess
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from compliance.accounts.roles import Role, give
from compliance.models import File, Job, Patch, Repository
from compliance.scans.patches import lines_before
from scanner import RepoPath, Rewrite
from tests.scans.upstream import again, git, push, tracked
from tests.scans.verify import run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PLAN = """version: 1
name: Homes
target_percent: 95.0
categories:
  production: [app/**]
compliance_counts: [production]
rules:
  - id: home
    kind: deprecated-symbol
    risk: high
    symbols: [app.home.get_it]
    replacement: {symbol: app.home.make_it}
"""
HOME = "def get_it():\n    return 1\n\n\ndef make_it():\n    return 1\n"


@pytest.fixture
def repository(folder: Path) -> Repository:
    push(folder, "Offer both", app__home=HOME)
    return tracked(folder, PLAN)


@pytest.fixture
def ben(db: None) -> Client:
    person = User.objects.create_user("ben")
    give(person, Role.ENGINEER)
    client = Client()
    client.force_login(person)
    return client


def page(repository: Repository, path: str) -> str:
    return f"/repositories/{repository.slug}/files/{File.objects.get(path=path).pk}"


def test_a_file_gets_the_patch_that_git_applies(
    repository: Repository, folder: Path, ben: Client, tmp_path: Path
) -> None:
    here = page(repository, "app/b.py")
    assert "Creating patch" in ben.get(f"{here}/patch/").content.decode()
    assert Job.objects.get(kind="patch").key == str(File.objects.get(path="app/b.py").pk)

    run_jobs()
    shown = ben.get(f"{here}/patch/").content.decode()
    taken = ben.get(f"{here}.patch")

    assert "make_it" in shown
    assert "git apply" in shown
    git(tmp_path, "clone", "-q", str(folder), "work")
    subprocess.run(["git", "apply"], cwd=tmp_path / "work", input=taken.content, check=True)
    text = (tmp_path / "work/app/b.py").read_text()
    assert "get_it" not in text
    compile(text, "b.py", "exec")


def test_the_command_that_is_copied_does_the_same(
    repository: Repository, folder: Path, ben: Client, tmp_path: Path
) -> None:
    here = page(repository, "app/b.py")
    ben.get(f"{here}/patch/")
    run_jobs()

    command = ben.get(f"{here}/patch/").context["command"]

    git(tmp_path, "clone", "-q", str(folder), "work")
    subprocess.run(["sh", "-c", command], cwd=tmp_path / "work", check=True)
    assert "make_it" in (tmp_path / "work/app/b.py").read_text()


def test_equal_askers_share_one_job_and_the_patch_is_kept(repository: Repository, ben: Client) -> None:
    here = page(repository, "app/b.py")
    for _ in range(3):
        ben.get(f"{here}/patch/")
    assert Job.objects.filter(kind="patch").count() == 1
    run_jobs()

    for _ in range(3):
        ben.get(f"{here}/patch/")

    assert Job.objects.filter(kind="patch").count() == 1
    assert Patch.objects.count() == 1


def test_a_viewer_sees_the_patch_that_an_engineer_had_made(
    repository: Repository, ben: Client, client: Client
) -> None:
    here = page(repository, "app/b.py")
    client.force_login(User.objects.create_user("vic"))

    seen = client.get(f"{here}/patch/").content.decode()
    assert "created when an engineer opens this page" in seen
    assert "hx-get" not in seen
    assert not Job.objects.filter(kind="patch").exists()
    ben.get(f"{here}/patch/")
    run_jobs()
    assert "+x = make_it()" in client.get(f"{here}/patch/").content.decode()


def test_a_new_commit_makes_the_patch_anew(repository: Repository, folder: Path, ben: Client) -> None:
    here = page(repository, "app/b.py")
    ben.get(f"{here}/patch/")
    run_jobs()
    before = bytes(Patch.objects.get().text)

    push(folder, "Move it", app__b="# moved\nfrom app.home import get_it\nx = get_it()\n")
    again(repository)
    assert "Creating patch" in ben.get(f"{here}/patch/").content.decode()
    run_jobs()

    assert bytes(Patch.objects.get().text) != before


def test_a_clean_file_has_no_patch(repository: Repository, ben: Client) -> None:
    here = page(repository, "app/c.py")

    assert ben.get(f"{here}/patch/").status_code == 200
    assert not Job.objects.filter(kind="patch").exists()
    assert ben.get(f"{here}.patch").status_code == 404


def test_unfixed_places_give_their_current_line() -> None:
    made = Rewrite(RepoPath("a.py"), b"gone\nkept\nold\nlast\n", b"kept\nnew\nlast\n")

    assert lines_before(made) == {1: 2, 3: 4}
