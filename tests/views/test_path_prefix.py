"""Pages under a path, behind proxies that remove it and behind proxies that do not."""

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest

from compliance.environment import Environment, host_of, local_host_of, path_prefix
from tests.processes import ROOT, free_port, manage, wait

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def fetch(port: int, path: str) -> tuple[int, str, str]:
    """The status, the place of a redirect, and the body."""
    request = Request(f"http://127.0.0.1:{port}{path}", headers={"Host": "tools.example.org"})
    try:
        with build_opener(_NoRedirect).open(request, timeout=10) as answer:
            return answer.status, "", answer.read().decode()
    except HTTPError as error:
        return error.code, error.headers.get("Location", ""), error.read().decode()


@pytest.mark.parametrize(
    "variables",
    [
        {"PUBLIC_URL": "https://tools.example.org/ssot"},
        {"SCRIPT_NAME": "/ssot"},
        {"SCRIPT_NAME": "/ssot", "PUBLIC_URL": "https://tools.example.org/ssot/"},
    ],
)
def test_every_address_has_the_prefix(
    process_environment: dict[str, str], tmp_path: Path, variables: dict[str, str]
) -> None:
    port = free_port()
    environment = {**process_environment, **variables, "ALLOWED_HOSTS": "tools.example.org"}
    environment |= {"ANONYMOUS_READING": "1", "DATA_DIR": str(tmp_path / "var")}
    arguments = ["gunicorn", "compliance.wsgi", "--bind", f"127.0.0.1:{port}", "--no-control-socket"]
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", *arguments], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        wait(lambda: _answers(port))
        for passed_on in ("/ssot", ""):  # by proxies that pass the path on, and that remove it
            status, place, _ = fetch(port, f"{passed_on}/account/")
            assert (status, place) == (302, "/ssot/sign-in/?next=/ssot/account/")
            _, _, page = fetch(port, f"{passed_on}/sign-in/")
            addresses = re.findall(r'(?:href|src|action)="(/[^"]*)"', page)
            assert addresses
            assert all(address.startswith("/ssot/") for address in addresses), addresses
            style = next(address for address in addresses if "theme.css" in address)
            assert fetch(port, passed_on + style.removeprefix("/ssot"))[0] == 200
            assert "/ssot/" in fetch(port, f"{passed_on}/nowhere/")[2]
            assert fetch(port, f"{passed_on}/livez")[0] == 200
    finally:
        server.terminate()
        server.wait()


def _answers(port: int) -> bool:
    try:
        return fetch(port, "/healthz")[0] == 200
    except OSError:
        return False


def test_addresses_of_webhooks_and_mails_have_the_prefix_once(
    process_environment: dict[str, str], tmp_path: Path
) -> None:
    question = (
        "from django.urls import reverse; from compliance.lib.addresses import public_address;"
        "print(public_address(reverse('webhook', args=['github', 'shop'])))"
    )
    environment = {**process_environment, "DATA_DIR": str(tmp_path / "var")}
    environment["PUBLIC_URL"] = "https://tools.example.org/ssot"
    done = manage(environment, "shell", "--no-imports", "-c", question)
    assert done.stdout.strip() == "https://tools.example.org/ssot/webhooks/github/shop/", done.stderr


@pytest.mark.parametrize(
    ("script_name", "public_url", "prefix"),
    [
        (None, None, ""),
        (None, "https://tools.example.org", ""),
        (None, "https://tools.example.org/a/b/", "/a/b"),
        ("/", "https://tools.example.org/a", ""),
        ("/ssot/", None, "/ssot"),
    ],
)
def test_where_the_prefix_comes_from(script_name: str | None, public_url: str | None, prefix: str) -> None:
    assert path_prefix(Environment(script_name=script_name, public_url=public_url)) == prefix  # type: ignore[call-arg]


@pytest.mark.parametrize("wrong", ["ssot", "/a b", "/<x>", "//"])
def test_a_wrong_prefix_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="must be a path such as /ssot"):
        Environment(script_name=wrong)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("bind", "host"), [("::1", "[::1]"), ("[::1]", "[::1]"), ("127.0.0.1", "127.0.0.1"), ("::", "[::]")]
)
def test_ipv6_addresses_are_written_in_brackets(bind: str, host: str) -> None:
    assert "BIND" not in os.environ
    assert host_of(Environment(bind=bind).bind) == host  # type: ignore[call-arg]
    assert local_host_of(bind.strip("[]")) == host.replace("[::]", "[::1]")


def test_a_server_on_all_addresses_is_reached_at_the_loopback_one() -> None:
    assert local_host_of("0.0.0.0") == "127.0.0.1"
