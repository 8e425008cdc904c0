"""What pages do, by programs: plans edited, phases approved, notes written, scans asked for, links made."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from compliance.accounts.roles import Role
from compliance.accounts.roles import give as give_role
from compliance.models import Approval, Claim, Job, Marker, PlanDraft, PublicLink
from tests.api.conftest import Send, give
from tests.evidence.conftest import furnish
from tests.views.cast import World, world
from tests.views.furnished import readable

BAD = "version: 1\nname: x\ntarget_percent: 950\nrules:\n  - {id: a, kind: nothing}\n"


@pytest.fixture
def netra(transactional_db: None) -> World:
    return readable(furnish(world()))


@pytest.fixture
def token(netra: World, person: User) -> str:
    """An administrator's."""
    return give(person)


@pytest.fixture
def ben(transactional_db: None) -> User:
    made = User.objects.create_user("ben")
    give_role(made, Role.ENGINEER)
    return made


def test_a_plan_is_drafted_compared_put_in_force_and_restored(send: Send, netra: World, token: str) -> None:
    text = netra.plan.text.replace("percent: 95.0", "percent: 97.5")
    made = send("POST", "netra/plans/drafts", token, {"text": text})

    assert (made.status, made.body["state"], made.body["base"]) == (201, "in the making", 1)
    at = f"netra/plans/drafts/{made.body['id']}"
    assert Job.objects.get(kind="preview").key == str(made.body["id"])
    compared = send("GET", f"netra/plans/compare?from=1&draft={made.body['id']}", token).body
    assert "97.5" in " ".join(compared["words"])
    assert [(row["sign"], row["text"]) for row in compared["lines"] if row["sign"] != " "] == [
        ("-", "target_percent: 95.0"),
        ("+", "target_percent: 97.5"),
    ]
    adopted = send("POST", f"{at}/adopt", token, {"keep_here": True})
    assert (adopted.status, adopted.body["number"], adopted.body["author"]) == (200, 2, "ada")
    assert send("GET", at, token).body["state"] == "in force"
    again = send("POST", f"{at}/adopt", token, {"keep_here": True})
    assert (again.status, "version 2 is current" in again.body["detail"]) == (409, True)
    late = send("POST", "netra/plans/1/restore", token, {"base": 1, "keep_here": True})
    assert late.status == 409
    assert send("POST", "netra/plans/1/restore", token, {"base": 2, "keep_here": True}).status == 200
    netra.repository.refresh_from_db()
    assert netra.repository.chosen_plan == netra.plan


def test_errors_of_a_plan_give_their_lines(send: Send, netra: World, token: str) -> None:
    answer = send("POST", "netra/plans/drafts", token, {"text": BAD})

    assert answer.status == 422
    assert {error["pointer"] for error in answer.body["errors"]} >= {"line 3", "line 5"}
    assert not PlanDraft.objects.exists()


def test_a_plan_of_the_repository_is_not_replaced_by_accident(send: Send, netra: World, token: str) -> None:
    assert send("POST", "netra/plans/source", token, {"path": "/docs/plan.yaml"}).body == {
        "path": "docs/plan.yaml"
    }
    made = send("POST", "netra/plans/drafts", token, {"text": netra.plan.text}).body
    answer = send("POST", f"netra/plans/drafts/{made['id']}/adopt", token, {})

    assert (answer.status, "docs/plan.yaml" in answer.body["detail"]) == (409, True)


def test_a_previews_files_are_listed_by_change(send: Send, netra: World, token: str) -> None:
    made = PlanDraft.objects.create(repository=netra.repository, base=netra.plan, text=netra.plan.text)
    made.files = [["enters", "a.py", None, "production", None, 0], ["clean now", "b.py", "x", "x", 2, 0]]
    made.files += [["clean now", f"c{n}.py", "x", "x", 1, 0] for n in range(3)]
    made.save()
    at = f"netra/plans/drafts/{made.pk}/files"

    assert send("GET", at, token).body["files"] == 5
    found = send("GET", f"{at}?change=clean%20now&offset=1&limit=2", token).body
    assert (found["files"], [row["path"] for row in found["items"]]) == (4, ["c0.py", "c1.py"])


