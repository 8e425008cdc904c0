"""The scans: what runs, waits, ended or was given up; and asking for more."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from compliance.models import Delivery, Job, Repository, Snapshot
from compliance.tasks import KINDS
from compliance.templatetags.show import JOB_TITLES
from tests.views.cast import World, world
from tests.views.conftest import Counted

PAGE = "/repositories/netra/scans/"


def buried(netra: World) -> Job:
    return Job.objects.create(
        repository=netra.repository,
        kind="update",
        state=Job.State.BURIED,
        attempts=5,
        error="The host git.example.org cannot be reached.",
        finished_at=timezone.now(),
    )


def test_a_failed_job_shows_its_error_and_a_button(ada: Client, netra: World) -> None:
    job = buried(netra)
    page = ada.get(PAGE).content.decode()

    assert "The host git.example.org cannot be reached." in page
    assert f"{PAGE}{job.pk}/again/" in page


def test_a_patch_names_its_file(ada: Client, netra: World) -> None:
    file = netra.repository.files.earliest("pk")
    Job.objects.create(repository=netra.repository, kind="patch", key=str(file.pk))
    page = ada.get(PAGE).content.decode()

    assert f'Patch</strong> <span class="path">{file.path}</span>' in " ".join(page.split())


def test_run_again_puts_the_same_work_in_the_queue(ada: Client, netra: World) -> None:
    job = buried(netra)

    ada.post(f"{PAGE}{job.pk}/again/")

    again = Job.objects.get(state=Job.State.WAITING)
    assert (again.repository, again.kind) == (netra.repository, "update")
    assert again.person
    assert again.person.username == "ada"


def test_a_running_job_is_not_run_again(ada: Client, netra: World) -> None:
    lease = timezone.now() + timedelta(minutes=1)
    job = Job.objects.create(
        repository=netra.repository, kind="update", state=Job.State.RUNNING, lease_until=lease
    )

    page = ada.post(f"{PAGE}{job.pk}/again/", follow=True).content.decode()

    assert "is running" in page
    assert Job.objects.count() == 1


def test_scan_now_asks_once_however_often_it_is_pressed(ada: Client, netra: World) -> None:
    for _ in range(3):
        ada.post(f"{PAGE}now/")

    assert Job.objects.get().merged == 2


def test_asking_needs_a_post_and_its_token(ada: Client, netra: World) -> None:
    assert ada.get(f"{PAGE}now/").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = ada.cookies
    assert strict.post(f"{PAGE}now/").status_code == 403
    assert not Job.objects.exists()


def test_a_job_of_another_repository_is_not_found(ada: Client, netra: World) -> None:
    world("other")

    assert ada.post(f"/repositories/other/scans/{buried(netra).pk}/again/").status_code == 404


def test_progress_and_causes_are_shown(ada: Client, netra: World) -> None:
    Job.objects.create(
        repository=netra.repository,
        kind="backfill",
        state=Job.State.RUNNING,
        lease_until=timezone.now(),
        started_at=timezone.now(),
        done_steps=1412,
        total_steps=1875,
        cause="webhook push",
    )
    page = ada.get(PAGE).content.decode()

    assert "1,412 of 1,875" in page
    assert re.search(r'<progress max="1875"\s+value="1412"', page)
    assert "webhook push" in page


def test_progress_through_the_history_counts_its_commits(ada: Client, netra: World) -> None:
    Snapshot.objects.filter(commit__position__lte=2).delete()
    Repository.objects.update(history_done=False)

    page = ada.get(PAGE).content.decode()

    length = netra.repository.line_length
    assert re.search(rf'<progress max="{length}"\s+value="{length - 2}"', page)


def test_a_repeated_delivery_shows_how_often(ada: Client, netra: World) -> None:
    Delivery.objects.create(
        repository=netra.repository,
        source="github",
        delivery_id="72d3",
        event="push",
        outcome="queued",
        repeats=2,
    )
    page = ada.get(PAGE).content.decode()

    assert "72d3" in page
    assert "queued" in page


def test_unread_files_are_listed(ada: Client, netra: World) -> None:
    assert "a bracket is never closed" in ada.get(PAGE).content.decode()


def test_the_open_page_hears_of_progress(ada: Client, netra: World) -> None:
    job = buried(netra)
    page = ada.get(PAGE).content.decode()
    seen = page.split("live/?seen=")[1].split('"')[0]
    assert ada.get(f"{PAGE}live/?seen={seen}").status_code == 204

    Job.objects.create(repository=netra.repository, kind="update", key=str(job.pk))

    assert ada.get(f"{PAGE}live/?seen={seen}").status_code == 200


def test_queries_do_not_grow_with_the_jobs(ada: Client, netra: World, counted: Counted) -> None:
    buried(netra)
    with counted() as few:
        ada.get(PAGE)
    for _ in range(20):
        buried(netra)
        Job.objects.create(
            repository=netra.repository, kind="update", state=Job.State.DONE, finished_at=timezone.now()
        )
    with counted() as many:
        ada.get(PAGE)

    assert len(many) <= 16
    assert abs(len(many) - len(few)) <= 1


@pytest.mark.parametrize(
    ("name", "words"), [("jobs", "cannot be reached"), ("unread", "never closed"), ("deliveries", "72d3")]
)
def test_every_list_has_its_csv(ada: Client, netra: World, name: str, words: str) -> None:
    buried(netra)
    Delivery.objects.create(repository=netra.repository, source="github", delivery_id="72d3", event="push")

    answer = ada.get(f"/repositories/netra/{name}.csv")

    assert words in b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]


def test_each_kind_of_job_has_a_title_on_the_pages() -> None:
    assert set(KINDS) <= set(JOB_TITLES)
