"""What several people and workers do to one repository at the same moment."""

import hashlib
import hmac
import json
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from compliance import scans
from compliance.jobs import enqueue
from compliance.jobs.queue import claim
from compliance.jobs.repository_removal import remove_rows
from compliance.jobs.runner import take
from compliance.models import (
    AccessChange,
    Commit,
    Delivery,
    FormerSlug,
    Job,
    Repository,
    RepositorySetup,
    lock_slugs,
)
from compliance.scans import access_change, lifecycle, mirror, repository_setup
from compliance.scans.setup_errors import SetupError
from compliance.tasks import KINDS
from tests.adding.parallel import all_at_once, begin, outcome
from tests.processes import Start, kill, wait
from tests.scanner.git.processes import processes
from tests.scanner.git.tls import Forge
from tests.scanner.history import Commit as Written
from tests.scanner.history import write_history
from tests.scans.upstream import HISTORY, NEW, PLAN, git, push, tracked
from tests.scans.verify import check_against_cold_scans, run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def environment(process_environment: dict[str, str]) -> dict[str, str]:
    """That of workers, whose messages travel by Postgres."""
    known = {name: value for name, value in process_environment.items() if name != "BROKER_URL"}
    return {**known, "OUTGOING_ALLOW": "127.0.0.0/8,::1/128"}


def two_setups(address: str) -> list[RepositorySetup]:
    setups = [repository_setup.begin(address, None) for _ in range(2)]
    run_jobs()
    for setup in setups:
        setup.refresh_from_db()
        assert setup.state == "ready"
    return setups


def test_two_administrators_add_the_same_address(permitted_folder: Path) -> None:
    works = [partial(repository_setup.add, setup, None) for setup in two_setups(str(permitted_folder))]
    with all_at_once(lock_slugs, *works) as found:
        assert not Repository.objects.exists()
    (added,) = (one for one in found if isinstance(one, Repository))
    (refused,) = (one for one in found if isinstance(one, SetupError))
    assert refused.repository == added
    assert Repository.objects.count() == 1
    assert Job.objects.filter(kind="update").count() == 1


def test_a_command_and_an_administrator_add_the_same_address(permitted_folder: Path) -> None:
    (setup, _) = two_setups(str(permitted_folder))
    works = (
        partial(repository_setup.add, setup, None),
        partial(scans.track, str(permitted_folder), plan=PLAN),
    )
    with all_at_once(lock_slugs, *works) as found:
        assert not Repository.objects.exists()
    assert Repository.objects.count() == 1
    assert all(isinstance(one, (Repository, SetupError)) for one in found), found
    run_jobs()
    assert check_against_cold_scans(Repository.objects.get()) == 3


def test_two_commands_track_the_same_address(folder: Path) -> None:
    with all_at_once(lock_slugs, *[partial(scans.track, str(folder), plan=PLAN)] * 2) as found:
        assert not Repository.objects.exists()
    assert found[0] == found[1] == Repository.objects.get()


def test_one_setup_is_sent_twice(permitted_folder: Path) -> None:
    (setup, _) = two_setups(str(permitted_folder))
    hold = RepositorySetup.objects.select_for_update().filter(pk=setup.pk).get
    with all_at_once(hold, *[partial(repository_setup.add, setup, None)] * 2) as found:
        pass
    assert found[0] == found[1] == Repository.objects.get()


def unfinished(repository: Repository) -> list[str]:
    return [path.name for path in mirror.folder(repository).parent.glob(f"{repository.pk}.*")]


def test_a_repository_is_deleted_while_a_worker_clones_it(
    served: Forge, environment: dict[str, str], start: Start
) -> None:
    url = f"https://localhost:{served.port}/r.git"
    repository = scans.track(url, slug="r", plan=PLAN)
    served.answering.clear()
    served.asked.clear()
    start(environment)
    wait(lambda: served.asked, 60)
    wait(lambda: processes(url))
    lifecycle.delete(Repository.objects.get())
    served.answering.set()
    wait(lambda: not processes(url), 60)
    wait(lambda: not unfinished(repository), 60)
    assert not Commit.objects.exists()
    assert Job.objects.get(kind="update").state == "replaced"

    lifecycle.restore(repository, None)
    wait(lambda: Repository.objects.get().history_done, 60)
    assert check_against_cold_scans(Repository.objects.get()) == 3


