"""The overview: every figure from the rows, each a link to its list, kept true without a reload."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from compliance.models import Claim, Commit, File, Job, Phase, Repository, Snapshot, Violation
from tests.views.cast import World, world
from tests.views.conftest import Counted
from tests.views.factories import PAGE, page_text


def test_the_figure_is_shown_with_its_fraction_and_target(ada: Client, netra: World) -> None:
    now = Snapshot.objects.get(commit=netra.head)
    words = page_text(ada)

    assert f"{1000 * now.clean // now.files / 10:.1f}%" in words
    assert f"{now.clean} of {now.files} files clean" in words
    assert f"{38 - now.clean} more files to 95%" in words


def test_each_figure_leads_to_a_list_of_that_many(ada: Client, netra: World) -> None:
    now = Snapshot.objects.get(commit=netra.head)
    listed = {
        "category=production": now.files,
        "category=production&violating=yes": now.files_with_violations,
        "risk=high&category=production": now.by["risk"]["high"][1],
        "phase=golden-path": now.by["phase"]["golden-path"][1],
        "issue=%231274": now.by["issue"]["#1274"][1],
    }
    page = ada.get(PAGE).content.decode().replace("&amp;", "&")

    for query, files in listed.items():
        assert f"/repositories/netra/files/?{query}" in page
        shown = page_text(ada, f"/repositories/netra/files/?{query}")
        assert f" {files} file" in shown if files else "No files match" in shown, query


def test_each_count_of_violations_leads_to_exactly_those(ada: Client, netra: World) -> None:
    now = Snapshot.objects.get(commit=netra.head)
    fixed = Violation.objects.filter(last__isnull=False, phases__contains=["golden-path"]).count()
    listed = {
        "category=production": now.violations,
        "risk=critical&category=production": now.by["risk"]["critical"][0],
        "phase=golden-path": now.by["phase"]["golden-path"][0],
        "issue=%231274": now.by["issue"]["#1274"][0],
        "state=resolved&after=baseline&phase=golden-path": fixed,
    }
    page = ada.get(PAGE).content.decode().replace("&amp;", "&")

    for query, violations in listed.items():
        assert f"/repositories/netra/violations/?{query}" in page
        shown = page_text(ada, f"/repositories/netra/violations/?{query}")
        assert f" {violations} violation" in shown if violations else "No violations match" in shown, query


def test_suppressed_violations_are_shown_beside_the_figures(ada: Client, netra: World) -> None:
    assert "Suppressed 6 by code comments, not counted as violations" in page_text(ada)


def test_a_recent_regression_names_the_commit_and_its_author(ada: Client, netra: World) -> None:
    page = ada.get(PAGE).content.decode()
    broken = page[page.index('id="broken"') :]

    assert f"/repositories/netra/commits/{netra.head.sha}/" in broken
    assert "by Cy" in broken
    assert ">open</span>" in broken


def test_a_regression_that_is_partly_fixed_says_how_much_is_left(ada: Client, netra: World) -> None:
    netra.commit("Break it", by="Cy", breaks=(netra.files[5], netra.files[6], netra.files[7]))
    netra.commit("Repair some of it", fix=len(netra.standing) - 1)

    assert "1 of 3 open 3 violations introduced in 3 files (3 previously clean)" in page_text(ada)


def test_unreadable_files_are_told_apart(ada: Client, netra: World) -> None:
    for file in netra.files[5:8]:
        file.states.filter(last=None).update(skipped="over 2 MB")

    assert "Unreadable files 4 1 not fully parsed, 3 skipped" in page_text(ada)


def test_only_claims_of_files_that_exist_are_counted(ada: Client, netra: World) -> None:
    person = User.objects.get(username="ada")
    until = timezone.now() + timedelta(days=14)
    files = list(dict.fromkeys(violation.file for violation in netra.standing))[:3]
    for file in files:
        Claim.objects.create(file=file, person=person, until=until)
    File.objects.filter(pk=files[0].pk).update(status=File.Status.GONE)

    assert ada.get(PAGE).context["repository"].claimed == 2


def test_a_repaired_regression_is_called_repaired(ada: Client, netra: World) -> None:
    netra.commit("Take the cache out", fix=len(netra.standing))

    broken = page_text(ada)
    assert "fixed 1 violation introduced in 1 file (1 previously clean)" in broken
    assert "open 1 violation introduced" not in broken


def test_other_changes_are_not_listed_as_regressions(ada: Client, netra: World) -> None:
    Snapshot.objects.update(new=0)

    assert "No regressions since the baseline, the commit with the most violations." in page_text(ada)
    Phase.objects.filter(key="golden-path").update(start=netra.head.committed_at)
    assert "No regressions since the first phase started." in page_text(ada)


def test_phases_show_what_is_fixed_and_left(ada: Client, netra: World) -> None:
    fixed = sum(
        "golden-path" in phases
        for phases in netra.plan.violations.filter(last__isnull=False).values_list("phases", flat=True)
    )
    left = Snapshot.objects.get(commit=netra.head).by["phase"]["golden-path"][0]

    assert f"{fixed} fixed , {left} left" in page_text(ada)
    assert "Phase 1: Golden Path late" in page_text(ada)


def test_issues_show_the_tracker_and_the_steps(ada: Client, netra: World) -> None:
    words = page_text(ada)

    assert "1 of 2 checked" in words
    assert "0 of 2 done" in words
    assert "next: Add the new function" in words


def test_history_that_is_not_whole_says_how_far_it_goes(ada: Client, netra: World) -> None:
    Repository.objects.update(history_done=False)
    Commit.objects.filter(position__lte=4).delete()
    oldest = Commit.objects.get(position=5)

    assert f"recorded back to {oldest.committed_at:%-d %b %Y} , 4 commits left." in page_text(ada)


@pytest.mark.parametrize(
    ("kind", "title", "way"),
    [
        ("branch", "The tracked branch no longer exists", "View scans"),
        ("plan", "The plan has errors", "Open the plan"),
        ("", "The repository cannot be read", "View scans"),
    ],
)
def test_each_problem_has_a_title_and_a_link(
    ada: Client, netra: World, kind: str, title: str, way: str
) -> None:
    Repository.objects.update(trouble="What is the matter, and what to do.", trouble_kind=kind)
    page = ada.get("/repositories/netra/").content.decode()
    assert f'<h2 class="alert-title">{title}</h2>' in page
    assert way in page
    assert title in ada.get("/?all=1").content.decode()


def test_a_problem_is_shown_above_the_figures(ada: Client, netra: World) -> None:
    Repository.objects.update(trouble="The branch main is gone from the remote.")

    assert "The branch main is gone from the remote." in page_text(ada)


def test_a_repository_without_a_plan_says_where_one_belongs(ada: Client, db: None) -> None:
    Repository.objects.create(slug="netra", name="Netra", url="https://git.example.org/netra.git")

    assert "No plan yet" in page_text(ada)
    assert "ssot-plan.yaml" in page_text(ada)


def test_a_repository_before_its_first_scan_says_so(ada: Client, netra: World) -> None:
    Commit.objects.all().delete()
    assert "No data yet" in page_text(ada)

    Job.objects.create(repository=netra.repository, kind="update")
    assert "First scan in progress" in page_text(ada)


def test_text_from_outside_is_inert(ada: Client, netra: World) -> None:
    mark = "<script>alert(1)</script>"
    Commit.objects.update(subject=mark, author_name=mark)
    netra.repository.issues.update(title=mark, tracker_title="", url="javascript:alert(1)")

    page = ada.get(PAGE).content.decode()

    assert mark not in page
    assert "javascript:" not in page


def test_the_open_page_hears_nothing_while_nothing_happens(ada: Client, netra: World) -> None:
    seen = re.search(r"live/\?seen=(\w+)", ada.get(PAGE).content.decode())
    assert seen

    answer = ada.get(f"{PAGE}live/?seen={seen[1]}")

    assert (answer.status_code, answer.content) == (204, b"")


def test_the_open_page_hears_of_a_new_commit(ada: Client, netra: World) -> None:
    seen = re.search(r"live/\?seen=(\w+)", ada.get(PAGE).content.decode())
    assert seen
    commit = netra.commit("Migrate two more", fix=4)

    answer = ada.get(f"{PAGE}live/?seen={seen[1]}")

    assert answer.status_code == 200
    assert "figures-changed" in answer.headers["HX-Trigger"]
    assert 'hx-swap-oob="true"' in answer.content.decode()
    assert commit.sha[:10] in answer.content.decode()


def test_asking_for_news_costs_one_query_beside_the_session(
    ada: Client, netra: World, counted: Counted
) -> None:
    seen = re.search(r"live/\?seen=(\w+)", ada.get(PAGE).content.decode())
    assert seen

    with counted() as queries:
        ada.get(f"{PAGE}live/?seen={seen[1]}")

    assert len([query for query in queries if "compliance_" in query["sql"]]) == 1


def test_queries_do_not_grow_with_the_repository(ada: Client, netra: World, counted: Counted) -> None:
    world("large", files=200, commits=60)
    with counted() as small:
        ada.get(PAGE)
    with counted() as large:
        ada.get("/repositories/large/")

    assert len(small) == len(large) <= 17


def test_an_unknown_repository_is_not_found(ada: Client, db: None) -> None:
    assert ada.get("/repositories/nobody/").status_code == 404
    assert ada.get("/repositories/nobody/live/").status_code == 404


def test_claimed_files_are_shown_beside_the_remaining_ones(ada: Client, netra: World) -> None:
    assert " claimed )" not in page_text(ada)
    taken = netra.standing[0].file
    Claim.objects.create(
        file=taken, person=User.objects.create_user("ben"), until=timezone.now() + timedelta(days=3)
    )

    assert "1 claimed" in page_text(ada)
    assert 'files/?who=somebody">1 claimed' in ada.get(PAGE).content.decode()
    listed = ada.get(f"{PAGE}files/?who=somebody").content.decode()
    assert "<strong>1</strong> file" in listed
    assert f"files/{taken.pk}/" in listed


def test_a_gone_file_is_in_no_list_that_a_figure_leads_to(ada: Client, netra: World) -> None:
    File.objects.filter(pk=netra.files[2].pk).update(status=File.Status.GONE)

    assert f" {len(netra.files) - 11} files" in page_text(
        ada, "/repositories/netra/files/?category=production"
    )


def test_phases_of_an_idle_repository_are_evaluated_as_of_today(ada: Client, netra: World) -> None:
    assert "the latest commit was on" not in page_text(ada)

    Commit.objects.update(committed_at=timezone.now() - timedelta(days=400))
    Phase.objects.filter(key="golden-path").update(due=timezone.localdate() - timedelta(days=1))

    words = page_text(ada)
    newest = timezone.localdate() - timedelta(days=400)
    assert f"the latest commit was on {newest:%-d %b %Y}" in words
    assert "Golden Path late" in words
