"""The forge as a process, and the person whom it vouches for."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.embedded.conftest import wait_until
from tests.processes import ROOT, free_port


class Provider:
    """The forge's address, and the claims for the next sign-in."""

    def __init__(self, folder: Path) -> None:
        self.port, self.file = free_port(), folder / "person.json"
        self.address = f"http://127.0.0.1:{self.port}"

    def vouch_for(
        self, claims: dict[str, Any], user: Any = None, emails: Any = None, userinfo: Any = None
    ) -> None:
        """Say this from now on."""
        said = {"claims": claims, "user": user, "emails": emails, "userinfo": userinfo}
        self.file.write_text(json.dumps(said))

    def answers(self) -> bool:
        """Whether it listens already."""
        try:
            return requests.get(f"{self.address}/oauth/discovery/keys", timeout=5).ok
        except requests.RequestException:
            return False


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    """The forge, running."""
    made = Provider(tmp_path)
    process = subprocess.Popen([sys.executable, ROOT / "tests/accounts/forge.py", str(made.port), made.file])
    assert wait_until(made.answers, 60)
    yield made
    process.kill()
    process.wait()


def walk(server: str, key: str, name: str, browser: requests.Session | None = None) -> requests.Response:
    """From the button of the sign-in page to the page at which one ends."""
    session = browser or requests.Session()
    page = session.get(f"{server}/sign-in/", timeout=30).text
    assert f"Sign in with {name}" in page
    token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[-1]
    sent = session.post(
        f"{server}/sign-in/with/{key}/", data={"csrfmiddlewaretoken": token, "next": "/?all=1"}, timeout=30
    )
    return session.get(sent.headers["Refresh"].removeprefix("0; url="), timeout=30)
