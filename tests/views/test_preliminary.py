"""While history is read, pages, API, files and mails say that figures can still change."""

import csv

import pytest
from django.test import Client

from compliance.models import Change, Job, Phase, Repository, Snapshot
from compliance.notifications.digest_content import content
from compliance.progress.forecast.records import forecasts
from tests.views.cast import World
from tests.views.factories import PAGE

SAID = "Preliminary until history is read and the baseline is chosen"
PLACES = (
    *("", "phases/", "phases/golden-path/", "issues/", "issues/%231274/", "forecast/"),
    *("phases.csv", "issues.csv", "broken.csv"),
)
LISTS = ("", "/phases", "/phases/golden-path", "/issues", "/issues/%231274", "/regressions", "/forecast")


def body(client: Client, address: str) -> str:
    response = client.get(address)
    parts = response.streaming_content if response.streaming else [response.content]  # type: ignore[attr-defined]
    assert response.status_code == 200, address
    return b"".join(parts).decode()


@pytest.mark.parametrize("is_read", [True, False])
def test_everything_that_depends_on_the_baseline_says_that_it_is_preliminary(
    ada: Client, netra: World, is_read: bool
) -> None:
    Repository.objects.update(history_done=is_read)
    places = [
        *(f"{PAGE}{place}" for place in PLACES),
        *(f"/api/v1/repositories/netra{rest}" for rest in LISTS),
    ]
    assert [place for place in places if (SAID in body(ada, place)) == is_read] == []
    repository = Repository.objects.select_related("plan", "head").get()
    assert content(repository).preliminary.startswith(SAID) != is_read


def test_the_open_overview_stops_saying_so_once_history_is_read(ada: Client, netra: World) -> None:
    Repository.objects.update(history_done=False)
    page = body(ada, PAGE)
    address = page.split('id="pulse"')[1].split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
    assert SAID in page
    assert ada.get(address).status_code == 204
    Repository.objects.update(history_done=True)
    parts = body(ada, address)
    assert 'id="broken"' in parts
    assert SAID not in parts


def test_a_forecast_waits_until_its_weeks_are_read(ada: Client, netra: World) -> None:
    Repository.objects.update(history_done=False)
    repository = Repository.objects.select_related("plan", "head").get()
    assert forecasts([repository]) == {}
    waits = "The forecast is available once the last 39 weeks have been read."
    assert waits in body(ada, PAGE)
    assert waits in body(ada, f"{PAGE}forecast/")
    assert ada.get("/api/v1/repositories/netra/forecast").json()["sentence"] == waits


def test_a_phase_without_fixes_has_not_been_judged_yet_while_history_is_read(
    ada: Client, netra: World
) -> None:
    Phase.objects.update(due=None, start=None)
    netra.plan.violations.exclude(last=None).delete()
    for is_read, state in ((False, "not known yet"), (True, "not started")):
        Repository.objects.update(history_done=is_read)
        rows = ada.get("/api/v1/repositories/netra/phases").json()["items"]
        assert {row["state"] for row in rows if row["left"]} == {state}


def test_fixed_says_how_much_was_removed_with_its_files(ada: Client, netra: World) -> None:
    fixed = Change.objects.filter(kind=Change.Kind.FIXED, violation__phases=["golden-path"])
    first = fixed.earliest("pk")
    Change.objects.filter(pk=first.pk).update(file_gone=True)
    Snapshot.objects.filter(commit=first.commit).update(fixed_gone=1)
    rows = {row["key"]: row for row in ada.get("/api/v1/repositories/netra/phases").json()["items"]}
    assert [rows[key]["fixed_gone"] for key in ("golden-path", "cleanup")] == [1, 0]
    page = body(ada, PAGE)
    assert "(1 in removed files)" in page.split('id="phases"')[1].split("</section>")[0]
    assert "(1 in removed files)" in page.split('id="issues"')[1].split("</section>")[0]
    movement = ada.get(f"{PAGE}charts/movement.json").json()
    assert sum(point[movement["part"]["column"]] for point in movement["points"]) == 1


def test_files_that_cannot_be_parsed_are_told_from_files_with_violations(ada: Client, netra: World) -> None:
    row = Snapshot.objects.get(commit=netra.head)
    row.clean = row.files - row.files_with_violations - 2
    row.save()
    said = "2 files aren't clean without a violation: they can't be parsed and contain names from the plan."
    assert said in body(ada, PAGE).replace("&#x27;", "'")
    told = ada.get("/api/v1/repositories/netra/verdict").json()
    assert told["unclean_unparsed"] == 2
    assert told["clean"] + told["files_with_violations"] + 2 == told["files"]
    whole = ada.get(f"{PAGE}charts/trend.json?measure=files").json()
    assert (whole["title"], whole["points"][-1][1]) == ("Files not clean", row.files_with_violations + 2)
    assert "they include 2 files without violations that can't be parsed" in " ".join(whole["notes"])
    line = ada.get(f"{PAGE}charts/trend.json").json()
    assert any("up to 2 files without violations can't be parsed. Such" in note for note in line["notes"])
    for measure in ("files", "violations"):
        rows = list(csv.DictReader(body(ada, f"{PAGE}charts/trend.csv?measure={measure}").splitlines()))
        assert rows[-1]["Files with violations"] == str(row.files_with_violations)
        assert [line["Not clean, can't be parsed"] for line in rows] == ["0"] * (len(rows) - 1) + ["2"]
    commit = ada.get(f"/api/v1/repositories/netra/commits/{netra.head.sha}").json()
    assert (commit["files_with_violations"], commit["unclean_unparsed"]) == (row.files_with_violations, 2)
    assert "2 files can't be parsed and so aren't clean" in " ".join(
        body(ada, f"{PAGE}commits/{netra.head.sha}/").replace("&#x27;", "'").split()
    )
    split = ada.get(f"{PAGE}charts/trend.json?measure=files&by=risk").json()
    assert split["title"] == "Files with violations by risk"


def test_figures_are_preliminary_until_they_are_measured_from_a_baseline_that_was_moved(
    ada: Client, netra: World
) -> None:
    Repository.objects.update(history_done=True)
    said = "Preliminary until everything is measured from the new baseline"
    job = Job.objects.create(repository=netra.repository, kind="baseline", state="waiting")
    for place in (PAGE, f"{PAGE}phases/", "/api/v1/repositories/netra/phases"):
        assert said in body(ada, place), place
    job.state = "done"
    job.save()
    assert said not in body(ada, PAGE)


def test_call_sites_are_only_shown_if_a_rule_has_a_replacement(ada: Client, netra: World) -> None:
    assert "Call sites migrated" in body(ada, PAGE)
    Snapshot.objects.update(old_sites=0, new_sites=0)
    assert "Call sites migrated" not in body(ada, PAGE)
