"""Claiming, handing over and waiving from the pages, and what my work shows and why."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from bench.large_lists import seed
from compliance.accounts.roles import Role, give
from compliance.models import Claim, Commit, File, OwnersFile, Phase, Risk, Violation, Waiver
from compliance.people.identities import identity_of
from compliance.people.own_identities import add_address
from compliance.queries.work_filter import WorkFilter
from compliance.queries.worklist import suggestions
from compliance.work.claims import claim
from tests.views.cast import World
from tests.views.conftest import Counted

HOME = "/repositories/netra"
WORK = f"{HOME}/my-work/"


@pytest.fixture
def ben(db: None) -> Client:
    """An engineer, unlike the Ben of other tests."""
    give(User.objects.create_user("ben", email="ben@example.org"), Role.ENGINEER)
    client = Client()
    client.force_login(User.objects.get(username="ben"))
    return client


def dirty(netra: World) -> File:
    found = File.objects.filter(repository=netra.repository, violations__gt=0).order_by("pk").first()
    assert found is not None
    return found


def said(client: Client, page: str) -> str:
    return b"".join(client.get(page)).decode()


def test_a_file_is_claimed_on_its_page_and_released_again(ben: Client, netra: World) -> None:
    page = f"{HOME}/files/{dirty(netra).pk}/"

    answer = ben.post(f"{HOME}/claims/", {"file": dirty(netra).pk, "next": page})
    assert (answer.status_code, answer["Location"]) == (302, page)
    assert "Claimed by <strong>you</strong>" in said(ben, page)
    assert dirty(netra).path in said(ben, WORK)

    ben.post(f"{HOME}/claims/{Claim.objects.get().pk}/release/", {"next": page})
    assert "Not claimed" in said(ben, page)


def test_a_second_claim_names_the_owner(ada: Client, ben: Client, netra: World) -> None:
    claim([dirty(netra)], User.objects.get(username="ada"))

    page = ben.post(f"{HOME}/claims/", {"file": dirty(netra).pk, "next": WORK}, follow=True)

    assert f"{dirty(netra).path} (ada)" in page.content.decode()
    assert Claim.objects.count() == 1


def test_a_file_is_handed_over_by_offer_and_consent(ada: Client, ben: Client, netra: World) -> None:
    (row,) = claim([dirty(netra)], User.objects.get(username="ben"))

    ben.post(f"{HOME}/claims/{row.pk}/offer/", {"to": "ada"})
    assert "Offered to me" in said(ada, WORK)
    ada.post(f"{HOME}/claims/{row.pk}/accept/")

    assert Claim.objects.get(state="active").person.username == "ada"


def test_a_whole_folder_is_claimed_at_once(ben: Client, netra: World) -> None:
    folder = dirty(netra).path.rpartition("/")[0]
    within = File.objects.filter(path__startswith=f"{folder}/", violations__gt=0)

    ben.post(f"{HOME}/claims/", {"folder": folder})

    assert Claim.objects.filter(state="active").count() == within.count() > 0


def test_a_redirect_to_another_site_is_refused(ben: Client, netra: World) -> None:
    answer = ben.post(f"{HOME}/claims/", {"file": dirty(netra).pk, "next": "https://evil.example/"})

    assert answer["Location"] == f"{HOME}/files/"


def test_a_viewer_is_offered_nothing_and_refused(netra: World) -> None:
    viewer = Client()
    viewer.force_login(User.objects.create_user("vic"))

    assert "Claim for" not in said(viewer, f"{HOME}/files/{dirty(netra).pk}/")
    assert viewer.post(f"{HOME}/claims/", {"file": dirty(netra).pk}).status_code == 403
    assert viewer.post(f"{HOME}/waivers/", {"glob": "*", "reason": "No"}).status_code == 403


def test_suggested_files_have_reasons_and_exclude_claimed_ones(
    ada: Client, ben: Client, netra: World
) -> None:
    claim([dirty(netra)], User.objects.get(username="ada"))
    page = said(ben, WORK)

    free = File.objects.filter(violations__gt=0).exclude(pk=dirty(netra).pk)
    assert f'aria-label="Select {dirty(netra).path}"' not in page
    assert all(f'aria-label="Select {file.path}"' in page for file in free)
    assert "you changed it recently" in page
    lines = said(ben, f"{HOME}/my-work.csv").splitlines()
    assert len(lines) == free.count() + 1


def test_open_phases_then_own_code_with_the_worst_risk_and_the_fewest_violations_come_first(db: None) -> None:
    repository = seed.repository("ranked", "Plan")
    Phase.objects.filter(key="phase-1").update(start=timezone.localdate() + timedelta(days=9))
    Phase.objects.filter(key="phase-2").update(closed_at=timezone.now())
    OwnersFile.objects.create(repository=repository, texts={"CODEOWNERS": "mine/ @ben\n"})
    repository.owners_digest = "one"
    ben = User.objects.create_user("ben", email="ben@example.org")
    waiver = Waiver.objects.create(
        repository=repository,
        glob="*",
        reason="Stays",
        person=ben,
        state="approved",
        decided_at=timezone.now(),
    )

    def add(path: str, *risks: str, phase: str = "phase-1", accepted: int = 0) -> None:
        worst = min(risks, key=Risk.values.index)
        numbers = {"violations": len(risks), "waived": accepted, "worst_risk": worst}
        file = File.objects.create(repository=repository, path=path, status="open", **numbers)
        place = dict.fromkeys(("line", "column", "end_line", "end_column"), 1)
        Violation.objects.bulk_create(
            Violation(
                plan=repository.plan, file=file, first=1, rule="rule", role="call", risk=risk,
                category="library", fingerprint=f"{number}", origin_path=path, origin_fingerprint=f"{number}",
                phases=[phase], counted=True, waiver=waiver if number < accepted else None, **place,
            )
            for number, risk in enumerate(risks)
        )  # fmt: skip

    best_first: list[tuple[str, tuple[str, ...], dict[str, Any]]] = [
        ("mine/g", ("low",) * 9, {"phase": "phase-0"}),
        ("e", ("low",) * 9, {"phase": "phase-0"}),
        ("mine/f", ("low",) * 9, {}),
        ("B", ("critical",) * 2, {}),
        ("b", ("low", "critical"), {"phase": "phase-2"}),
        ("é", ("critical",) * 2, {}),
        ("a", ("low", "critical", "low"), {}),
        ("d", ("critical", "critical", "critical", "high"), {"accepted": 3}),
        ("c", ("critical", "medium"), {"accepted": 1}),
        ("w", ("critical", "low"), {"phase": "phase-0", "accepted": 2}),
    ]
    for path, risks, more in best_first[::-1]:
        add(path, *risks, **more)

    found = suggestions(repository, identity_of(ben))

    assert [one.file.path for one in found] == [path for path, *_ in best_first[:-1]]
    assert [found[place].file.path for place in (0, 3, -1)] == ["mine/g", "B", "c"]
    assert [one.file.path for one in found[1:4]] == ["e", "mine/f", "B"]
    assert [(one.own, one.phases, one.risk) for one in (found[0], found[2], found[7])] == [
        (True, ("Phase 0",), "low"),
        (True, (), "low"),
        (False, (), "high"),
    ]
    assert found.by_owner() == [("@ben", 2)]
    assert found.by_folder() == [("mine", 2)]
    narrowed = found.matching(WorkFilter(folder="mine/", owner="@ben"))
    assert [one.file.path for one in narrowed] == ["mine/g", "mine/f"]


def test_completed_claims_have_the_day_of_their_end(ben: Client, netra: World) -> None:
    claim([dirty(netra)], User.objects.get(username="ben"))
    now = timezone.now()
    ended, until = now - timedelta(days=3), now + timedelta(days=11)
    made = now - timedelta(days=9)
    Claim.objects.update(
        state="completed", created_at=made, ended_at=ended, until=until, completed_by=netra.head
    )

    done = said(ben, WORK).partition('id="done"')[2]

    assert re.findall(r'datetime="([\d-]+)', done) == [str(ended.date())]
    assert netra.head.subject in done


def test_my_work_asks_a_fixed_number_of_questions(ben: Client, netra: World, counted: Counted) -> None:
    claim([dirty(netra)], User.objects.get(username="ben"))
    with counted() as few:
        ben.get(WORK)
    claim(list(File.objects.filter(violations__gt=0)[:3]), User.objects.get(username="ben"))
    with counted() as more:
        ben.get(WORK)

    assert len(more) == len(few) <= 21


def test_the_list_of_files_says_who_has_which_and_narrows_by_it(ben: Client, netra: World) -> None:
    mine = dirty(netra)
    claim([mine], User.objects.get(username="ben"))

    assert f'aria-label="Claim {mine.path}"' not in said(ben, f"{HOME}/files/?violating=yes")
    assert mine.path in said(ben, f"{HOME}/files.csv?who=ben")
    free = said(ben, f"{HOME}/files.csv?who=nobody").splitlines()[1:]
    assert len(free) == File.objects.filter(violations__gt=0).count() - 1


def test_a_commit_says_whose_claim_it_advanced(ben: Client, netra: World) -> None:
    (row,) = claim([dirty(netra)], User.objects.get(username="ben"))
    Claim.objects.filter(pk=row.pk).update(renewed_by=netra.head)

    assert "Updated claims" in said(ben, f"{HOME}/commits/{netra.head.sha}/")


def test_a_commit_under_an_unregistered_address_of_the_same_name_is_mentioned(netra: World) -> None:
    cy = User.objects.create_user("cyrus", "cyrus@work.example", first_name="Cy")
    give(cy, Role.ENGINEER)
    client = Client()
    client.force_login(cy)
    (row,) = claim([netra.standing[0].file], cy)
    warning = f"A commit by cy@example.org changed {row.file.path} after you claimed it."

    netra.commit("Fix the first one", by="Cy", fix=1)
    Commit.objects.filter(pk=netra.head.pk).update(committed_at=row.created_at - timedelta(minutes=1))
    assert warning not in said(client, WORK)
    Commit.objects.filter(pk=netra.head.pk).update(committed_at=row.created_at)
    assert warning in said(client, WORK)

    User.objects.filter(pk=cy.pk).update(first_name="Somebody")
    assert warning not in said(client, WORK)
    User.objects.filter(pk=cy.pk).update(email="cy@work.example")
    assert warning in said(client, WORK)
    add_address(cy, "cy@example.org")
    assert "A commit by" not in said(client, WORK)
