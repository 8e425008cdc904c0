"""The inbox: what it lists, what is marked as read, where entries lead, and the number in the header."""

import csv
import re
from io import StringIO

from django.contrib.auth.models import User
from django.db.models.functions import Now
from django.test import Client

from compliance.models import InboxEntry, NotificationEvent
from tests.views.cast import World, world
from tests.views.conftest import Counted
from tests.views.furnished import notify

PAGE = "/inbox/"


def person(name: str) -> User:
    return User.objects.get(username=name)


def titles(client: Client, query: str = "") -> list[str]:
    """The subjects of the entries on the page."""
    page = client.get(PAGE + query).content.decode()
    return re.findall(r'<p class="why mb-0">[0-9a-f]{10} (.*?) by Cy</p>', page)


def test_unread_entries_of_the_person_are_listed_newest_first(ben: Client, ada: Client, netra: World) -> None:
    for subject in ("One", "Two", "Three"):
        notify(netra, person("ben"), subject=subject)
    notify(netra, person("ada"), subject="Not his")
    InboxEntry.objects.filter(event__detail__subject="Two").update(read_at=Now())

    assert titles(ben) == ["Three", "One"]
    assert titles(ben, "?show=all") == ["Three", "Two", "One"]
    assert titles(ada) == ["Not his"]


def test_filters_by_repository_and_topic(ben: Client, netra: World) -> None:
    other = world("other")
    notify(netra, person("ben"), subject="Here")
    notify(other, person("ben"), subject="There")
    notify(netra, person("ben"), "phase.closed", title="Cleanup")

    assert titles(ben, "?repository=netra&topic=regression") == ["Here"]
    assert titles(ben, "?repository=other") == ["There"]
    page = ben.get(f"{PAGE}?topic=phase.closed").content.decode()
    assert "Phase “Cleanup” closed" in page
    assert "is not one of the current options" in ben.get(f"{PAGE}?topic=nothing").content.decode()


def test_an_entry_leads_to_its_place_and_is_read_from_then_on(ben: Client, netra: World) -> None:
    entry = notify(netra, person("ben"))
    address = f"/inbox/{entry.pk}/"

    ben.get(address, headers={"Sec-Purpose": "prefetch;prerender"})
    ben.head(address)
    assert titles(ben) == ["Bring it back"]
    answer = ben.get(address)
    assert answer["Location"] == f"/repositories/netra/commits/{netra.head.sha}/"
    assert titles(ben) == []


def test_nobody_opens_or_marks_the_entries_of_others(ben: Client, ada: Client, netra: World) -> None:
    entry = notify(netra, person("ben"))
    assert ada.get(f"/inbox/{entry.pk}/").status_code == 404
    assert ada.post(f"/inbox/{entry.pk}/read/").status_code == 404
    ada.post("/inbox/read/", {"until": entry.pk})
    assert titles(ben) == ["Bring it back"]


def test_one_is_marked_as_read_and_unread_again(ben: Client, netra: World) -> None:
    entry = notify(netra, person("ben"))
    answer = ben.post(f"/inbox/{entry.pk}/read/", {"repository": "netra", "show": "all"})
    assert answer["Location"] == "/inbox/?repository=netra&show=all"
    assert titles(ben) == []
    ben.post(f"/inbox/{entry.pk}/read/", {"want": "unread"})
    assert titles(ben) == ["Bring it back"]


def test_all_means_those_that_match_and_were_on_the_page(ben: Client, netra: World) -> None:
    other = world("other")
    first = notify(netra, person("ben"), subject="Seen")
    notify(other, person("ben"), subject="Elsewhere")
    page = ben.get(f"{PAGE}?repository=netra").content.decode()
    until = re.search(r'name="until" value="(\d+)"', page)
    notify(netra, person("ben"), subject="Later")

    assert until
    ben.post("/inbox/read/", {"repository": "netra", "until": until[1]})
    assert titles(ben) == ["Later", "Elsewhere"]
    assert InboxEntry.objects.get(pk=first.pk).read_at
    ben.post("/inbox/read/", {})
    assert titles(ben) == ["Later", "Elsewhere"]


