"""How pushes become known: webhooks are relied on only while they report the branch's pushes."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from compliance.jobs.queue import enqueue
from compliance.models import Job, Repository
from compliance.scans import polling
from tests.integrations.sender import send
from tests.scans.upstream import NEW, PLAN, push, tracked
from tests.scans.verify import run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

MINUTELY = "No webhook reported the last push to this branch within a day, so it is polled every minute."
HOOKED = "Webhooks report the pushes to this branch; it is also polled every 15 minutes."


def polled(repository: Repository, ago: timedelta) -> bool:
    """Return true if a repository that was polled so long ago is polled again now."""
    before = timezone.now() - ago
    Repository.objects.update(polled_at=before)
    polling.poll()
    repository.refresh_from_db()
    assert repository.polled_at is not None
    return repository.polled_at > before


def test_a_webhook_of_another_kind_does_not_slow_polling_down(folder: Path) -> None:
    repository = tracked(folder)
    for case in ("ping", "star__created", "push__other_branch", "push__branch_deleted", "issues__not_linked"):
        assert send(repository, case, case).status_code == 202

    assert polled(repository, timedelta(minutes=1))
    assert repository.hooked_at is None
    assert polling.describe(repository) == MINUTELY


def test_a_reported_push_slows_polling_down_for_a_day(folder: Path) -> None:
    repository = tracked(folder)
    assert send(repository, "push__one_commit").status_code == 202

    assert not polled(repository, timedelta(minutes=14))
    assert polled(repository, timedelta(minutes=16))
    assert polling.describe(repository) == HOOKED

    Repository.objects.update(hooked_at=timezone.now() - timedelta(days=1, minutes=1))
    assert polled(repository, timedelta(minutes=1))
    assert polling.describe(repository) == MINUTELY


def test_a_push_that_no_webhook_reported_ends_the_reliance_on_webhooks(folder: Path) -> None:
    repository = tracked(folder)
    Repository.objects.update(hooked_at=timezone.now() - timedelta(hours=2))
    push(folder, "Not reported", app__b=NEW)

    assert polled(repository, timedelta(minutes=16))

    assert Job.objects.get(state="waiting").cause.startswith("poll: ")
    assert repository.hooked_at is None
    assert polling.describe(repository) == MINUTELY
    run_jobs()
    assert polled(repository, timedelta(minutes=1))
    assert send(repository, "push__one_commit").status_code == 202
    assert not polled(repository, timedelta(minutes=1))


def test_a_repository_without_a_plan_is_updated_when_its_tip_moves_and_not_before(folder: Path) -> None:
    Repository.objects.create(slug="new", name="New", url=str(folder), branch="main")
    enqueue("update", Repository.objects.get())
    assert polled(Repository.objects.get(), timedelta(minutes=1))
    assert Job.objects.count() == 1, "an update is on its way"
    run_jobs()
    repository = Repository.objects.get()
    assert repository.trouble_kind == "no plan"
    assert polled(repository, timedelta(minutes=1))
    assert not Job.objects.filter(state="waiting").exists()

    push(folder, "A plan with an error", **{"ssot-plan.yaml": "rules: 3\n"})
    assert polled(repository, timedelta(minutes=1))
    run_jobs()
    repository.refresh_from_db()
    assert repository.trouble_kind == "plan"
    assert polled(repository, timedelta(minutes=1))
    assert not Job.objects.filter(state="waiting").exists()

    push(folder, "A plan", **{"ssot-plan.yaml": PLAN})
    assert polled(repository, timedelta(minutes=1))
    run_jobs()
    repository.refresh_from_db()
    assert (repository.trouble, repository.history_done) == ("", True)


def test_a_push_that_a_webhook_has_just_reported_does_not(folder: Path) -> None:
    repository = tracked(folder)
    Repository.objects.update(hooked_at=timezone.now() - timedelta(minutes=4))
    push(folder, "Reported, not scanned yet", app__b=NEW)

    assert polled(repository, timedelta(minutes=16))

    assert repository.hooked_at is not None
    assert polling.describe(repository) == HOOKED


@pytest.mark.parametrize(("failures", "seconds"), [(0, 50), (1, 100), (3, 400), (20, 3600)])
def test_each_failure_doubles_the_time_until_the_next_poll(folder: Path, failures: int, seconds: int) -> None:
    repository = tracked(folder)
    Repository.objects.update(poll_failures=failures)

    assert not polled(repository, timedelta(seconds=seconds - 20))
    assert polled(repository, timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"poll": False}, "reported by webhooks only"),
        ({"poll_failures": 3}, "at most an hour"),
        ({"hooked_at": None}, MINUTELY),
    ],
)
def test_the_scans_page_says_how_pushes_become_known(
    folder: Path, values: dict[str, object], words: str
) -> None:
    repository = tracked(folder)
    Repository.objects.update(**values)
    client = Client()
    client.force_login(User.objects.create_user("ada"))

    assert words in client.get(f"/repositories/{repository.slug}/scans/").content.decode()
