"""A small repository, reached as a folder, over https and over ssh."""

from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from scanner import permit_networks
from tests.adding.sshd import SshServer, ssh_server
from tests.scanner.git.tls import Forge, forge
from tests.scanner.history import write_history
from tests.scans.upstream import HISTORY


@pytest.fixture(autouse=True)
def _fresh_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_history(tmp_path / "git" / "r.git", HISTORY)
    return tmp_path / "git" / "r.git"


@pytest.fixture
def permitted_folder(folder: Path, settings: Any) -> Path:
    """The repository in a folder that the setting permits."""
    settings.REPOSITORY_FOLDERS = [str(folder.parent)]
    return folder


@pytest.fixture
def loopback() -> Iterator[None]:
    """Loopback counts as a permitted network, as OUTGOING_ALLOW would permit it."""
    permit_networks([ip_network("127.0.0.0/8"), ip_network("::1/128")])
    yield
    permit_networks([])


@pytest.fixture
def served(folder: Path, tmp_path: Path, loopback: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Forge]:
    with forge(folder.parent, tmp_path / "certificate.pem") as running:
        monkeypatch.setenv("GIT_SSL_CAINFO", str(tmp_path / "certificate.pem"))
        yield running


@pytest.fixture
def sshd(tmp_path: Path, loopback: None) -> Iterator[SshServer]:
    with ssh_server(tmp_path / "sshd") as server:
        yield server


@pytest.fixture
def ada(transactional_db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_user("ada", is_staff=True))
    return client
