"""Claims live by commits: real pushes renew, complete, move and end them, and one of many at once wins."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from compliance import scans
from compliance.accounts.roles import Role
from compliance.models import Claim, File, NotificationEvent, Repository
from compliance.work.claims import (
    ClaimError,
    TakenError,
    accept,
    claim,
    decline,
    expire,
    extend,
    offer,
    release,
    remind,
)
from tests.scans.factories import age, file, person
from tests.scans.upstream import NEW, OLD, PLAN, again, push, status, tracked
from tests.scans.verify import run_jobs
from tests.work.factories import recipients

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

DAY = timedelta(days=1)


@pytest.fixture
def repository(folder: Path) -> Repository:
    """`app/a.py` is migrated; `app/b.py` and, by a push, `app/d.py` are open."""
    made = tracked(folder)
    push(folder, "Use it once more", app__d=OLD)
    return again(made)


def state(row: Claim) -> str:
    return Claim.objects.get(pk=row.pk).state


def test_a_claim_lasts_as_long_as_the_repository_says(repository: Repository) -> None:
    (made,) = claim([file("app/b.py")], person("ben"))

    assert timedelta(days=13.9) < made.until - timezone.now() <= timedelta(days=14)
    assert status("app/b.py") == "claimed"


def test_claiming_again_changes_nothing(repository: Repository) -> None:
    ben = person("ben")

    assert claim([file("app/b.py")], ben) == claim([file("app/b.py")], ben)


def test_several_files_are_claimed_all_or_none(repository: Repository) -> None:
    claim([file("app/b.py")], person("ben"))

    with pytest.raises(TakenError, match=r"app/b\.py \(ben\)") as refused:
        claim([file("app/d.py"), file("app/b.py")], person("cy"))

    assert refused.value.holders == {"app/b.py": "ben"}
    assert status("app/d.py") == "open"
    assert Claim.objects.count() == 1


def test_a_file_with_nothing_to_do_cannot_be_claimed(repository: Repository) -> None:
    with pytest.raises(ClaimError, match=r"No violations to fix in app/a\.py"):
        claim([file("app/a.py")], person("ben"))


def test_the_limit_of_claims_per_person_holds(repository: Repository) -> None:
    Repository.objects.update(claim_limit=1)
    ben = person("ben")
    claim([file("app/b.py")], ben)

    with pytest.raises(ClaimError, match="2 claims, and this repository allows 1"):
        claim([file("app/d.py")], ben)


def test_of_fifty_concurrent_claims_one_succeeds(repository: Repository) -> None:
    people = [person(f"p{number}") for number in range(50)]
    wanted, together = file("app/b.py"), Barrier(10)

    def ask(one: User) -> str:
        try:
            together.wait(5)
            claim([wanted], one)
        except TakenError as taken:
            return taken.holders["app/b.py"]
        else:
            return "won"
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(ask, people))

    winner = people[answers.index("won")].username
    assert sorted(answers) == sorted(["won", *[winner] * 49])
    assert Claim.objects.get().person.username == winner


def test_two_who_want_the_same_files_in_another_order_do_not_lock_each_other_out(
    repository: Repository,
) -> None:
    pair, both = [file("app/b.py"), file("app/d.py")], Barrier(2)

    def ask(one: User, files: list[File]) -> bool:
        try:
            both.wait(5)
            claim(files, one)
        except TakenError:
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(ask, [person("ben"), person("cy")], [pair, pair[::-1]]))

    assert sorted(answers) == [False, True]
    assert Claim.objects.count() == 2


def test_only_the_owner_or_a_manager_can_release_a_claim(repository: Repository) -> None:
    (row,) = claim([file("app/b.py")], person("ben"))

    with pytest.raises(PermissionDenied, match="claimed by ben"):
        release(row, person("cy"))
    release(row, person("mia", Role.MANAGER))

    assert state(row) == "released"
    assert status("app/b.py") == "open"


def test_an_extended_claim_runs_the_whole_time_from_now(repository: Repository) -> None:
    ben = person("ben")
    (row,) = claim([file("app/b.py")], ben)
    age(row, 10)

    extend(row, ben)

    assert Claim.objects.get().until - timezone.now() > timedelta(days=13.9)
    with pytest.raises(PermissionDenied, match="not by you"):
        extend(row, person("cy"))


def test_a_claim_goes_to_another_only_when_they_accept(repository: Repository) -> None:
    ben, cy = person("ben"), person("cy")
    (row,) = claim([file("app/b.py")], ben)

    with pytest.raises(ClaimError, match="offered to you"):
        accept(row, cy)
    offer(row, ben, cy)
    taken = accept(Claim.objects.get(pk=row.pk), cy)

    assert (state(row), taken.person, state(taken)) == ("released", cy, "active")
    assert status("app/b.py") == "claimed"


def test_an_offer_can_be_declined_and_goes_to_engineers_alone(repository: Repository) -> None:
    ben, cy, vic = person("ben"), person("cy"), person("vic", Role.VIEWER)
    (row,) = claim([file("app/b.py")], ben)
    with pytest.raises(ClaimError, match="Choose another engineer"):
        offer(row, ben, vic)

    offer(row, ben, cy)
    decline(Claim.objects.get(pk=row.pk), cy)

    with pytest.raises(ClaimError, match="no longer offered to you"):
        accept(Claim.objects.get(pk=row.pk), cy)
    assert state(row) == "active"


def test_an_expired_claim_can_be_taken_over(repository: Repository) -> None:
    (row,) = claim([file("app/b.py")], person("ben"))
    age(row, 15)

    (taken,) = claim([file("app/b.py")], person("cy"))

    assert (state(row), taken.person.username) == ("expired", "cy")


def test_an_idle_claim_expires(repository: Repository) -> None:
    (row,) = claim([file("app/b.py")], person("ben"))
    assert expire() == 0
    age(row, 15)

    assert expire() == 1
    assert (state(row), status("app/b.py")) == ("expired", "open")


def test_a_person_is_reminded_once_before_the_end(repository: Repository) -> None:
    (row,) = claim([file("app/b.py")], person("ben"))
    assert remind() == 0
    age(row, 13)

    assert (remind(), remind()) == (1, 0)
    run_jobs()
    assert recipients("claim.expiring") == ["ben"]


def test_an_extended_claim_is_reminded_of_again(repository: Repository) -> None:
    ben = person("ben")
    (row,) = claim([file("app/b.py")], ben)
    age(row, 13)
    assert remind() == 1

    extend(row, ben)
    assert remind() == 0
    row.refresh_from_db()
    age(row, 12.5)

    assert (remind(), remind()) == (1, 0)
    run_jobs()
    assert recipients("claim.expiring") == ["ben"], "one e-mail for both ends"
    assert NotificationEvent.objects.filter(topic="claim.expiring").count() == 2


def test_an_offer_cannot_be_accepted_over_the_limit(repository: Repository) -> None:
    Repository.objects.update(claim_limit=1)
    ben, cy = person("ben"), person("cy")
    (row,) = claim([file("app/b.py")], ben)
    (own,) = claim([file("app/d.py")], cy)
    offer(row, ben, cy)

    with pytest.raises(ClaimError, match="2 claims, and this repository allows 1"):
        accept(Claim.objects.get(pk=row.pk), cy)

    assert state(row) == "active"
    release(own, cy)
    assert accept(Claim.objects.get(pk=row.pk), cy).person == cy


def test_a_commit_of_the_claimant_that_touches_the_file_renews_the_claim(
    repository: Repository, folder: Path
) -> None:
    (row,) = claim([file("app/b.py")], person("ben"))
    age(row, 10)

    push(folder, "Say why", by="Cy <cy@example.org>", app__b=f"# Cy was here\n{OLD}")
    again(repository)
    assert Claim.objects.get().until - timezone.now() < 5 * DAY
    push(folder, "Begin", by="Ben <Ben@Example.org>", app__b=f"# soon\n{OLD}")
    head = again(repository).head

    now = Claim.objects.get(pk=row.pk)
    assert now.until - timezone.now() > timedelta(days=13.9)
    assert (now.state, now.renewed_by) == ("active", head)


def test_the_mailmap_says_whose_commit_it_is(repository: Repository, folder: Path) -> None:
    (row,) = claim([file("app/b.py")], person("ben"))
    age(row, 10)

    push(folder, "Map", **{".mailmap": "Ben <ben@example.org> <ben@laptop.example>\n"})
    push(folder, "Begin", by="Ben <ben@laptop.example>", app__b=f"# soon\n{OLD}")
    again(repository)

    assert Claim.objects.get().until - timezone.now() > timedelta(days=13.9)


def test_a_file_that_reaches_zero_completes_the_claim(repository: Repository, folder: Path) -> None:
    (row,) = claim([file("app/b.py")], person("ben"))

    push(folder, "Make it", by="Ben <ben@example.org>", app__b=NEW)
    head = again(repository).head

    now = Claim.objects.get(pk=row.pk)
    assert (now.state, now.completed_by, status("app/b.py")) == ("completed", head, "migrated")


def test_a_regression_tells_the_last_migrator_and_the_author(repository: Repository, folder: Path) -> None:
    claim([file("app/b.py")], person("ben"))
    push(folder, "Make it", by="Ben <ben@example.org>", app__b=NEW)
    again(repository)

    push(folder, "Take it back", by="Cy <cy@example.org>", app__b=OLD)
    again(repository)

    assert recipients("regression") == ["ben", "cy@example.org"]
    assert status("app/b.py") == "regressed"
    assert claim([file("app/b.py")], User.objects.get(username="ben"))


def test_a_renamed_file_keeps_its_claim(repository: Repository, folder: Path) -> None:
    (row,) = claim([file("app/b.py")], person("ben"))

    push(folder, "Rename", app__b=None, app__bee=OLD)
    again(repository)

    now = Claim.objects.select_related("file").get(pk=row.pk)
    assert (now.file.path, now.state, now.file.status) == ("app/bee.py", "active", "claimed")


def test_a_deleted_file_ends_its_claim(repository: Repository, folder: Path) -> None:
    (row,) = claim([file("app/b.py")], person("ben"))

    push(folder, "Delete", app__b=None)
    again(repository)

    assert state(row) == "released"


def test_commits_that_come_with_another_plan_count_for_claims_too(folder: Path) -> None:
    push(folder, "Plan", **{"ssot-plan.yaml": PLAN})
    repository = tracked(folder, plan=None)
    push(folder, "Use it more", app__d=OLD, app__e=OLD)
    again(repository)
    of = {row.file.path: row for row in claim([file(f"app/{n}.py") for n in "bde"], person("ben"))}
    for row in of.values():
        age(row, 10)

    push(folder, "Make it", by="Ben <ben@example.org>", app__b=f"# half\n{NEW}{OLD}")
    done = push(folder, "Make it all", by="Ben <ben@example.org>", app__b=NEW)
    push(folder, "Say why", by="Cy <cy@example.org>", app__b=f"# Cy was here\n{NEW}", app__e=None)
    began = push(folder, "Begin", by="Ben <ben@example.org>", app__d=f"# soon\n{OLD}")
    push(folder, "Other plan", **{"ssot-plan.yaml": PLAN.replace("call: high", "call: low")})
    again(repository)

    assert repository.plan is not None
    assert repository.plan.number == 2
    b, d, e = (
        Claim.objects.select_related("completed_by", "renewed_by").get(pk=of[f"app/{n}.py"].pk) for n in "bde"
    )
    assert b.completed_by is not None
    assert (b.state, b.completed_by.sha) == ("completed", done)
    assert d.renewed_by is not None
    assert (d.state, d.renewed_by.sha) == ("active", began)
    assert d.until - timezone.now() > timedelta(days=13.9)
    assert e.state == "released"


def test_a_regression_that_arrives_with_a_new_plan_is_announced(folder: Path) -> None:
    push(folder, "Plan", **{"ssot-plan.yaml": PLAN})
    repository = tracked(folder, plan=None)
    claim([file("app/b.py")], person("ben"))
    push(folder, "Make it", by="Ben <ben@example.org>", app__b=NEW)
    again(repository)

    push(folder, "Take it back", by="Cy <cy@example.org>", app__b=OLD)
    push(folder, "Other plan", **{"ssot-plan.yaml": PLAN.replace("call: high", "call: low")})
    again(repository)

    assert recipients("regression") == ["ben", "cy@example.org"]


def test_a_rollback_announces_missed_regressions_once(folder: Path) -> None:
    repository = tracked(folder)
    (row,) = claim([file("app/b.py")], person("ben"))
    scans.track(repository.url, slug="r", plan=PLAN.replace("call: high", "call: low"))
    run_jobs()
    age(row, 10)
    scans.track(repository.url, slug="r", plan=PLAN)
    run_jobs()
    assert Claim.objects.get().until - timezone.now() < 5 * DAY

    began = push(folder, "Begin", by="Ben <ben@example.org>", app__b=f"# soon\n{OLD}")
    scans.track(repository.url, slug="r", plan=PLAN.replace("call: high", "call: low"))
    run_jobs()

    now = Claim.objects.select_related("renewed_by").get()
    assert now.renewed_by is not None
    assert now.renewed_by.sha == began
