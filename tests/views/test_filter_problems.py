"""Invalid values of filters: every list says what is wrong, on the page, in the CSV file and in the API."""

import pytest
from django.test import Client
from django.utils.html import escape

from compliance.models import PlanDraft
from tests.views.cast import World

AT = "/repositories/netra/"
UNKNOWN = [
    ("files", "status", "use "),
    ("files", "violating", "use yes, no or unknown"),
    ("files", "risk", "use critical, high, medium or low"),
    ("violations", "state", "use suppressed, waived, resolved or standing"),
    ("violations", "risk", "use critical, high, medium or low"),
    ("marks", "kind", "use regression, phase closed"),
    ("commits", "effect", "use yes"),
]
BAD_RANGE = "has a range in `[ ]` that is empty or reversed"


def sheet(client: Client, address: str) -> tuple[int, str]:
    answer = client.get(address)
    return answer.status_code, b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]


@pytest.mark.parametrize(("name", "filter_name", "hint"), UNKNOWN)
def test_an_unknown_value_is_named_and_matches_nothing(
    ada: Client, netra: World, name: str, filter_name: str, hint: str
) -> None:
    query = f"?{filter_name}=zzz"
    page = ada.get(f"{AT}{name}/{query}")
    text = page.content.decode()

    assert f"“zzz” is not a valid value; {hint}" in text
    assert "No open violations" not in text
    assert page.context["page"].paginator.count == 0
    status, content = sheet(ada, f"{AT}{name}.csv{query}")
    assert status == 422
    assert f"“zzz” is not a valid value; {hint}" in content


@pytest.mark.parametrize("name", ["files", "violations"])
def test_an_invalid_glob_is_explained_beside_the_filter(ada: Client, netra: World, name: str) -> None:
    page = ada.get(f"{AT}{name}/?path=[z-a]").content.decode()

    assert f'id="path-problem">“[z-a]” {BAD_RANGE}.</span>' in page
    assert 'value="[z-a]"' in page
    assert sheet(ada, f"{AT}{name}.csv?path=[z-a]") == (422, f"Path: “[z-a]” {BAD_RANGE}.\n")


@pytest.mark.parametrize("name", ["files", "findings"])
def test_the_api_refuses_an_invalid_glob_and_names_the_parameter(
    ada: Client, netra: World, name: str
) -> None:
    answer = ada.get(f"/api/v1/repositories/netra/{name}?path=[z-a]")

    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"pointer": "query/path", "detail": BAD_RANGE}]


def test_a_value_that_is_not_an_option_now_is_named(ada: Client, netra: World) -> None:
    page = ada.get(f"{AT}violations/?rule=no-such-rule&category=unit").content.decode()

    assert 'id="rule-problem">“no-such-rule” is not one of the current options.' in page
    assert 'id="category-problem"' not in page
    assert sheet(ada, f"{AT}violations.csv?rule=no-such-rule")[0] == 200


def test_an_invalid_date_is_ignored_with_a_message(ada: Client, netra: World) -> None:
    page = ada.get("/activity/?since=rubbish&until=2026-02-31&kind=plan")
    text = page.content.decode()

    assert "“rubbish” is not a valid date (YYYY-MM-DD); the filter was ignored." in text
    assert "“2026-02-31” " in text
    assert {deed["kind"] for deed in page.context["deeds"]} == {"plan"}
    status, content = sheet(ada, "/activity.csv?since=rubbish")
    assert (status, content.startswith("From: “rubbish” is not a valid date")) == (422, True)


def test_an_unknown_kind_of_activity_is_named(ada: Client, netra: World) -> None:
    page = ada.get("/activity/?kind=zzz").content.decode()

    assert escape("Kind: “zzz” is not a valid value; use claim, waiver") in page
    assert "No matching activity" in page


def test_an_unknown_state_of_a_repository_is_named(ada: Client, netra: World) -> None:
    page = ada.get("/?state=zzz").content.decode()

    assert "State: “zzz” is not a valid value; use reached, under way" in page
    assert "No repositories match" in page


def test_an_unknown_change_of_a_preview_is_named(ada: Client, netra: World) -> None:
    draft = PlanDraft.objects.create(
        repository=netra.repository, text="", files=[["enters", "a.py", None, "x", 0, 1]]
    )

    page = ada.get(f"{AT}plan/drafts/{draft.pk}/files/?change=zzz").content.decode()

    assert "Change: “zzz” is not a valid value; use enters, leaves" in page
    assert "a.py" not in page


def test_a_folder_without_files_to_claim_is_not_called_finished(ada: Client, netra: World) -> None:
    page = ada.get(f"{AT}my-work/?folder=nowhere").content.decode()

    assert "No unclaimed file with violations matches the filters." in page
    assert "no violations are left" not in page


def test_the_api_lists_only_commits_that_changed_violations(ada: Client, netra: World) -> None:
    listed = ada.get("/api/v1/repositories/netra/commits?effect=yes").json()["items"]

    assert listed
    assert all(row["new"] + row["fixed"] + row["newly_suppressed"] + row["restored"] for row in listed)
    assert len(listed) < len(ada.get("/api/v1/repositories/netra/commits").json()["items"])
    assert ada.get("/api/v1/repositories/netra/commits?effect=zzz").status_code == 422


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("measure=zzz", "“zzz” is not a valid value; use percent, violations, files or sites"),
        ("by=zzz", "“zzz” is not a valid value; use phase, issue, rule, risk or category"),
        ("range=zzz", "“zzz” is not a valid value; use 30d, 90d or 1y"),
        ("to=2026-02-31", "“2026-02-31” is not a valid date (YYYY-MM-DD)"),
        ("ghost=zzz", "“zzz” is not the number of a plan version"),
    ],
)
def test_an_invalid_option_of_the_trend_is_named(ada: Client, netra: World, query: str, problem: str) -> None:
    page = ada.get(f"{AT}?{query}")

    assert f"{problem}; the filter was ignored." in page.content.decode()
    assert page.context["chart_query"] == "", "the chart is not asked for what the page ignores"
    assert sheet(ada, f"{AT}charts/trend.csv?{query}") == (422, f"{problem}.\n")
    assert ada.get(f"/api/v1/repositories/netra/charts/trend?{query}").status_code == 422


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("path=" + "x" * 301, f"Path: “{'x' * 59}…” is longer than 300 characters."),
        ("&".join(["category=x"] * 51), "Category: More than 50 values were given."),
    ],
)
def test_values_over_a_limit_are_refused_rather_than_truncated(
    ada: Client, netra: World, query: str, problem: str
) -> None:
    page = ada.get(f"{AT}files/?{query}")

    assert problem.partition(": ")[2] in page.content.decode()
    assert page.context["page"].paginator.count == 0
    assert sheet(ada, f"{AT}files.csv?{query}") == (422, f"{problem}\n")
    assert ada.get(f"/api/v1/repositories/netra/files?{query}").status_code == 422


@pytest.mark.parametrize(
    "query", ["category=", "status=", "path=%20", "status=open&status=", "who=%20nobody%20"]
)
def test_empty_values_and_surrounding_spaces_mean_the_same_everywhere(
    ada: Client, netra: World, query: str
) -> None:
    shown = ada.get(f"{AT}files/?{query}").context["page"].paginator.count

    assert shown > 0
    assert sheet(ada, f"{AT}files.csv?{query}")[1].count("\n") == shown + 1
    listed = ada.get(f"/api/v1/repositories/netra/files?limit=200&{query}").json()["items"]
    assert len(listed) == shown
