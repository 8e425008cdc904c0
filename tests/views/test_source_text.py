"""A file's page on a machine without a mirror: a worker reads the text, which is kept in Postgres."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client

from compliance.accounts.roles import Role, give
from compliance.jobs import enqueue
from compliance.models import File, Job, Repository, SourceText
from compliance.scans.owners import owners
from tests.scanner.history import Commit, write_history
from tests.scans.upstream import OLD, again, push, tracked
from tests.scans.verify import run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

FILES = {"app/home.py": "def get_it():\n    return 1\n", "app/a.py": OLD, "app/b.py": OLD}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_history(tmp_path / "r.git", [Commit({**FILES, "CODEOWNERS": "app/ @ann\n"})])
    return tmp_path / "r.git"


@pytest.fixture
def web(folder: Path, settings: LazySettings, tmp_path: Path) -> str:
    """The data folder of the worker; from now on, this process is on a web server without mirrors."""
    tracked(folder)
    here = str(settings.DATA_DIR)
    settings.DATA_DIR = tmp_path / "web"
    return here


@pytest.fixture
def reader(db: None) -> Client:
    person = User.objects.create_user("reader")
    give(person, Role.VIEWER)
    client = Client()
    client.force_login(person)
    return client


def page(client: Client, path: str) -> str:
    return client.get(f"/repositories/r/files/{File.objects.get(path=path).pk}/").content.decode()


def test_a_worker_reads_the_text_and_the_next_request_shows_it(
    web: str, reader: Client, settings: LazySettings
) -> None:
    first = page(reader, "app/a.py")
    assert "Reading the source…" in first
    assert 'hx-trigger="load delay:1s"' in first
    assert Job.objects.filter(kind="source").count() == 1
    page(reader, "app/a.py")
    assert Job.objects.filter(kind="source").count() == 1

    mine, settings.DATA_DIR = settings.DATA_DIR, Path(web)
    run_jobs()
    settings.DATA_DIR = mine
    shown = page(reader, "app/a.py")
    assert "from app.home import get_it" in shown
    assert "Reading the source" not in shown
    assert 'hx-trigger="load delay:1s" hx-select' not in shown


def test_the_text_is_that_of_the_newest_commit(
    web: str, folder: Path, reader: Client, settings: LazySettings
) -> None:
    page(reader, "app/b.py")
    mine, settings.DATA_DIR = settings.DATA_DIR, Path(web)
    run_jobs()
    push(folder, "Change", app__b="# changed\n" + OLD)
    again(Repository.objects.get())
    settings.DATA_DIR = mine
    assert "Reading the source…" in page(reader, "app/b.py")
    settings.DATA_DIR = Path(web)
    run_jobs()
    settings.DATA_DIR = mine
    assert "# changed" in page(reader, "app/b.py")
    assert SourceText.objects.count() == 1


def test_a_text_that_cannot_be_read_is_reported(web: str, folder: Path, reader: Client) -> None:
    page(reader, "app/a.py")
    Job.objects.filter(kind="source").update(state=Job.State.BURIED)
    assert "The source couldn't be read. The Scans page shows the error." in page(reader, "app/a.py").replace(
        "&#x27;", "'"
    )


def test_visitors_who_have_not_signed_in_cause_no_work(web: str, settings: LazySettings) -> None:
    settings.ANONYMOUS_READING = True
    assert "once somebody who has signed in has opened this page" in page(Client(), "app/a.py")
    assert not Job.objects.filter(kind="source").exists()


def test_only_the_newest_texts_are_kept(
    web: str, monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    monkeypatch.setattr("compliance.scans.source_texts.MOST", 1)
    repository = Repository.objects.get()
    settings.DATA_DIR = Path(web)
    for path in ("app/a.py", "app/b.py"):
        enqueue("source", repository, key=str(File.objects.get(path=path).pk))
        run_jobs()
    assert SourceText.objects.get().file.path == "app/b.py"


def test_owners_are_known_without_a_mirror(web: str) -> None:
    assert owners(Repository.objects.get()).of("app/a.py") == ("@ann",)
