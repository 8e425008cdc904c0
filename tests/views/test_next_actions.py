"""Who must act, on the overview: each action with its number, its reader and the list to which it leads."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from compliance.accounts.roles import Role, give
from compliance.models import Baseline, Change, Claim, Commit, File, Job, OwnersFile, Phase, Repository
from compliance.work.waivers import request_waiver
from tests.views.cast import World
from tests.views.factories import PAGE

LATE = timedelta(days=9)


def actions(client: Client) -> list[tuple[str, str, str]]:
    """Return who must act, what to do and where, for each action on the page."""
    page = client.get(PAGE).content.decode()
    section = page[page.index('id="next-actions"') : page.index("answer-foot")]
    rows = re.findall(r'<strong[^>]*>(.*?)</strong>.*?<a href="(.*?)">(.*?)</a>', section, re.DOTALL)
    return [(unescape(who), unescape(text), unescape(url)) for who, url, text in rows]


@pytest.fixture
def calm(netra: World) -> World:
    """The world without regressions, late phases and phases that wait for evidence."""
    netra.commit("Take the cache out", fix=1)
    Phase.objects.update(due=None)
    return netra


def late(key: str = "golden-path") -> Phase:
    Phase.objects.filter(key=key).update(due=timezone.localdate() - LATE)
    return Phase.objects.get(key=key)


def test_files_of_a_late_phase_that_nobody_has_claimed_are_for_their_owners(
    ada: Client, netra: World
) -> None:
    phase = late()
    OwnersFile.objects.create(repository=netra.repository, texts={"CODEOWNERS": "* @acme/core\n"})
    Repository.objects.update(owners_digest="one")
    files = list({v.file_id: v.file for v in netra.standing if phase.key in v.phases}.values())
    until = timezone.now() + timedelta(days=9)
    Claim.objects.create(file=files[0], person=User.objects.get(username="ada"), until=until)

    (found,) = [action for action in actions(ada) if phase.key in action[2] and "who=" in action[2]]

    assert found[:2] == ("@acme/core", f"Claim {len(files) - 1} of {len(files)} files left")
    listed = ada.get(found[2]).content.decode()
    assert f"<strong>{len(files) - 1}</strong> file" in listed


def test_a_late_phase_whose_files_are_all_claimed_is_for_the_claimants(ada: Client, netra: World) -> None:
    phase = late()
    files = {v.file_id for v in netra.standing if phase.key in v.phases}
    until, person = timezone.now() + timedelta(days=9), User.objects.get(username="ada")
    Claim.objects.bulk_create(Claim(file_id=pk, person=person, until=until) for pk in files)

    assert any(who == "Claimants" and f"{len(files)} file" in text for who, text, _ in actions(ada))


def test_an_open_regression_is_for_its_author_until_owners_are_known(ada: Client, netra: World) -> None:
    Baseline.objects.update(tip=netra.head.height - 1)
    (found,) = [action for action in actions(ada) if "commit=" in action[2]]

    assert found[:2] == ("Cy", "Fix or revert 1 open violation")
    assert f"commit={netra.head.sha}" in found[2]
    netra.commit("Take the cache out", fix=len(netra.standing))
    assert not [action for action in actions(ada) if "commit=" in action[2]]


def test_a_requested_waiver_is_for_managers_and_says_if_the_reader_is_one(ada: Client, netra: World) -> None:
    path = netra.standing[0].file.path
    ben = User.objects.create_user("ben")
    give(ben, Role.ENGINEER)
    request_waiver(netra.repository, ben, "Kept for a customer", None, glob=path)
    reader = Client()
    reader.force_login(ben)

    wanted = ("Approve or reject 1 requested waiver", "/repositories/netra/waivers/#waiting")
    assert ("Managers (you are one)", *wanted) in actions(ada)
    assert ("Managers", *wanted) in actions(reader)


def test_own_claims_come_first(ada: Client, netra: World) -> None:
    me, ben = User.objects.get(username="ada"), User.objects.create_user("ben")
    files = list(File.objects.filter(violations__gt=0)[:3])
    soon, later = timezone.now() + timedelta(days=2), timezone.now() + timedelta(days=9)
    Claim.objects.create(file=files[0], person=me, until=soon)
    Claim.objects.create(file=files[1], person=me, until=later)
    Claim.objects.create(file=files[2], person=ben, until=soon, offered_to=me)

    assert [action[:2] for action in actions(ada)][:2] == [
        ("You", "Answer 1 offered claim"),
        ("You", "1 claim of yours ends within 3 days"),
    ]


def test_failed_jobs_are_for_administrators(ada: Client, netra: World) -> None:
    Job.objects.create(repository=netra.repository, kind="update", state="buried")

    found = [action for action in actions(ada) if action[2].endswith("#buried")]
    assert [(who.partition(" ")[0], text) for who, text, _ in found] == [
        ("Administrators", "Run 1 failed job again")
    ]


def test_more_phases_than_are_named_are_counted(ada: Client, netra: World) -> None:
    first = late()
    for number in range(4):
        copy = Phase.objects.get(pk=first.pk)
        copy.pk, copy.key, copy.order = None, f"copy-{number}", 90 + number
        copy.save()
    snapshot = netra.plan.snapshots.get(commit=netra.head)
    snapshot.by["phase"] |= {f"copy-{number}": snapshot.by["phase"][first.key] for number in range(4)}
    snapshot.save()

    assert any(text == "2 more phases late or at risk" for _, text, _ in actions(ada))


def test_a_repository_without_anything_to_do_says_so(ada: Client, calm: World) -> None:
    Phase.objects.all().delete()
    calm.commit("Fix all", fix=len(calm.standing))

    assert actions(ada) == []
    assert "Nothing waits for anybody" in ada.get(PAGE).content.decode()


def test_an_author_who_left_is_not_named_but_the_claimant_is(ada: Client, netra: World) -> None:
    def regression() -> tuple[str, str, str]:
        return next(action for action in actions(ada) if "commit=" in action[2])

    Baseline.objects.update(tip=netra.head.height - 1)
    Commit.objects.filter(author_name="Cy").update(committed_at=timezone.now() - timedelta(weeks=27))
    assert regression()[:2] == ("Nobody yet", "Assign 1 open violation to somebody")
    path = Change.objects.get(commit=netra.head, kind=Change.Kind.NEW).path
    until, person = timezone.now() + timedelta(days=9), User.objects.create_user("ben")
    claim = Claim.objects.create(file=File.objects.get(path=path), person=person, until=until)
    assert regression()[:2] == ("ben", "Fix or revert 1 open violation")
    claim.delete()
    Commit.objects.filter(author_name="Ben").update(author_email="cy@example.org")
    assert regression()[0] == "Cy", "who still commits under another name"


def test_an_author_is_not_blamed_for_a_commit_from_before_the_plan_unless_a_phase_had_begun(
    ada: Client, netra: World
) -> None:
    def regression() -> tuple[str, str, str]:
        return next(action for action in actions(ada) if "commit=" in action[2])

    Baseline.objects.update(tip=netra.head.height)
    Phase.objects.update(start=None)
    assert regression()[:2] == ("Nobody yet", "Assign 1 open violation to somebody")
    assert "From before the plan was activated: " in ada.get(PAGE).content.decode()
    Baseline.objects.update(tip=netra.head.height - 1)
    assert regression()[0] == "Cy"


def test_nothing_is_said_to_wait_for_nobody_before_it_is_known(ada: Client, calm: World) -> None:
    Phase.objects.all().delete()
    calm.commit("Fix all", fix=len(calm.standing))
    Repository.objects.update(history_done=False)

    page = ada.get(PAGE).content.decode()
    section = page[page.index('id="next-actions"') : page.index("answer-foot")]
    assert "Preliminary until history is read" in section
    assert "Nothing is known to wait for anybody yet." in section