def test_the_first_scan_is_cancelled_while_a_worker_clones(
    served: Forge, environment: dict[str, str], start: Start
) -> None:
    url = f"https://localhost:{served.port}/r.git"
    repository = scans.track(url, slug="r")
    served.answering.clear()
    served.asked.clear()
    start(environment)
    wait(lambda: served.asked, 60)
    lifecycle.cancel(Repository.objects.get(), None)
    served.answering.set()
    wait(lambda: not Repository.everything.exists(), 60)
    wait(lambda: not processes(url), 60)
    start(environment, "beat")  # its polls look for mirrors of removed repositories
    wait(lambda: not mirror.folder(repository).exists(), 60)
    assert not Commit.objects.exists()


def test_cancelling_while_history_is_read_is_refused_and_nothing_is_lost(
    tmp_path: Path, environment: dict[str, str], start: Start
) -> None:
    text = "from app.home import get_it\nx = get_it()\n"
    commits = [*HISTORY, *(Written({f"app/n{n}.py": text * (n % 7)}) for n in range(400))]
    write_history(tmp_path / "long.git", commits)
    repository = scans.track(str(tmp_path / "long.git"), slug="r", plan=PLAN)
    worker = start(environment)
    reading = Job.objects.filter(kind="backfill", state="running")
    wait(lambda: reading.exists() and Commit.objects.count() > 1, 60)
    kill(worker, signal.SIGSTOP)
    assert not Repository.objects.get().history_done
    with pytest.raises(SetupError, match="Delete the repository instead"):
        lifecycle.cancel(repository, None)
    kill(worker, signal.SIGCONT)
    wait(lambda: Repository.objects.get().history_done, 280)
    assert Commit.objects.filter(position__isnull=False).count() == 403


def test_cancelling_at_the_moment_when_the_first_commit_is_recorded_is_refused(folder: Path) -> None:
    repository = scans.track(str(folder), slug="r")
    commit = Commit.objects.create(
        repository=repository, sha="a" * 40, authored_at=timezone.now(), committed_at=timezone.now()
    )

    def record() -> None:  # the last statement of the transaction that records the tip
        Repository.objects.filter(pk=repository.pk).update(head=commit)

    with all_at_once(record, partial(lifecycle.cancel, repository, None)) as found:
        assert lifecycle.may_cancel(repository), "as far as anybody else can see"
    assert isinstance(found[0], SetupError)
    assert Repository.objects.get().deleted_at is None


def test_a_repository_is_restored_at_the_moment_when_it_is_removed(folder: Path) -> None:
    repository = tracked(folder)
    lifecycle.delete(repository)
    Repository.everything.update(deleted_at=timezone.now() - timedelta(days=31))
    lifecycle.purge_due()
    job = claim("test")
    assert job is not None
    assert job.kind == lifecycle.PURGE

    def restore() -> None:  # somebody's transaction that began before the 30 days were over
        Repository.everything.filter(pk=repository.pk).update(deleted_at=None)

    with all_at_once(restore, partial(take, job, KINDS)) as found:
        pass
    assert found == [None]
    assert Repository.objects.get() == repository
    assert check_against_cold_scans(repository) == 3


def test_a_repository_that_is_being_removed_cannot_be_restored(folder: Path) -> None:
    repository = tracked(folder)
    lifecycle.delete(repository)
    Repository.everything.update(deleted_at=F("deleted_at") - timedelta(days=31))
    refused: list[SetupError] = []

    def restore_meanwhile() -> bool:
        with ThreadPoolExecutor(1) as pool:
            error = outcome(begin(pool, partial(lifecycle.restore, repository, None)))
        assert isinstance(error, SetupError)
        refused.append(error)
        return len(refused) > 3

    assert not remove_rows(repository, restore_meanwhile)
    assert len(refused) == 4
    lifecycle.purge_due()
    run_jobs()
    assert not Repository.everything.exists()


