"""Connections: what the database guarantees, what the audit trail keeps, and slugs that nobody has twice."""

from pathlib import Path

import pytest
from django.apps import apps
from django.conf import LazySettings
from django.db import IntegrityError, connection

from compliance import scans
from compliance.accounts.installation_key import encrypt_again
from compliance.models import Attachment, Connection, Repository
from tests.scanner.history import write_history
from tests.scans.upstream import HISTORY

pytestmark = pytest.mark.django_db(transaction=True)


def connected(slug: str, provider: str = "github") -> Connection:
    return Connection.objects.create(
        slug=slug,
        name=slug.title(),
        provider=provider,
        api_url="https://api.example.org",
        token="t0ken",
        private_key="k3y",
        webhook_secret="hush",
    )


def attach(repository: Repository, found: Connection, kind: Attachment.Kind) -> Attachment:
    return Attachment.objects.create(repository=repository, connection=found, kind=kind)


def test_a_repository_has_at_most_one_forge_and_any_number_of_trackers() -> None:
    shop = Repository.objects.create(slug="shop", name="Shop", url="/srv/shop.git")
    attach(shop, connected("forge"), Attachment.Kind.FORGE)
    attach(shop, connected("jira", "jira"), Attachment.Kind.TRACKER)
    attach(shop, connected("linear", "linear"), Attachment.Kind.TRACKER)
    with pytest.raises(IntegrityError, match="one_forge_per_repository"):
        attach(shop, connected("other"), Attachment.Kind.FORGE)
    with pytest.raises(IntegrityError, match="connections_attach_once"):
        attach(shop, Connection.objects.get(slug="jira"), Attachment.Kind.TRACKER)
    assert {found.slug for found in shop.connections.all()} == {"forge", "jira", "linear"}


def test_credentials_are_stored_encrypted_and_never_in_the_audit_trail(settings: LazySettings) -> None:
    made = connected("forge")
    made.name = "The forge"
    made.save()
    events = apps.get_model("compliance", "ConnectionEvent").objects
    assert [event.pgh_label for event in events.order_by("pgh_id")] == ["insert", "update"]
    with connection.cursor() as cursor:
        for table in ("compliance_connection", "compliance_connectionevent"):
            cursor.execute(f"SELECT {table}::text FROM {table}")
            rows = " ".join(row for (row,) in cursor.fetchall())
            assert "The forge" in rows
            assert not [secret for secret in ("t0ken", "k3y", "hush") if secret in rows]

    former = settings.SECRET_KEY
    settings.SECRET_KEY = "another key of more than thirty-two characters"
    settings.SECRET_KEY_FALLBACKS = [former]
    assert encrypt_again() == (1, 0)
    settings.SECRET_KEY_FALLBACKS = []
    again = Connection.objects.get()
    assert (again.token, again.private_key, again.webhook_secret) == ("t0ken", "k3y", "hush")
    assert events.count() == 2, "encrypting again isn't a change that somebody made"


def test_a_repository_never_gets_a_connection_s_slug(tmp_path: Path) -> None:
    write_history(tmp_path / "shop.git", HISTORY)
    connected("shop")
    assert scans.track(str(tmp_path / "shop.git")).slug == "shop-2"
    Repository.objects.all().delete()
    with pytest.raises(scans.TroubleError, match="The slug 'shop' belongs to a connection"):
        scans.track(str(tmp_path / "shop.git"), slug="shop")
    assert scans.track(str(tmp_path / "shop.git"), slug="store").slug == "store"
