"""The first page: a row for each repository, sums of those that follow one plan, filters in the address."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import F
from django.test import Client
from django.utils import timezone

from bench.large_lists import seed
from compliance.charts import phases, sparkline
from compliance.charts.context import chart_context
from compliance.lib.figures import percent
from compliance.models import Commit, Phase, PlanVersion, Repository, Snapshot
from compliance.views import home, home_rows
from tests.views.cast import World, world
from tests.views.conftest import Counted


def rows(client: Client, query: str = "") -> list[dict[str, str]]:
    """The list as its spreadsheet has it."""
    answer = client.get(f"/repositories.csv{query}")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text)))


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def share_a_plan(*worlds: World) -> None:
    PlanVersion.objects.filter(pk__in=[each.plan.pk for each in worlds]).update(name="One plan for all")


def test_the_home_page_redirects_to_the_only_repository_unless_the_list_is_requested(
    ada: Client, netra: World
) -> None:
    assert ada.get("/").headers["Location"] == "/repositories/netra/"

    page = ada.get("/?all=1").content.decode()
    assert "Netra agents" in page
    assert 'href="/?all=1"' in ada.get("/repositories/netra/").content.decode()


def test_a_repository_without_a_plan_is_no_choice_of_the_filter_for_plans(ada: Client, netra: World) -> None:
    Repository.objects.create(slug="empty", name="Empty", url="https://git.example.org/empty.git")

    (plans,) = re.findall(r'name="plan"[^>]*>(.*?)</select>', ada.get("/").content.decode(), re.DOTALL)

    assert text_of(plans).split("Agent")[0].strip() == "Any"
    assert plans.count('value=""') == 1


def test_each_row_says_what_the_repositorys_own_figures_say(ada: Client, netra: World) -> None:
    world("second")
    page = text_of(ada.get("/").content.decode())
    now = Snapshot.objects.get(commit=netra.head)
    shown = percent(now.clean, now.files)

    assert f"{shown:.1f}%" in page
    assert f"{now.clean} of {now.files} files" in page
    assert page.count("Agent factory of") == 4  # a row and a choice of the filter each
    row = rows(ada)[0]
    assert (row["kind"], row["name"]) == ("repository", "Netra agents")
    assert (row["percent"], row["clean"], row["files"]) == (str(shown), str(now.clean), str(now.files))
    assert row["newest_commit"] == netra.head.sha


def test_the_phase_most_behind_is_the_one_that_is_longest_late(ada: Client, netra: World) -> None:
    page = text_of(ada.get("/?all=1").content.decode())
    assert "Phase 1: Golden Path" in page
    assert "late by 9 days" in page

    Phase.objects.filter(key="cleanup").update(due=timezone.now().date() - timedelta(days=30))
    assert rows(ada)[0]["worst_phase"] == "Phase 3: Validation and cleanup"
    Phase.objects.filter(key="cleanup").update(closed_at=timezone.now())
    assert rows(ada)[0]["worst_phase"] == "Phase 1: Golden Path"


def test_a_phase_has_the_same_state_as_on_its_own_page(ada: Client, netra: World) -> None:
    rested = world("rested", commits=20)
    Commit.objects.filter(repository=rested.repository).update(
        committed_at=F("committed_at") - timedelta(days=200)
    )
    Phase.objects.filter(issue__repository=rested.repository).update(
        due=timezone.now().date() - timedelta(days=190)
    )
    for made, row in zip((netra, rested), home_rows.build_rows(), strict=True):
        repository = Repository.objects.select_related("plan", "head").get(pk=made.repository.pk)
        states = {phase["key"]: phase["state"] for phase in phases.draw(chart_context(repository))["rows"]}
        assert row.worst
        assert row.worst.state == states[row.worst.phase.key]


def test_the_total_of_a_plan_is_computed_from_sums_not_from_percentages(ada: Client, netra: World) -> None:
    small = world("small", files=5)
    share_a_plan(netra, small)
    heads = Snapshot.objects.filter(commit__in=(netra.head, small.head))
    clean, files = sum(s.clean for s in heads), sum(s.files for s in heads)

    row = rows(ada)[0]
    assert (row["kind"], row["clean"], row["files"]) == ("sum of 2", str(clean), str(files))
    assert row["percent"] == str(1000 * clean // files / 10)
    assert row["percent"] != str(sum(percent(s.clean, s.files) or 0 for s in heads) / 2)
    assert f"{clean} of {files} files" in text_of(ada.get("/").content.decode())


def test_a_sum_moves_by_the_sum_of_its_members_and_not_at_all_where_one_has_no_past(
    ada: Client, netra: World
) -> None:
    small = world("small", files=5, commits=14)
    share_a_plan(netra, small)
    week = timezone.now() - timedelta(days=7)
    past = [
        Snapshot.objects.filter(plan=each.plan, commit__committed_at__lte=week).latest("commit__position")
        for each in (netra, small)
    ]
    total = rows(ada)[0]
    before = percent(sum(s.clean for s in past), sum(s.files for s in past))
    assert before is not None
    assert float(total["points_in_a_week"]) == round(float(total["percent"]) - before, 1)

    Commit.objects.filter(repository=small.repository).update(committed_at=timezone.now())
    assert rows(ada)[0]["points_in_a_week"] == ""


def test_sort_order_and_filters_are_part_of_the_address(ada: Client, netra: World) -> None:
    small = world("small", files=5)
    Repository.objects.filter(pk=small.repository.pk).update(name="Small", trouble="no route to the host")
    Repository.objects.create(slug="bare", name="Bare", url="https://git.example.org/bare.git")

    assert [row["name"] for row in rows(ada, "?sort=-name")] == ["Small", "Netra agents", "Bare"]
    figures = [float(row["percent"]) for row in rows(ada, "?sort=percent")[:2]]
    assert figures == sorted(figures)
    assert rows(ada, "?sort=-percent")[-1]["name"] == "Bare"
    assert [row["name"] for row in rows(ada, "?state=trouble")] == ["Small"]
    assert [row["name"] for row in rows(ada, "?q=NETRA")] == ["Netra agents"]
    assert [row["name"] for row in rows(ada, "?plan=Agent+factory+of+small")] == ["Small"]
    assert "No repositories match" in ada.get("/?q=nowhere").content.decode()
    assert "no route to the host" in ada.get("/").content.decode()
    assert ada.get("/?sort=nonsense&state=%00&q=%00").status_code == 200


def test_the_list_costs_the_same_queries_for_two_and_for_five(
    ada: Client, netra: World, counted: Counted
) -> None:
    share_a_plan(netra, world("second"))
    with counted() as two:
        ada.get("/")
    for slug in ("third", "fourth", "fifth"):
        world(slug)
    with counted() as five:
        ada.get("/")

    assert len(two) == len(five) <= 13


def test_many_repositories_are_listed_in_pages_and_found_by_name(ada: Client, netra: World) -> None:
    for number in range(60):
        seed.repository(f"service-{number:02}", "One plan", 3)

    first = ada.get("/").content.decode()
    assert first.count('class="stacks-head"') == home.PAGE
    assert "<strong>61</strong> repositories" in first
    assert "Total of all 60 repositories with this plan" in text_of(first)
    assert "1 to 25 of 62" in text_of(first)
    shown = re.findall(r'href="/repositories/([\w-]+)/"', first)
    for page in (2, 3):
        shown += re.findall(r'href="/repositories/([\w-]+)/"', ada.get(f"/?page={page}").content.decode())
    assert shown == ["netra", *(f"service-{number:02}" for number in range(60))]
    for address in ("/?page=99", "/?page=nonsense", "/?sort=phase", "/?sort=-missing&page=2"):
        assert ada.get(address).status_code == 200
    found = ada.get("/?q=ice-47").content.decode()
    assert 'href="/repositories/service-47/"' in found
    assert found.count('class="stacks-head"') == 2  # the total covers all members of its plan
    last = ada.get("/?sort=-name&page=3").content.decode()
    assert 'href="?sort=name"' in last  # another order begins at the first page
    assert '<a href="/repositories/netra/">' in last


def test_the_phases_of_a_total_with_many_members_are_read_only_to_sort_by_them(ada: Client) -> None:
    for number in range(home_rows.MOST_MEMBERS + 1):
        seed.repository(f"service-{number}", "One plan", counts=(100, 20))
    Phase.objects.filter(issue__repository__slug="service-7", key="phase-3").update(
        due=timezone.localdate() - timedelta(days=70)
    )

    page = ada.get("/").content.decode()
    assert 'href="?sort=phase&amp;plan=One+plan&amp;all=1"' in page
    sorted_by_phase = text_of(ada.get("/?sort=phase").content.decode())
    assert "late by 70 days" in sorted_by_phase
    total, first = rows(ada, "?sort=phase")[:2]
    assert (total["worst_phase"], first["name"], first["worst_phase"]) == ("Phase 3", "service-7", "Phase 3")


def test_without_a_repository_the_page_says_how_to_track_one(ada: Client, ben: Client) -> None:
    page = ben.get("/").content.decode()
    assert "No repositories yet" in page
    assert "manage.py track https://example.org/team/project.git --plan ssot-plan.yaml" in page
    assert "Add a repository" not in page

    assert "Which repository do you want to follow?" in ada.get("/").content.decode()


def test_administrators_are_asked_for_a_repository_while_there_is_only_the_demonstration(
    ada: Client, ben: Client, netra: World
) -> None:
    Repository.objects.update(url=str(settings.DATA_DIR / "demonstration"))

    assert "Which repository do you want to follow?" in ada.get("/").content.decode()
    assert ben.get("/").headers["Location"] == "/repositories/netra/"


def test_a_repository_without_a_plan_still_has_its_row(ada: Client, netra: World) -> None:
    Repository.objects.create(slug="bare", name="Bare", url="https://git.example.org/bare.git")

    assert "first scan in progress" in ada.get("/").content.decode()

    Repository.objects.filter(slug="bare").update(trouble="There is no readable ssot-plan.yaml.")

    assert "no active plan" in ada.get("/").content.decode()


def test_formulas_in_a_spreadsheet_are_escaped(ada: Client, netra: World) -> None:
    Repository.objects.filter(pk=netra.repository.pk).update(name="=1+2")

    assert rows(ada)[0]["name"] == "'=1+2"


@pytest.mark.parametrize("commits", [2, 63, 64, 65, 300])
def test_the_small_line_has_its_ends_and_no_more_points_than_fit(netra: World, commits: int) -> None:
    while netra.position < commits:
        netra.commit("More", fix=1 if netra.position % 9 == 0 else 0)
    Snapshot.objects.filter(plan=netra.plan, commit__position__gt=commits).delete()
    head = Commit.objects.get(repository=netra.repository, position=commits)
    netra.repository.head = head

    line = sparkline.dots([sparkline.history(netra.repository)])[netra.repository.pk]

    recorded = Commit.objects.filter(repository=netra.repository, position__lte=commits).order_by("position")
    assert len(line) == min(commits, sparkline.MOST)
    assert (line[0].at, line[-1].at) == (recorded[0].committed_at, head.committed_at)
    drawn = sparkline.spark(line)
    assert drawn
    places = [tuple(map(float, point.split(","))) for point in drawn.points.split()]
    assert all(0 <= x <= sparkline.WIDTH and 0 <= y <= sparkline.HEIGHT for x, y in places)
    assert [x for x, _ in places] == sorted(x for x, _ in places)
    assert f"{percent(line[-1].clean, line[-1].files):.1f}%" in drawn.words


def test_the_target_is_drawn_in_the_same_box_as_the_line(netra: World) -> None:
    line = sparkline.dots([sparkline.history(netra.repository)])[netra.repository.pk]
    drawn = sparkline.spark(line, 880, 180, target=95.0)

    assert drawn
    assert drawn.goal is not None
    heights = [float(point.split(",")[1]) for point in drawn.points.split()]
    assert 0 <= drawn.goal < min(heights)  # no figure of this line is near the target
    assert max(heights) <= 180
    assert drawn.words.endswith("the dashed line is the target of 95%")
    reached = [sparkline.Dot(dot.at, 99, 100) for dot in line]
    over = sparkline.spark(reached, 880, 180, target=95.0)
    assert over
    assert over.goal
    assert over.goal > over.end[1]


def test_the_small_line_of_a_long_history_is_looked_up_by_index(netra: World) -> None:
    pk, plan = netra.repository.pk, netra.plan.pk
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO compliance_commit (repository_id, sha, parents, position, author_name, "
            "author_email, authored_at, committed_at, subject) "
            "SELECT %s, md5(n::text), '[]', n, 'Ada', '', now(), now(), '' "
            "FROM generate_series(13, 14000) AS n",
            [pk],
        )
        cursor.execute("ANALYZE compliance_commit")
        wanted = [[pk] * 64, [plan] * 64, [1 + 222 * step for step in range(64)]]
        cursor.execute(f"EXPLAIN {sparkline._DOTS}", wanted)
        steps = "\n".join(line for (line,) in cursor.fetchall())
    assert "Seq Scan on compliance_commit" not in steps, steps
