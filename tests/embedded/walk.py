"""What an operator sees of a failure: the page, `/readyz`, `/metrics`, the alerts and `manage.py doctor`."""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from html import unescape
from http.client import HTTPConnection
from pathlib import Path

import pytest
import yaml

from tests.processes import ROOT, manage

RULES = ROOT / "docs" / "monitoring" / "alerts.yaml"
_SAMPLE = re.compile(r"(ssot_\w+)(?:\{(.*)\})? (\S+)")
_SIGN_IN = """
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
user = User.objects.create_superuser("root")
session = import_module(settings.SESSION_ENGINE).SessionStore()
session.update({SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[-1],
                HASH_SESSION_KEY: user.get_session_auth_hash()})
session.create()
print(session.session_key)
"""


class Operator:
    """Looks at an installation's web server and database."""

    def __init__(self, environment: Mapping[str, str], port: int, folder: Path) -> None:
        self.environment, self.port, self.folder = {**environment, "PORT": str(port)}, port, folder
        self.process: subprocess.Popen[bytes]
        self.cookie = {"Cookie": f"sessionid={'x' * 32}"}

    def sign_in(self) -> None:
        """Become an administrator."""
        done = manage(self.environment, "shell", "--no-imports", "-v", "0", "-c", _SIGN_IN)
        assert done.returncode == 0, done.stderr
        self.cookie = {"Cookie": f"sessionid={done.stdout.split()[-1]}"}

    def ask(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, str]:
        """Return the status and the body."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", path, headers=headers or {})
        response = connection.getresponse()
        return response.status, response.read().decode()

    def page(self, path: str = "/") -> str:
        """Return a page as text."""
        return " ".join(unescape(re.sub(r"<[^>]*>", " ", self.ask(path, self.cookie)[1])).split())

    def ready(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self.ask("/readyz")[1])
        return found

    def metrics(self) -> dict[str, float]:
        """Return the values by name and labels, as they are written."""
        found = {}
        for line in self.ask("/metrics")[1].splitlines():
            if sample := _SAMPLE.fullmatch(line):
                name, labels, value = sample.groups()
                found[f"{name}{{{labels}}}" if labels else name] = float(value)
        return found

    def doctor(self) -> str:
        """Return what the doctor says."""
        done = manage(self.environment, "doctor")
        assert not done.stderr, done.stderr
        return done.stdout

    def alerts(self) -> set[str]:
        """Return the alerts that fire if gauges stay as they are, and counters rise, for twenty minutes."""
        program = shutil.which("promtool")
        if program is None:
            pytest.skip("promtool is missing. Debian: apt-get install prometheus")
        series = []
        for name, value in self.metrics().items():
            if "_bucket" not in name:
                labels = name.partition("{")[2].rstrip("}")
                here = f"{labels}," if labels else ""
                text = f'{name.partition("{")[0]}{{{here}instance="here"}}'
                is_counter = name.partition("{")[0].endswith(("_total", "_count", "_sum"))
                values = f"0+{value:.6f}x50" if is_counter else f"{value:.6f}x50"
                series.append({"series": text, "values": values})
        names = [rule["alert"] for rule in yaml.safe_load(RULES.read_text())["groups"][0]["rules"]]
        return {name for name in names if not self._is_silent(program, series, name)}

    def _is_silent(self, program: str, series: list[dict[str, str]], name: str) -> bool:
        case = {
            "interval": "30s",
            "input_series": series,
            "promql_expr_test": [
                {
                    "expr": f'count(ALERTS{{alertname="{name}", alertstate="firing"}})',
                    "eval_time": "20m",
                    "exp_samples": [],
                }
            ],
        }
        path = self.folder / "alerts.yaml"
        path.write_text(yaml.safe_dump({"rule_files": [str(RULES)], "tests": [case]}))
        done = subprocess.run(
            [program, "test", "rules", path], capture_output=True, text=True, check=False, timeout=60
        )
        assert "parse error" not in done.stderr, done.stderr
        return done.returncode == 0
