"""Sends a forge's deliveries over HTTP."""

import json
from http.client import HTTPConnection
from itertools import count
from urllib.parse import urlsplit

from pytest_django.live_server_helper import LiveServer

from compliance.models import Repository
from tests.integrations.senders import Forge, Sent

_deliveries = count()


class Line:
    """Sends a forge's deliveries for a repository over HTTP."""

    def __init__(self, server: LiveServer, forge: Forge, repository: Repository) -> None:
        self.address, self.forge, self.repository = urlsplit(server.url), forge, repository

    def send(self, sent: Sent, delivery: str = "") -> tuple[int, str]:
        """Post a delivery; its status and its message."""
        body = json.dumps(sent.payload).encode()
        secret = self.repository.webhook_secret
        own = self.forge.headers(sent, delivery or f"delivery-{next(_deliveries)}", body, secret)
        connection = HTTPConnection(self.address.hostname or "", self.address.port, timeout=60)
        path = f"/webhooks/{self.forge.NAME}/{self.repository.slug}/"
        connection.request("POST", path, body, {"Content-Type": "application/json", **own})
        answer = connection.getresponse()
        told = json.loads(answer.read())["message"]
        connection.close()
        return answer.status, told