def test_pages_follow_each_other_without_gaps(ben: Client, netra: World) -> None:
    for number in range(60):
        notify(netra, person("ben"), subject=f"Number {number}")
    found, query = [], ""
    for _ in range(3):
        found += titles(ben, query)
        page = ben.get(PAGE + query).content.decode()
        link = re.search(r'href="(\?[^"]*)">Next<', page)
        query = link[1].replace("&amp;", "&") if link else ""
    assert found == [f"Number {number}" for number in reversed(range(60))]


def test_a_page_takes_a_fixed_number_of_queries(ben: Client, netra: World, counted: Counted) -> None:
    notify(netra, person("ben"))
    with counted() as few:
        ben.get(PAGE)
    for number in range(20):
        notify(netra, person("ben"), subject=str(number))
    with counted() as many:
        ben.get(PAGE)
    assert len(many) == len(few)


def test_the_csv_file_has_what_the_list_has(ben: Client, netra: World) -> None:
    notify(netra, person("ben"), subject="=cmd()")
    read = notify(netra, person("ben"), subject="Read")
    InboxEntry.objects.filter(pk=read.pk).update(read_at=Now())

    def rows(query: str) -> list[dict[str, str]]:
        answer = ben.get(f"/inbox.csv{query}")
        return list(csv.DictReader(StringIO(answer.getvalue().decode())))

    (row,) = rows("")
    assert (row["repository"], row["topic"], row["reason"]) == ("netra", "regression", "you are a manager")
    assert row["url"].endswith(f"/repositories/netra/commits/{netra.head.sha}/")
    assert row["url"].startswith("http")
    assert len(rows("?show=all")) == 2
    assert ben.get("/inbox.csv?show=some").status_code == 422


def test_an_entry_of_a_topic_that_this_release_lacks_is_shown(ben: Client, netra: World) -> None:
    entry = notify(netra, person("ben"))
    NotificationEvent.objects.update(topic="of.another.release")
    assert "of.another.release" in ben.get(PAGE).content.decode()
    assert ben.get(f"/inbox/{entry.pk}/")["Location"] == PAGE


def badge(client: Client, at: str) -> str:
    """The number in the header of a page, or an empty text."""
    found = re.search(r'<span class="inbox-unread">(.*?)</span>', client.get(at).content.decode())
    return found[1] if found else ""


def test_each_page_shows_the_number_of_unread_entries(ben: Client, netra: World) -> None:
    assert badge(ben, "/repositories/netra/") == ""
    for _ in range(3):
        entry = notify(netra, person("ben"))
    assert badge(ben, "/repositories/netra/") == "3"
    ben.post(f"/inbox/{entry.pk}/read/")
    assert badge(ben, "/account/") == "2"
    event = NotificationEvent.objects.first()
    assert event
    more = [NotificationEvent(topic="regression", key=f"x{n}", happened_at=Now()) for n in range(120)]
    rows = NotificationEvent.objects.bulk_create(more)
    InboxEntry.objects.bulk_create([InboxEntry(person=person("ben"), event=row) for row in rows])
    assert badge(ben, "/account/") == "99+"


def test_an_open_page_is_told_when_an_inbox_changes(ben: Client, ada: Client, netra: World) -> None:
    ada.get("/account/")
    address = re.search(r'hx-get="(/inbox/badge/\?seen=[^"]+)"', ben.get("/account/").content.decode())
    assert address
    assert ben.get(address[1]).status_code == 204

    entry = notify(netra, person("ben"))
    answer = ben.get(address[1], headers={"X-Inbox-Shown": "0.0"})
    assert answer["HX-Trigger"] == "inbox-changed"
    assert '<span class="inbox-unread">1</span>' in answer.content.decode()
    # Somebody else's page gets the new state, but has nothing new to show.
    answer = ada.get(address[1], headers={"X-Inbox-Shown": "0.0"})
    assert (answer.status_code, "HX-Trigger" in answer) == (200, False)
    state = answer["X-Page-State"]
    assert ben.get(f"/inbox/badge/?seen={state}").status_code == 204
    ben.post(f"/inbox/{entry.pk}/read/")
    assert ben.get(f"/inbox/badge/?seen={state}").status_code == 200


def test_the_header_of_visitors_has_no_inbox(client: Client, netra: World) -> None:
    assert "inbox-link" not in client.get("/sign-in/").content.decode()