def test_a_phase_is_approved_once_and_the_word_is_taken_back(
    send: Send, netra: World, token: str, ben: User
) -> None:
    at = "netra/phases/cleanup/approvals"
    said = {"role": "manager", "comment": "Looked at all of it"}
    assert send("POST", at, give(ben), said).status == 403

    given = send("POST", at, token, said)

    assert (given.status, given.body["person"], given.body["commit"]) == (201, "ada", netra.head.sha)
    assert send("POST", at, token, said).status == 409
    assert send("POST", "netra/phases/golden-path/approvals", token, said).status == 409
    (criterion,) = (
        row
        for row in send("GET", "netra/phases/cleanup", token).body["criteria"]
        if row["kind"] == "approval"
    )
    assert (criterion["state"], criterion["by"]) == ("holds", "ada")
    taken = f"netra/approvals/{given.body['id']}/withdraw"
    assert send("POST", taken, give(ben)).status == 403
    assert send("POST", taken, token).body["withdrawn_by"] == "ada"
    listed = send("GET", "netra/approvals?phase=cleanup", token).body["items"]
    assert [row["id"] for row in listed] == list(Approval.objects.values_list("pk", flat=True))


def test_a_note_belongs_to_the_given_commit(send: Send, netra: World, token: str) -> None:
    written = send("POST", "netra/marks", token, {"text": "Holidays", "commit": netra.head.sha[:9]})

    assert (written.status, written.body["commit"], written.body["person"]) == (201, netra.head.sha, "ada")
    assert send("GET", "netra/marks?kind=note", token).body["items"] == [written.body]
    drawn = send("GET", "netra/charts/trend", token).body["marks"]
    assert "Holidays" in {mark["text"] for mark in drawn}
    assert send("POST", "netra/marks", token, {"text": "x", "commit": "0" * 9}).status == 409
    tag = Marker.objects.create(
        repository=netra.repository, kind="tag", at=netra.head.committed_at, text="v1"
    )
    assert send("POST", f"netra/marks/{tag.pk}/remove", token).status == 404
    assert send("POST", f"netra/marks/{written.body['id']}/remove", token).body == written.body
    assert list(Marker.objects.all()) == [tag]


def test_a_scan_is_requested_and_a_failed_job_retried(send: Send, netra: World, ben: User) -> None:
    token = give(ben)
    first, second = (send("POST", "netra/scans", token) for _ in range(2))
    buried = Job.objects.create(repository=netra.repository, kind="poll", state="buried", error="No host")

    assert (first.status, first.body["state"], first.body["person"]) == (202, "waiting", "ben")
    assert second.body["id"] == first.body["id"]
    assert send("GET", "netra/jobs?state=buried", token).body["items"][0]["error"] == "No host"
    again = send("POST", f"netra/jobs/{buried.pk}/again", token)
    assert (again.status, again.body["kind"], again.body["state"]) == (202, "poll", "waiting")
    until = timezone.now() + timedelta(minutes=1)
    Job.objects.filter(pk=again.body["id"]).update(state="running", lease_until=until)
    assert send("POST", f"netra/jobs/{again.body['id']}/again", token).status == 409


def test_my_work_is_mine_and_says_what_to_take_next(send: Send, netra: World, ben: User, token: str) -> None:
    mine, theirs = netra.standing[0].file, netra.standing[-1].file
    until = timezone.now() + timedelta(days=3)
    Claim.objects.create(file=mine, person=ben, until=until)
    Claim.objects.create(file=theirs, person=User.objects.get(username="ada"), until=until, offered_to=ben)

    work = send("GET", "netra/my-work?limit=3", give(ben)).body

    assert [row["path"] for row in work["claims"]] == [mine.path]
    assert [row["path"] for row in work["offers"]] == [theirs.path]
    assert len(work["next"]) == 3 < work["free"]
    assert not {mine.path, theirs.path} & {row["path"] for row in work["next"]}
    assert all(row["reasons"] for row in work["next"])
    folder = work["next"][0]["path"].rpartition("/")[0]
    under = send("GET", f"netra/my-work?folder={folder}", give(ben)).body["next"]
    assert {row["path"].rpartition("/")[0] for row in under} == {folder}


def test_a_link_lets_others_read_until_it_is_revoked(send: Send, netra: World, token: str) -> None:
    made = send("POST", "netra/links", token, {"name": "For the board", "until": "2099-12-31"})

    assert made.status == 201
    key = re.search(r"/shared/([^/]+)/", made.body["page"])
    assert key is not None
    assert send("GET", "netra/links", token).body["items"] == [made.body]
    assert send("POST", "netra/links", token, {"until": "2020-01-01"}).status == 409
    revoked = send("POST", f"netra/links/{made.body['id']}/revoke", token).body
    assert (revoked["page"], revoked["markdown"]) == ("", "")
    assert PublicLink.objects.get().revoked_at is not None
    assert send("GET", "netra/badge", token).body["label"] == "SSOT compliance"