def webhook(secret: str, slug: str, number: int) -> Any:
    """GitHub's report of a push to the former or the new address."""
    body = json.dumps(
        {
            "ref": "refs/heads/main",
            "before": "a" * 40,
            "after": f"{number:040x}",
            "repository": {"full_name": "team/shop"},
            "commits": [],
        }
    ).encode()
    headers = {
        "X-GitHub-Delivery": f"delivery {number}",
        "X-GitHub-Event": "push",
        "X-Hub-Signature-256": f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}",
    }
    return Client().generic("POST", f"/webhooks/github/{slug}/", body, "application/json", headers=headers)


def test_pushes_arrive_while_the_repository_is_renamed(folder: Path) -> None:
    repository = tracked(folder)
    lifecycle.rename(repository, "", "shop")
    lifecycle.rename(repository, "", "r")  # both addresses are known from now on
    secret, numbers = repository.webhook_secret, range(60)

    def rename() -> None:
        for number in range(40):
            lifecycle.rename(Repository.objects.get(), "", ("shop", "r")[number % 2])

    with ThreadPoolExecutor(4) as pool:
        renaming = [begin(pool, rename)]
        sent = [begin(pool, partial(webhook, secret, ("shop", "r")[n % 2], n)) for n in numbers]
        assert [outcome(one) for one in renaming] == [None]
        assert {outcome(one).status_code for one in sent} == {202}
    assert Delivery.objects.filter(repository=repository).count() == len(numbers)
    tip = push(folder, "Go on", app__b=NEW)
    assert webhook(secret, "shop", 1000).status_code == 202
    run_jobs()
    repository.refresh_from_db()
    assert repository.head is not None
    assert (repository.slug, repository.head.sha) == ("r", tip)


def test_a_push_arrives_before_a_rename_is_committed(folder: Path) -> None:
    repository = tracked(folder)
    secret = repository.webhook_secret
    with all_at_once(
        partial(lifecycle.rename, repository, "", "shop"), partial(webhook, secret, "r", 1)
    ) as found:
        pass
    assert found[0].status_code == 202
    assert Delivery.objects.get().repository == repository


def test_two_administrators_rename_the_same_repository(folder: Path) -> None:
    repository = tracked(folder)
    works = [partial(lifecycle.rename, Repository.objects.get(), "", slug) for slug in ("shop", "store")]
    with all_at_once(lock_slugs, *works) as found:
        pass
    assert found == [None, None]
    repository.refresh_from_db()
    former = set(FormerSlug.objects.values_list("slug", flat=True))
    assert former | {repository.slug} == {"r", "shop", "store"}


def test_new_credentials_are_cancelled_while_they_are_tried(served: Forge) -> None:
    served.password = "first"
    repository = scans.track(f"https://ada:first@localhost:{served.port}/r.git", slug="r", plan=PLAN)
    run_jobs()
    served.password = "second"
    access_change.change_token(repository, None, "ada", "second")
    served.asked.clear()
    served.answering.clear()
    with ThreadPoolExecutor(1) as pool:
        checked = begin(pool, run_jobs)
        wait(lambda: served.asked)
        access_change.cancel(repository)
        served.answering.set()
        assert outcome(checked) is None
    repository.refresh_from_db()
    assert repository.access == "ada:first"
    assert not AccessChange.objects.exists()


def test_a_scan_goes_on_with_the_former_credentials_while_others_are_tried(
    served: Forge, folder: Path
) -> None:
    served.password = "first"
    repository = scans.track(f"https://ada:first@localhost:{served.port}/r.git", slug="r", plan=PLAN)
    run_jobs()
    access_change.change_token(repository, None, "ada", "wrong")
    tip = push(folder, "Go on", app__b=NEW)
    enqueue("update", repository)
    run_jobs()
    repository.refresh_from_db()
    assert repository.head is not None
    assert repository.head.sha == tip == git(folder, "rev-parse", "main")
    assert AccessChange.objects.get().state == "failed"
