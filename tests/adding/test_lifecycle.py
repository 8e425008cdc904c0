"""Rename, archive, delete, restore and cancel a repository."""

import hashlib
import hmac
import json
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from compliance import scans
from compliance.jobs import JobRun, LostJobError, enqueue, sweep
from compliance.jobs.queue import claim
from compliance.jobs.repository_removal import _tables, remove_rows
from compliance.jobs.runner import take
from compliance.models import Commit, FormerSlug, Job, Repository, RepositorySetup
from compliance.scans import lifecycle, mirror, polling, repository_setup
from compliance.scans.setup_errors import SetupError
from compliance.tasks import KINDS
from scanner import clone_mirror
from tests.scans.upstream import NEW, PLAN, push, tracked
from tests.scans.verify import check_against_cold_scans, run_jobs
from tests.views.furnished import furnished

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def webhook(client: Client, repository: Repository, slug: str) -> Any:
    """A signed ping from GitHub."""
    body = json.dumps({"zen": "Speak like a human."}).encode()
    signed = hmac.new(repository.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "X-GitHub-Delivery": hashlib.sha256(slug.encode()).hexdigest(),
        "X-GitHub-Event": "ping",
        "X-Hub-Signature-256": f"sha256={signed}",
    }
    return client.generic("POST", f"/webhooks/github/{slug}/", body, "application/json", headers=headers)


def test_former_addresses_lead_to_a_renamed_repository(ada: Client, folder: Path) -> None:
    repository = tracked(folder)
    ada.post("/repositories/r/settings/rename/", {"name": "Shop", "slug": "shop"})
    repository.refresh_from_db()
    assert (repository.name, repository.slug) == ("Shop", "shop")

    assert ada.get("/repositories/r/files/?path=a").headers["Location"] == "/repositories/shop/files/?path=a"
    sent = ada.post("/repositories/r/scans/now/")
    assert (sent.status_code, sent.headers["Location"]) == (307, "/repositories/shop/scans/now/")
    assert ada.get("/api/v1/repositories/r").json()["slug"] == "shop"
    assert webhook(Client(), repository, "r").status_code == 202
    with pytest.raises(SetupError, match="taken"):
        lifecycle.rename(Repository.objects.create(slug="other", name="Other", url="/o"), "", "r")

    ada.post("/repositories/shop/settings/rename/", {"slug": "r"})
    repository.refresh_from_db()
    assert (repository.name, repository.slug) == ("Shop", "r")
    assert list(FormerSlug.objects.values_list("slug", flat=True)) == ["shop"]
    assert ada.get("/repositories/shop/").headers["Location"] == "/repositories/r/"


def test_an_archived_repository_can_be_read_and_is_left_alone(ada: Client, folder: Path) -> None:
    repository = tracked(folder)
    ada.post("/repositories/r/settings/archive/")
    push(folder, "Go on", app__b=NEW)
    assert "has been archived since" in ada.get("/repositories/r/").content.decode()
    refused = ada.post("/repositories/r/scans/now/")
    assert refused.status_code == 409
    assert "r is archived" in refused.content.decode()
    assert webhook(Client(), repository, "r").json()["message"] == "Ignored: the repository is archived."
    assert polling._claim(10, []) == []
    enqueue("update", repository)
    assert claim("test") is None
    sweep()
    assert not Job.objects.filter(state="waiting").exists()
    assert "/repositories/r/" not in ada.get("/?all=1").content.decode()
    assert "/repositories/r/" in ada.get("/archived-repositories/").content.decode()

    ada.post("/repositories/r/settings/unarchive/")
    run_jobs()
    repository.refresh_from_db()
    assert repository.archived_at is None
    assert check_against_cold_scans(repository) == 4


def test_a_deleted_repository_is_restored_with_everything(ada: Client, folder: Path) -> None:
    repository = tracked(folder)
    before = ada.get("/repositories/r/files.csv")
    shown = b"".join(before.streaming_content)  # type: ignore[attr-defined]
    wrong = ada.post("/repositories/r/settings/delete/", {"confirm": "x"}, follow=True)
    assert "Nothing was deleted" in wrong.content.decode()
    ada.post("/repositories/r/settings/delete/", {"confirm": "r"})

    assert ada.get("/repositories/r/").status_code == 404
    assert ada.get("/api/v1/repositories").json()["items"] == []
    assert webhook(Client(), repository, "r").status_code == 410
    page = ada.get("/archived-repositories/").content.decode()
    assert "Restore r" in page
    scans.track(str(folder), slug="another")
    assert {row.slug for row in Repository.objects.all()} == {"another"}

    ada.post(f"/archived-repositories/{repository.pk}/restore/")
    run_jobs()
    after = ada.get("/repositories/r/files.csv")
    assert b"".join(after.streaming_content) == shown  # type: ignore[attr-defined]


