"""However much there is, an operation that reads asks the database a fixed number of things."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from compliance.accounts import public_links
from compliance.models import Approval, Claim, Delivery, Job, Measurement, Phase, PlanVersion, Waiver
from compliance.work import notes
from tests.api.factories import ask, furnish
from tests.views.furnished import Furnished, somebody
from tests.views.permissions import calls

pytestmark = pytest.mark.slow

READS = [rule for rule in calls() if rule.method == "GET"]
MOST = 16
MOST_OF = {"work_show": 18}
"""What is offered first needs the claims, the owners, the patches and the phases."""


def crowd(world: Furnished, person: User) -> None:
    """A dozen more of everything that is listed, each by somebody and at some commit."""
    netra, repository = world.netra, world.netra.repository
    phase = Phase.objects.filter(issue__repository=repository)[0]
    in_a_week = timezone.now() + timedelta(days=7)
    for number in range(12):
        made = netra.commit(f"Commit {number}", fix=1, breaks=(netra.files[number + 20],))
        notes.write(made, person, f"Note {number}")
        public_links.make(repository, person, name=f"Link {number}")
        Approval.objects.create(phase=phase, commit=made, person=person, role="manager", withdrawn_by=person)
        Job.objects.create(repository=repository, kind="poll", key=str(number), state="done", person=person)
        Delivery.objects.create(repository=repository, source="github", delivery_id=str(number), event="push")
        Measurement.objects.create(repository=repository, sha=made.sha, commit=made, name="ms", value=number)
        Waiver.objects.create(repository=repository, glob=f"y{number}/**", reason="Old", person=person)
        PlanVersion.objects.create(
            repository=repository, number=number + 2, digest=str(number), target_percent=90, author=person
        )
        for state in ("completed", "active"):
            Claim.objects.create(
                file=netra.files[number + 20],
                person=person,
                state=state,
                until=in_a_week,
                completed_by=made,
                renewed_by=made,
            )


def asked(client: Client, person: User, *, crowded: bool) -> dict[str, int]:
    """Operation -> queries, in a small world or in a crowded one, of which nothing stays."""
    before = transaction.savepoint()
    world, places, sent = furnish(person, files=80 if crowded else 40)
    if crowded:
        crowd(world, person)
    counted = {}
    for rule in READS:
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            assert ask(client, rule, world, places, sent) == 200, rule
        counted[rule.name] = len(queries) - 2  # the savepoint of the test itself, and the way back
    transaction.savepoint_rollback(before)
    return counted


@pytest.mark.django_db
def test_the_number_of_queries_is_fixed() -> None:
    client, person = Client(), somebody("administrator")
    client.force_login(person)

    few, many = (asked(client, person, crowded=crowded) for crowded in (False, True))

    more = {name: (few[name], many[name]) for name in few if few[name] != many[name]}
    assert more == {}
    assert {name: number for name, number in many.items() if number > MOST_OF.get(name, MOST)} == {}
