"""The search finds every kind of record, only what its reader may see, and in bounded queries."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse

from bench.large_lists import seed
from compliance.accounts.roles import Role, give
from compliance.models import Commit, File, Issue, Repository
from compliance.queries.search import CANDIDATES, Search, search
from compliance.views import search as search_view
from compliance.views.search_pages import ACTIONS, PAGES, REPOSITORY_PAGES
from tests.views.cast import World
from tests.views.conftest import Counted
from tests.views.query_plans import plans

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

HIT = re.compile(r'id="palette-(\w+)-\w+"\s+href="([^"]*)"><span class="palette-\w+">(.*?)</span>')


@pytest.fixture
def engineer(db: None) -> Client:
    return signed_in(Role.ENGINEER)


def signed_in(role: Role) -> Client:
    person, client = User.objects.create_user(f"the-{role.group}"), Client()
    give(person, role)
    client.force_login(person)
    return client


def found(client: Client, text: str, within: str = "netra") -> dict[str, list[tuple[str, str]]]:
    """The results in the dialog: kind -> title and address of each."""
    answer = client.get("/search/results/", {"q": text, "in": within})
    assert answer.status_code == 200
    groups: dict[str, list[tuple[str, str]]] = {}
    for kind, address, title in HIT.findall(answer.content.decode()):
        groups.setdefault(kind, []).append((unescape(title), unescape(address)))
    return groups


def test_each_kind_is_found_and_its_link_works(ada: Client, netra: World) -> None:
    User.objects.create_user("zoe-cached")
    asked = {
        "repositories": "netra agents",
        "pages": "waivers",
        "actions": "edit plan",
        "files": "part_3/module_3",
        "phases": "golden",
        "issues": "#1274",
        "rules": "context factory",
        "commits": "cache back",
        "people": "zoe-c",
    }
    netra.plan.text = netra.plan.text.replace(
        "rules: []",
        "rules: [{id: factory, kind: deprecated-symbol, symbols: [a.b], message: Use the context}]",
    )
    netra.plan.save()
    for kind, text in asked.items():
        hits = found(ada, text).get(kind, [])
        assert hits, (kind, text)
        assert ada.get(hits[0][1]).status_code in (200, 302), hits


def test_the_page_shows_the_same_without_a_script(ada: Client, netra: World) -> None:
    body = ada.get("/search/", {"q": "module_3.py", "in": "netra"}).content.decode()

    assert '<h2 class="card-title" id="group-files">Files</h2>' in body
    file = File.objects.get(path="netra/app/agents/part_3/module_3.py")
    assert f'href="/repositories/netra/files/{file.pk}/"' in body
    assert 'value="module_3.py"' in body


def test_any_part_of_a_path_is_found_in_and_out_of_the_current_repository(ada: Client, netra: World) -> None:
    assert ("tests/unit/agents/test_module_7.py" in dict(found(ada, "st_module_7")["files"])) is True
    assert "tests/unit/agents/test_module_7.py" in dict(found(ada, "st_module_7", within="")["files"])
    assert "files" not in found(ada, "st_modole_7", within="")


def test_in_other_repositories_words_are_found_by_their_beginnings(ada: Client, netra: World) -> None:
    other = Repository.objects.create(slug="other", name="Other", url="/srv/other.git")
    for path in ("src/Checkout/payment_form.py", "src/checkout/cart.py", "docs/x.py"):
        File.objects.create(repository=other, path=path)
    gone = File.objects.create(repository=other, path="src/checkout/paid.py", status="gone")

    assert [title for title, _ in found(ada, "checkout pay")["files"]] == ["src/Checkout/payment_form.py"]
    assert [title for title, _ in found(ada, "CHECKOUT/pay")["files"]] == ["src/Checkout/payment_form.py"]
    assert gone.path not in dict(found(ada, "checkout")["files"])


def test_files_of_the_current_repository_and_with_such_names_come_first(ada: Client, netra: World) -> None:
    other = Repository.objects.create(slug="other", name="Other", url="/srv/other.git")
    File.objects.create(repository=other, path="module_1.py")

    titles = [title for title, _ in found(ada, "module_1")["files"]]
    assert titles[0] == "netra/app/agents/part_1/module_1.py"
    first = [title for title, _ in found(ada, "module_1", within="other")["files"]]
    assert first[0] == "module_1.py"


def test_a_commit_is_found_by_the_beginning_of_its_sha_anywhere(ada: Client, netra: World) -> None:
    commit = Commit.objects.filter(repository=netra.repository).order_by("position")[3]

    for text in (commit.sha[:7], commit.sha.upper()):
        hits = found(ada, text, within="")["commits"]
        assert hits[0][1] == reverse("commit", args=["netra", commit.sha])


def test_texts_from_repositories_are_escaped_and_made_visible(ada: Client, netra: World) -> None:
    File.objects.create(repository=netra.repository, path="a/<script>alert(1)</script>\u202e.py")
    Issue.objects.create(repository=netra.repository, key="<b>", title="<img src=x>", order=9)

    for address in ("/search/", "/search/results/"):
        body = ada.get(address, {"q": "script", "in": "netra"}).content.decode()
        assert "&lt;script&gt;alert(1)&lt;/script&gt;\\u202e.py" in body
        assert "<img src=x" not in ada.get(address, {"q": "<img", "in": "netra"}).content.decode()


@pytest.mark.parametrize(
    "text", ["%", "_", "%_%", "\\", "'", '"', "a' & b:*", "!!", "|", "<->", ":*", "x" * 5000, "\0ab", "é ü"]
)
def test_special_characters_are_only_characters(ada: Client, netra: World, text: str) -> None:
    for address in ("/search/", "/search/results/"):
        assert ada.get(address, {"q": text, "in": "netra"}).status_code == 200
    assert "files" not in found(ada, "mod%le")


def test_an_unknown_repository_is_as_good_as_none(ada: Client, netra: World) -> None:
    assert found(ada, "golden", within="nonsense")["phases"]


def test_without_a_text_there_are_places_to_go_to(engineer: Client, netra: World) -> None:
    groups = found(engineer, "")

    assert [title for title, _ in groups["repositories"]] == ["Netra agents"]
    assert {"Overview", "Files", "Plan"} <= {title for title, _ in groups["pages"]}
    assert {title for title, _ in groups["actions"]} >= {"Claim a file", "Request a waiver"}


def test_any_part_of_a_path_is_found_in_other_repositories(ada: Client, netra: World) -> None:
    other = Repository.objects.create(slug="other", name="Other", url="/srv/other.git")
    for path in ("src/webClient/pay_bills.py", "src/old/pay_bills.py", "src/xpay.py"):
        File.objects.create(repository=other, path=path)
    File.objects.filter(path="src/old/pay_bills.py").update(status="gone")

    assert [title for title, _ in found(ada, "bClient/pay")["files"]] == ["src/webClient/pay_bills.py"]
    assert [title for title, _ in found(ada, "y_bil ebcl")["files"]] == ["src/webClient/pay_bills.py"]
    assert {title for title, _ in found(ada, "pay")["files"]} == {"src/webClient/pay_bills.py", "src/xpay.py"}
    assert "files" not in found(ada, "yab_lli")


def test_a_single_character_finds_places_only_and_says_so(ada: Client, netra: World) -> None:
    answer = ada.get("/search/results/", {"q": "w", "in": "netra"}).content.decode()

    assert "Type at least 2 characters" in answer
    assert set(found(ada, "w")) <= {"pages", "actions"}


@pytest.mark.parametrize("role", Role)
def test_only_what_the_reader_may_open_is_offered(netra: World, role: Role) -> None:
    client = signed_in(role)
    groups = found(client, "")
    offered = [*groups["pages"], *groups.get("actions", ())]
    assert [title for title, way in offered if client.get(way).status_code not in (200, 302)] == []

    titles = {title for title, _ in offered}
    for place in (*PAGES, *REPOSITORY_PAGES, *ACTIONS):
        assert (place.title in titles) == (role >= place.role), place


def test_people_are_found_by_managers_only(netra: World) -> None:
    User.objects.create_user("zoe")

    assert "people" not in found(signed_in(Role.ENGINEER), "zoe")
    assert [title for title, _ in found(signed_in(Role.MANAGER), "zoe")["people"]] == ["zoe"]


def test_too_many_searches_have_to_wait(ada: Client, netra: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_view, "AT_ONCE", 2)
    monkeypatch.setattr(search_view, "PER_MINUTE", 1)
    statuses = [ada.get("/search/results/", {"q": "netra"}).status_code for _ in range(3)]
    refused = ada.get("/search/", {"q": "netra"})

    assert statuses == [200, 200, 429]
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) >= 1
    assert "Too many searches" in refused.content.decode()


def test_the_number_of_queries_does_not_grow(ada: Client, netra: World, counted: Counted) -> None:
    found(ada, "module")
    with counted() as few:
        found(ada, "module_30")
    with counted() as many:
        found(ada, "module")

    assert len(many) <= len(few) <= 16  # others are not asked once there is enough


@pytest.fixture
def large() -> Repository:
    """Enough rows, up-to-date statistics and merged index entries, so that each plan has one cheapest way."""
    made = seed.large(files=6_000, open_files=1_500)
    seed.repository("long", "Long history", 3_000, (10, 10))
    with connection.cursor() as cursor:
        for index in ("files_by_parts", "files_by_words"):
            cursor.execute("SELECT gin_clean_pending_list(%s)", [index])
        cursor.execute("ANALYZE")
        cursor.execute("SET LOCAL enable_seqscan = off")  # a table of one page would be read whole
    return made


def test_files_of_all_repositories_and_commits_are_found_by_index(large: Repository) -> None:
    sha = Commit.objects.order_by("-pk")[0].sha
    everywhere = Repository.objects.all()

    File.objects.create(repository=large, path="src/quagga_zebra.py")
    used = "\n".join(plan for _, plan in plans(lambda: search(Search("agga_zeb", everywhere))))
    assert "files_by_parts" in used
    used = "\n".join(plan for _, plan in plans(lambda: search(Search("qu", everywhere))))
    assert "files_by_words" in used
    used = "\n".join(plan for _, plan in plans(lambda: search(Search(sha[:9], everywhere))))
    assert "commits_by_sha" in used


def test_no_more_candidates_are_read_than_are_ranked(large: Repository) -> None:
    everywhere = Repository.objects.all()
    limits = [
        sql for sql, _ in plans(lambda: search(Search("py", everywhere, large))) if "compliance_file" in sql
    ]

    assert limits
    assert all(f"LIMIT {CANDIDATES}" in sql for sql in limits)