def test_a_repository_is_removed_with_its_rows_and_its_mirror_after_30_days(folder: Path) -> None:
    repository = tracked(folder)
    where = mirror.folder(repository)
    lifecycle.delete(repository)
    lifecycle.purge_due()
    run_jobs()
    assert where.is_dir()
    Repository.everything.update(deleted_at=timezone.now() - timedelta(days=31))
    with pytest.raises(SetupError, match="can't be restored"):
        lifecycle.restore(repository, None)
    lifecycle.purge_due()
    run_jobs()
    assert not Repository.everything.exists()
    assert not Commit.objects.exists()
    assert not where.exists()


def test_every_table_that_refers_to_a_repository_is_emptied(transactional_db: None) -> None:
    world = furnished(User.objects.create_user("ada", is_staff=True)).netra
    lifecycle.delete(world.repository)
    tables = [(model._default_manager, {lookup: world.repository.pk}) for model, lookup in _tables()]
    assert sum(rows.filter(**of).exists() for rows, of in tables) > 20, "most tables have rows of this world"
    assert remove_rows(world.repository)
    assert not any(rows.filter(**of).exists() for rows, of in tables)
    assert not Repository.everything.filter(pk=world.repository.pk).exists()


def test_a_removal_that_is_interrupted_goes_on(folder: Path) -> None:
    repository = tracked(folder)
    lifecycle.delete(repository)
    assert not remove_rows(repository, lambda: True)
    assert Repository.everything.filter(pk=repository.pk).exists()
    assert remove_rows(repository)
    assert not Repository.everything.filter(pk=repository.pk).exists()


def test_a_scan_that_runs_while_its_repository_is_deleted_writes_nothing_more(folder: Path) -> None:
    repository = tracked(folder)
    push(folder, "Go on", app__b=NEW)
    enqueue("update", repository)
    job = claim("test")
    assert job is not None
    lifecycle.delete(Repository.objects.get())
    take(job, KINDS)
    job.refresh_from_db()
    assert (job.state, job.error) == ("replaced", "The repository was deleted.")
    assert Commit.objects.filter(position__isnull=False).count() == 3
    lifecycle.restore(repository, None)
    run_jobs()
    repository.refresh_from_db()
    assert check_against_cold_scans(repository) == 4


def test_cancelling_the_first_scan_during_the_clone_leaves_nothing(
    permitted_folder: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clone is cancelled by a second session at the moment when git reports its progress."""
    setup = repository_setup.begin(str(permitted_folder), None)
    run_jobs()
    repository = repository_setup.add(RepositorySetup.objects.get(pk=setup.pk), None)
    mirrors = Path(settings.DATA_DIR) / "mirrors"
    seen: list[list[str]] = []
    clone = clone_mirror

    def cancel() -> None:
        lifecycle.cancel(Repository.objects.get(), None)
        connection.close()

    def cloning(url: str, path: str, access: str, watch: Any) -> None:
        clone(url, path, access, watch)
        seen.append(sorted(file.name for file in mirrors.iterdir()))
        canceller = threading.Thread(target=cancel)
        canceller.start()
        canceller.join()
        watch.tell("receiving objects: 50%")

    monkeypatch.setattr(mirror, "clone_mirror", cloning)
    job = claim("test")
    assert job is not None
    assert job.repository == repository
    take(job, KINDS)
    assert seen
    assert str(repository.pk) in seen[0]
    run_jobs()
    assert not Repository.everything.exists()
    assert not Job.objects.exclude(kind__in=("setup", "purge")).exists()
    assert not (mirrors / str(repository.pk)).exists()
    assert not (mirrors / ".locks" / str(repository.pk)).exists()


def test_a_repository_with_figures_is_deleted_instead_of_cancelled(folder: Path) -> None:
    repository = tracked(folder)
    enqueue("update", repository)
    with pytest.raises(SetupError, match="Delete the repository instead"):
        lifecycle.cancel(repository, None)


def test_what_administrators_did_is_in_the_activity_log(ada: Client, folder: Path) -> None:
    tracked(folder, PLAN)
    ada.post("/repositories/r/settings/rename/", {"slug": "shop"})
    ada.post("/repositories/shop/settings/archive/")
    ada.post("/repositories/shop/settings/unarchive/")
    ada.post("/repositories/shop/settings/delete/", {"confirm": "shop"})
    ada.post(f"/archived-repositories/{Repository.everything.get().pk}/restore/")
    listed = ada.get("/api/v1/activity?kind=repository").json()["items"]
    assert [(row["deed"], row["what"]) for row in reversed(listed)] == [
        ("added", "r, r"),
        ("renamed", "r, shop"),
        ("archived", "r, shop"),
        ("unarchived", "r, shop"),
        ("deleted", "r, shop"),
        ("restored", "r, shop"),
    ]
    ben = Client()
    ben.force_login(User.objects.create_user("ben"))
    assert ben.get("/api/v1/activity?kind=repository").json().get("items") in ([], None)


def test_a_run_notices_that_its_job_was_stopped(folder: Path) -> None:
    repository = tracked(folder)
    enqueue("update", repository)
    job = claim("test")
    assert job is not None
    lifecycle.archive(repository)
    with pytest.raises(LostJobError):
        JobRun(job).tell("going on")
