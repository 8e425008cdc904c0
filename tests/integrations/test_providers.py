"""All providers: how they are found, and what every one of them keeps to."""

from collections.abc import Iterable

import pytest

from compliance.integrations import proofs
from compliance.integrations.deliveries import store
from compliance.integrations.forges import PROVIDERS as FORGES
from compliance.integrations.provider import Event, Push, Signed
from compliance.integrations.trackers import PROVIDERS as TRACKERS
from compliance.models import Delivery, Job, Repository

EVERY = sorted({**FORGES, **TRACKERS}.items())


def test_no_forge_has_the_address_of_a_tracker() -> None:
    assert not set(FORGES) & set(TRACKERS)
    assert "github" in FORGES


@pytest.mark.parametrize(("name", "provider"), EVERY)
@pytest.mark.parametrize("secrets", [(), ("",), ("a secret", "")])
def test_nothing_is_verified_without_a_proof(name: str, provider: object, secrets: tuple[str, ...]) -> None:
    source = {**FORGES, **TRACKERS}[name]
    assert not source.verify(Signed({}, {}, b"{}"), secrets)
    assert source.LABEL
    assert source.INSTRUCTIONS.endswith(".")


def test_an_empty_secret_signs_nothing() -> None:
    assert not proofs.is_signed(proofs.sign(b"{}", b"").hex(), b"{}", ("",))
    assert proofs.is_signed(proofs.sign(b"{}", b"a").hex(), b"{}", ("b", "a"))


def test_a_digest_tells_the_same_delivery_from_another() -> None:
    assert proofs.digest("push", b"{}") == proofs.digest("push", b"{}")
    assert (
        len({proofs.digest("push", b"{}"), proofs.digest("push", b"{ }"), proofs.digest("pus", b"h{}")}) == 3
    )


def told(repository: Repository, branches: Iterable[str]) -> Delivery:
    """A stored delivery that reports several branches."""
    row = Delivery(repository=repository, source="github", delivery_id="1", event="push")
    store(row, Event("push", pushes=tuple(Push(branch, "1" * 40) for branch in branches)))
    return row


@pytest.mark.django_db
def test_several_branches_in_one_delivery_make_one_job() -> None:
    repository = Repository.objects.create(slug="shop", name="Shop", url="/srv/shop.git", branch="main")
    row = told(repository, ["a", "main", *(f"b{number}" for number in range(9))])
    assert row.job == Job.objects.get()
    assert "The branch main is now at 1111111111: queued job" in row.outcome
    assert "The branch b3 is not tracked" in row.outcome
    assert row.outcome.endswith("5 other branches are not tracked either.")
    repository.refresh_from_db()
    assert repository.hooked_at is not None


@pytest.mark.django_db
def test_branches_that_are_not_tracked_make_no_job() -> None:
    repository = Repository.objects.create(slug="shop", name="Shop", url="/srv/shop.git", branch="main")
    assert told(repository, ["a", "b"]).job is None
    repository.refresh_from_db()
    assert repository.hooked_at is None
