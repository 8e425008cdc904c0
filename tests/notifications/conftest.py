"""A real mail server on the loopback, and a repository with readers."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db.models.functions import Now
from pytest_django import Settings

from compliance import jobs, tasks
from compliance.integrations import delivery
from compliance.models import Job, OutboxItem, Subscription
from tests.processes import free_port
from tests.views.cast import World, world

WEDNESDAY = datetime(2030, 5, 15, 12, tzinfo=UTC)
"""A time at which the digest of a week is due."""


@dataclass
class Postbox:
    """What the server accepted; `refuse` maps a recipient to the answer it gets, `hang` holds up mails."""

    accepted: list[EmailMessage] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)
    hang: float = 0.0
    began: int = 0
    port: int = 0

    async def handle_RCPT(  # noqa: N802  (the library calls it so)
        self, _server: Any, _session: Any, envelope: Any, to: str, _options: Any
    ) -> str:
        if to in self.refuse:
            return self.refuse[to]
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.began += 1
        if self.hang:
            await asyncio.sleep(self.hang)
        self.accepted.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    def texts(self) -> list[str]:
        """The plain texts of what was accepted."""
        bodies = (message.get_body(("plain",)) for message in self.accepted)
        return [str(body.get_content()) if body else "" for body in bodies]

    def to(self) -> list[str]:
        """The recipients of what was accepted, sorted."""
        return sorted(str(message["To"]) for message in self.accepted)


def work() -> None:
    """Run all jobs and send all items as a worker does, as if everything that waits were due."""
    Job.objects.filter(state=Job.State.WAITING).update(due_at=Now())
    OutboxItem.objects.filter(state="waiting").update(next_at=Now())
    delivery.resume()
    jobs.work(tasks.KINDS, "test")


def letter(repository: int, key: str, detail: dict[str, Any]) -> OutboxItem:
    """Return an e-mail as earlier releases recorded it, to the address `to` of its detail, not stored."""
    return OutboxItem(
        kind="letter",
        channel=delivery.E_MAIL,
        repository_id=repository,
        target=detail["to"],
        key=key,
        host="127.0.0.1",
        detail=detail,
    )


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    """A server with a thread of its own."""
    box = Postbox(port=free_port())
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    yield box
    controller.stop()


@pytest.fixture
def mail(settings: Settings, postbox: Postbox) -> Postbox:
    """This process sends by that server, as EMAIL_URL would make it."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", postbox.port
    settings.EMAIL_READY = True
    settings.PUBLIC_URL = "https://compliance.example.org"
    return postbox


@pytest.fixture
def netra(transactional_db: None) -> Iterator[World]:
    """The repository of the pages' tests with two readers, Ada and Ben, and Cy, who has no address."""
    cache.clear()
    made = world()
    for name, address in (("ada", "ada@example.org"), ("ben", "ben@example.org"), ("cy", "")):
        person = User.objects.create_user(name, email=address)
        Subscription.objects.create(repository=made.repository, person=person)
    yield made
    cache.clear()
