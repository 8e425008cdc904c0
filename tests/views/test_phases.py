"""The pages of phases and issues: every figure from the records, every criterion with what decided it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from compliance.accounts.roles import Role, give
from compliance.evidence import on_commit_recorded, receive_measurement
from compliance.models import Approval, Claim, Issue, Phase, Step
from tests.evidence.conftest import furnish, hand_in, mission, phase, proofs
from tests.views.cast import World, world
from tests.views.conftest import Counted
from tests.views.table import rows_of

AT = "/repositories/netra/"


@pytest.fixture
def netra(db: None) -> World:
    made = furnish(world())
    hand_in(made, mission(3, test_x="failure"))
    hand_in(made, proofs())
    receive_measurement(made.repository, made.head.sha, "added_ms", 41.5, "ms")
    return made


def text(client: Client, path: str) -> str:
    answer = client.get(AT + path)
    assert answer.status_code == 200, path
    return " ".join(answer.content.decode().split())


def left(netra: World, key: str) -> int:
    return sum(key in violation.phases for violation in netra.standing)


def test_the_list_tells_how_far_each_phase_is(ben: Client, netra: World) -> None:
    page = text(ben, "phases/")

    for key, holding, of in (("golden-path", 0, 2), ("cleanup", 2, 4)):
        row = next(row for row in rows_of(page) if f'href="{AT}phases/{key}/"' in row)
        assert f">{left(netra, key)}</a>" in row
        assert f"{holding} of {of} met" in row
    assert f'href="{AT}issues/%231274/"' in page


def test_a_phase_says_what_decided_each_criterion(ben: Client, netra: World) -> None:
    page = text(ben, "phases/cleanup/")

    for words in (
        "at least 8 tests, all fail",
        "all 8 failed, as they must",
        "41.5 ms",
        "Added: at most 100 ms",
        "measured as <code>added_ms</code>",
    ):
        assert words in page
    assert "Approved by a manager" in page
    assert f'href="{AT}commits/{netra.head.sha}/"' in page
    failing = text(ben, "phases/golden-path/")
    assert "1 of 4 did not pass" in failing
    assert "tests.mission.test_chat: test_x" in failing


def test_a_phase_describes_its_selection(ben: Client, netra: World) -> None:
    Phase.objects.filter(key="cleanup").update(selects={"categories": ["unit", "e2e"], "paths": ["tests/**"]})
    Issue.objects.update(selects={"rules": ["agent-instance-factory"]})

    page = text(ben, "phases/cleanup/")

    assert (
        "This phase includes its issue's violations in categories unit and e2e under tests/** "
        "that no earlier phase includes." in page
    )
    assert "violations of rule agent-instance-factory." in page


def test_the_files_of_a_phase_have_their_owners(ben: Client, netra: World) -> None:
    mine = next(violation.file for violation in netra.standing if "cleanup" in violation.phases)
    dee = User.objects.create_user("dee")
    Claim.objects.create(file=mine, person=dee, until=timezone.now() + timedelta(days=3))

    page = text(ben, "phases/cleanup/")

    row = next(row for row in rows_of(page) if f'href="{AT}files/{mine.pk}/"' in row)
    assert "dee" in row
    files = {violation.file_id for violation in netra.standing if "cleanup" in violation.phases}
    assert f'<span class="badge-count">{len(files)}</span>' in page


def test_a_manager_approves_and_withdraws_and_an_engineer_does_not(ben: Client, netra: World) -> None:
    give(User.objects.get(username="ben"), Role.ENGINEER)
    assert "Approve as manager" not in text(ben, "phases/cleanup/")
    asked = {"role": "manager", "comment": "Looked at every file."}
    assert ben.post(f"{AT}phases/cleanup/approve/", asked).status_code == 403

    give(User.objects.get(username="ben"), Role.MANAGER)
    assert "Approve as manager" in text(ben, "phases/cleanup/")
    empty = ben.post(f"{AT}phases/cleanup/approve/", {"role": "manager", "comment": " "}, follow=True)
    assert "The comment is empty" in empty.content.decode()
    other = ben.post(f"{AT}phases/cleanup/approve/", {"role": "owner", "comment": "x"}, follow=True)
    assert "t require an approval by a owner" in other.content.decode()
    given = ben.post(f"{AT}phases/cleanup/approve/", asked, follow=True).content.decode()
    assert "was saved" in given
    assert "“Looked at every file.”" in given
    approval = Approval.objects.get()
    assert (approval.person_id, approval.commit, approval.role) == (
        User.objects.get(username="ben").pk,
        netra.head,
        "manager",
    )

    back = ben.post(f"{AT}approvals/{approval.pk}/withdraw/", follow=True).content.decode()
    assert "was withdrawn" in back
    approval.refresh_from_db()
    assert approval.withdrawn_by == approval.person


def test_an_approval_of_another_repository_is_not_found(ada: Client, netra: World) -> None:
    other = furnish(world("other", files=4, commits=3))
    approval = Approval.objects.create(
        phase=Phase.objects.get(issue__repository=other.repository, key="cleanup"), role="manager"
    )

    assert ada.post(f"{AT}approvals/{approval.pk}/withdraw/").status_code == 404
    assert ada.get(f"{AT}phases/nowhere/").status_code == 404
    assert ada.get(f"{AT}issues/%23999/").status_code == 404


def test_a_closed_phase_says_when_and_by_which_commit(ben: Client, netra: World) -> None:
    commit = netra.commit("Migrate the rest", fix=len(netra.standing))
    on_commit_recorded(netra.repository, commit=commit)
    hand_in(netra, mission())
    assert phase("golden-path").closed_by == commit

    page = text(ben, "phases/golden-path/")
    assert "2 of 2" in page
    assert f'by <a href="{AT}commits/{commit.sha}/">' in page
    assert "phase closed" in page
    assert "all criteria hold" in page


def test_a_phase_that_left_the_plan_is_not_shown_and_not_lost(ben: Client, netra: World) -> None:
    Phase.objects.filter(key="cleanup").update(in_plan=False)

    assert "phases/cleanup/" not in text(ben, "phases/")
    assert ben.get(f"{AT}phases/cleanup/").status_code == 404
    assert Phase.objects.filter(key="cleanup").exists()


def test_an_issue_has_its_steps_tasks_and_phases(ben: Client, netra: World) -> None:
    Step.objects.filter(order=0).update(done_by=netra.head)

    page = text(ben, "issues/%231274/")

    assert "1 of 2 done" in page
    assert f'done <time datetime="{netra.head.committed_at.isoformat()}"' in page
    assert "Bring the cache back" in page
    assert "1 of 2 checked" in page
    assert "Group 2" in page
    assert f'href="{AT}phases/cleanup/"' in page
    assert f'href="{AT}violations/?issue=%231274">{len(netra.standing)}</a>' in page
    assert f'href="{AT}issues/%231274/"' in text(ben, "issues/")


def test_the_burn_down_has_every_commit(ben: Client, netra: World) -> None:
    for query, dimension, key in (("phase=cleanup", "phase", "cleanup"), ("issue=%231274", "issue", "#1274")):
        data = ben.get(f"{AT}charts/burndown.json?{query}").json()

        snapshots = netra.plan.snapshots.order_by("commit__position").select_related("commit")
        assert data["points"] == [
            [int(s.commit.committed_at.timestamp()), s.by[dimension][key][0], s.commit.sha[:12]]
            for s in snapshots
        ]
    assert {row[1] for row in ben.get(f"{AT}charts/burndown.json?phase=none").json()["points"]} == {0}


def test_every_list_has_a_spreadsheet(ben: Client, netra: World) -> None:
    def lines(name: str) -> list[str]:
        answer = ben.get(f"{AT}{name}.csv")
        assert answer.status_code == 200
        return b"".join(answer).decode().splitlines()

    assert len(lines("phases")) == 3
    assert any(line.startswith("cleanup,") and ",4,2," in line for line in lines("phases"))
    told = lines("criteria")
    assert len(told) == 7
    assert sum(",holds," in line for line in told) == 2
    assert "'#1274" not in "".join(lines("steps"))
    assert len(lines("steps")) == 3
    assert len(lines("issues")) == 2


@pytest.mark.parametrize("page", ["phases/", "phases/cleanup/", "issues/", "issues/%231274/"])
def test_the_pages_take_a_fixed_number_of_queries(
    ben: Client, netra: World, counted: Counted, page: str
) -> None:
    text(ben, page)
    with counted() as before:
        text(ben, page)
    issue = Issue.objects.get()
    for number in range(20):
        Phase.objects.create(
            issue=issue, key=f"p{number}", title="P", order=9, criteria=phase("cleanup").criteria
        )
        Step.objects.create(issue=issue, order=9 + number, title="S", done_by=netra.head)
    for _ in range(5):
        netra.commit("More", fix=1)
    with counted() as after:
        text(ben, page)

    assert len(before) == len(after)
    assert len(after) <= 18, [query["sql"][:120] for query in after.captured_queries]


def test_an_empty_plan_says_so(ada: Client, netra: World) -> None:
    Issue.objects.all().delete()

    assert "No phases in the plan" in text(ada, "phases/")
    assert "The plan doesn't define any issues" in text(ada, "issues/")
