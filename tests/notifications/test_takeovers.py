"""Whoever had claimed a file is told that somebody else has the claim."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User

from compliance.accounts.roles import Role
from compliance.models import Claim
from compliance.work import claims
from tests.notifications.conftest import Postbox, work
from tests.notifications.news import emitted, inbox
from tests.scanner.history import write_history
from tests.scans.factories import age, file, person
from tests.scans.upstream import HISTORY, tracked

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def two(tmp_path: Path) -> tuple[User, User]:
    """Ada and Ben, who may claim app/b.py and app/home.py."""
    write_history(tmp_path / "r.git", HISTORY)
    tracked(tmp_path / "r.git")
    return person("ada"), person("ben")


def test_an_accepted_offer_is_told_to_the_former_holder(mail: Postbox, two: tuple[User, User]) -> None:
    ada, ben = two
    (row,) = claims.claim([file("app/b.py")], ada)
    claims.offer(row, ada, ben)
    work()
    assert not mail.accepted
    claims.accept(row, ben)
    work()
    work()
    (letter,) = mail.accepted
    assert letter["To"] == "ada@example.org"
    assert letter["Subject"] == "ben took over the offered claim on app/b.py in r"
    assert "Sent because you had claimed the file." in letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert inbox() == [("ada", "claim.taken")]


def test_files_that_are_claimed_after_claims_have_expired_are_one_message(
    mail: Postbox, two: tuple[User, User]
) -> None:
    ada, ben = two
    files = [file("app/b.py"), file("app/home.py")]
    for row in claims.claim(files, ada):
        age(row, 15)
    claims.expire()
    claims.claim(files, ben)
    claims.claim(files, ben)
    work()
    (letter,) = mail.accepted
    assert letter["Subject"] == "2 claims changed hands in r"
    assert len(emitted("claim.taken")) == 2


def test_a_manager_who_releases_a_claim_is_reported(mail: Postbox, two: tuple[User, User]) -> None:
    ada, _ = two
    (row,) = claims.claim([file("app/b.py")], ada)
    claims.release(row, person("mia", Role.MANAGER))
    claims.release(row, User.objects.get(username="mia"))
    work()
    assert [letter["Subject"] for letter in mail.accepted] == ["mia released the claim on app/b.py in r"]


def test_nobody_is_told_of_what_they_did(mail: Postbox, two: tuple[User, User]) -> None:
    ada, ben = two
    (row,) = claims.claim([file("app/b.py")], ada)
    claims.release(row, ada)
    claims.claim([file("app/b.py")], ben)
    (row,) = Claim.objects.filter(state="active")
    age(row, 15)
    claims.expire()
    claims.claim([file("app/b.py")], ben)
    work()
    assert not emitted("claim.taken")
    assert not mail.accepted


def test_a_claim_that_expired_long_ago_is_forgotten(two: tuple[User, User]) -> None:
    ada, ben = two
    (row,) = claims.claim([file("app/b.py")], ada)
    age(row, 60)
    claims.expire()
    Claim.objects.update(ended_at=row.created_at - claims.REMIND_BEFORE * 20)
    claims.claim([file("app/b.py")], ben)
    assert not emitted("claim.taken")
