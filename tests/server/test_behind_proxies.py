"""Behind a proxy with TLS under a path, over IPv4 and IPv6, each client has the address that it has."""

import re
import shutil
import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager
from email.message import Message
from http.client import HTTPSConnection
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User

from tests.processes import ROOT, Start, answers, free_port, manage, wait
from tests.scanner.git.tls import certify
from tests.server import proxies

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

Proxy = Callable[[Path, int, int, str, Path], AbstractContextManager[None]]
PASSWORD = "a long and right one"


def available() -> list[Proxy]:
    """Return the proxies that are installed here, and always the small one."""
    has_nginx = shutil.which("nginx") or Path("/usr/sbin/nginx").exists()
    found: list[Proxy] = [proxies.nginx] if has_nginx else []
    return [*found, *([proxies.caddy] if shutil.which("caddy") else []), proxies.small]


class Browser:
    """A client with an address of its own, which keeps cookies."""

    def __init__(self, port: int, source: str = "127.0.0.1") -> None:
        self.host = "::1" if ":" in source else "127.0.0.1"
        self.port, self.source, self.cookies = port, source, SimpleCookie()

    def ask(self, path: str, form: dict[str, str] | None = None, **headers: str) -> tuple[int, Message, str]:
        """Return the status, the headers and the text."""
        context = ssl._create_unverified_context()
        connection = HTTPSConnection(self.host, self.port, source_address=(self.source, 0), context=context)
        address = f"[{self.host}]" if ":" in self.host else self.host
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent |= {"Host": f"{address}:{self.port}", "Referer": f"https://{address}:{self.port}{path}"}
        sent |= {"Cookie": "; ".join(f"{name}={value.value}" for name, value in self.cookies.items())}
        body = None if form is None else urlencode(form)
        if body:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request("GET" if body is None else "POST", path, body, sent)
        answer = connection.getresponse()
        for line in answer.headers.get_all("Set-Cookie") or ():
            self.cookies.load(line)
        return answer.status, answer.headers, answer.read().decode()

    def sign_in(self, password: str, **headers: str) -> int:
        """Return the status of the response to the form."""
        _, _, page = self.ask("/ssot/sign-in/", None, **headers)
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert found, page[:500]
        form = {"username": "admin", "password": password, "csrfmiddlewaretoken": found[1]}
        return self.ask("/ssot/sign-in/", form, **headers)[0]


@pytest.mark.parametrize("proxy", available(), ids=lambda proxy: proxy.__name__)
@pytest.mark.parametrize("bind", ["127.0.0.1", "::1"])
def test_each_client_has_its_own_address(
    proxy: Proxy, bind: str, process_environment: dict[str, str], start: Start, tmp_path: Path
) -> None:
    certificate, folder = tmp_path / "tls.pem", tmp_path / "proxy"
    folder.mkdir()
    certify(certificate)
    User.objects.create_superuser("admin", password=PASSWORD)
    port, plain, inner = free_port(), free_port(), free_port()
    backend = f"http://[::1]:{inner}" if bind == "::1" else f"http://127.0.0.1:{inner}"
    environment = {
        **process_environment,
        "HTTPS": "1",
        "PUBLIC_URL": f"https://localhost:{port}/ssot",
        "ALLOWED_HOSTS": "127.0.0.1,localhost,[::1]",
        "TRUSTED_PROXIES": "127.0.0.1,::1",
    }
    start(environment, "web", port=inner, bind=bind)
    wait(lambda: answers(backend))
    with proxy(folder, port, plain, backend, certificate):
        _check_pages(Browser(port, "127.0.0.2"), port)
        _check_addresses(port)


def _check_pages(browser: Browser, port: int) -> None:
    status, headers, _ = browser.ask("/ssot/")
    assert status == 302
    assert headers["Location"].startswith("/ssot/sign-in/")
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    status, _, page = browser.ask("/ssot/sign-in/")
    assert status == 200
    assert browser.cookies["csrftoken"]["secure"]
    assert browser.cookies["csrftoken"]["path"] == "/ssot/"
    styles = re.findall(r'href="(/ssot/static/[^"]+\.css)"', page)
    assert styles
    assert all(browser.ask(style)[0] == 200 for style in styles)
    assert browser.ask("/ssot/livez")[0] == 200
    assert browser.ask("/ssot/metrics")[0] == 403
    assert browser.ask("/ssot/metrics", Forwarded="for=127.0.0.1", X_Forwarded_For="127.0.0.1")[0] == 403


def _check_addresses(port: int) -> None:
    """Ten wrong passwords lock one client only, whatever it claims, and the audit has its address."""
    attacker = Browser(port, "127.0.0.3")
    for number in range(10):
        claims = {
            "X_Forwarded_For": f"203.0.113.{number}, 127.0.0.2",
            "Forwarded": f"for=198.51.100.{number}",
        }
        status = attacker.sign_in("wrong", **claims)
    assert status == 429
    assert attacker.sign_in(PASSWORD, X_Forwarded_For="192.0.2.1") == 429
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {"127.0.0.3"}
    assert Browser(port, "127.0.0.2").sign_in(PASSWORD) == 302
    six = Browser(port, "::1")
    assert six.sign_in("wrong", X_Forwarded_For="2001:db8::1") == 200
    assert six.sign_in(PASSWORD) == 302


def test_the_documented_settings_pass_the_deployment_checks(tmp_path: Path) -> None:
    text = (proxies.CONFIGURATIONS / "nginx.conf").read_text()
    assert text.splitlines()[2] == (proxies.CONFIGURATIONS / "Caddyfile").read_text().splitlines()[2]
    line = text.splitlines()[2].removeprefix("# Settings: ")
    documented = dict(word.split("=", 1) for word in line.split())
    page = (ROOT / "docs" / "deployment.md").read_text()
    assert "\n".join(f"{name}={value}" for name, value in documented.items()) in page
    environment = {"DATA_DIR": str(tmp_path / "var"), "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    environment |= {"SECRET_KEY": "k" * 20 + "abcdefghijklmnopqrstuvwxyz0123456789"}
    done = manage({**environment, **documented}, "check", "--deploy", "--fail-level", "WARNING")
    assert (done.returncode, done.stdout) == (0, "System check identified no issues (3 silenced).\n"), (
        done.stderr
    )
    del documented["TRUSTED_PROXIES"]
    done = manage({**environment, **documented}, "check", "--deploy", "--fail-level", "WARNING")
    assert "TRUSTED_PROXIES is not: all clients appear to have the proxy's address" in done.stderr
    told = manage(environment, "doctor").stdout
    assert "warning  HTTPS          HTTPS is not set" in told
    assert "(security.W004, security.W012, security.W016)" in told
