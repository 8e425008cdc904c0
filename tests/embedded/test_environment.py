"""The configuration: every mistake at once, no secret shown, the documented table true."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from compliance.environment import Environment
from compliance.lib.service_urls import mail_settings

from .conftest import ROOT

pytestmark = pytest.mark.slow


ELSEWHERE = {"DATABASE_URL": "postgresql://127.0.0.1:1/a", "SECRET_KEY": "k" * 50}
"""A database that isn't there."""


def load(tmp_path: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Load the settings in a process of their own."""
    kept = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "LANG"}}
    return subprocess.run(
        [
            sys.executable,
            "manage.py",
            "shell",
            "--verbosity",
            "0",
            "-c",
            "from django.conf import settings as s; s.DEBUG",
        ],
        cwd=ROOT,
        env={**kept, "DATA_DIR": str(tmp_path / "var"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("variables", "expected"),
    [({}, "True"), (ELSEWHERE, "False")],
)
def test_postgres_is_embedded_unless_another_is_named(
    tmp_path: Path, variables: dict[str, str], expected: str
) -> None:
    command = "from compliance import settings; print(settings.EMBEDDED_POSTGRES)"
    kept = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "LANG"}}
    environment = {**kept, "DATA_DIR": str(tmp_path / "var"), **variables}
    told = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == expected


@pytest.mark.parametrize(
    ("command", "variables", "expected"),
    [
        (("migrate",), {"PORT": "abc", "SECRET_KEY": "short"}, "Error: Invalid environment variables:"),
        (("doctor",), {"DATA_DIR": "/proc/none"}, "Error: DATA_DIR /proc/none cannot be created"),
        (("up", "--port", "70000"), {}, "argument --port: 70000 is not a port; write a number from 1 to"),
        (("check",), {"PATH": "/nowhere"}, ""),
        (("backup", "/tmp/" + "b" * 300), {}, "bbb: File name too long"),
        (("rotate_key",), {}, "Error: The database isn't responding. Start the product with"),
        (("migrate",), ELSEWHERE, "Error: The database isn't responding. Check DATABASE_URL: that server"),
        (
            ("up", "--port", "1"),
            {"PATH": "/nowhere"},
            "git is not installed or not on the PATH. Inst",
        ),
    ],
)
def test_a_mistake_is_told_without_a_traceback(
    tmp_path: Path, command: tuple[str, ...], variables: dict[str, str], expected: str
) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env={"DATA_DIR": str(tmp_path / "var"), **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert bool(done.returncode) == bool(expected), done.stderr
    assert expected in done.stderr
    assert "Traceback" not in done.stderr


def test_every_mistake_is_named_at_once_and_no_value_is_shown(tmp_path: Path) -> None:
    result = load(
        tmp_path,
        DATABASE_URL="mysql://root:hunter2@db/x",
        BROKER_URL="kafka://user:hunter3@host",
        SECRET_KEY="hunter4",
        PORT="eighty",
        TIME_ZONE="Mars/Olympus",
    )
    assert result.returncode != 0
    for word in (
        "DATABASE_URL: must begin with postgresql://",
        "BROKER_URL: must begin",
        "SECRET_KEY",
        "PORT",
        "TIME_ZONE",
    ):
        assert word in result.stderr
    assert "hunter" not in result.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DATABASE_URL", "postgresql://db.example/", "contains no database name"),
        ("DATA_DIR", "/proc/nowhere", "cannot be created"),
        ("DEBUG", "perhaps", "DEBUG"),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL: must be"),
        ("EMAIL_URL", "imap://mail.example.org", "EMAIL_URL: must begin with one of smtp://"),
        ("EMAIL_URL", "smtp://mail.example.org:none", "has no host or an invalid port"),
        ("EMAIL_FROM", "the team", "EMAIL_FROM: is not an e-mail address"),
        ("OUTGOING_ALLOW", "10.0.0.0/8, 10.1.2.3/8", "OUTGOING_ALLOW: has an entry that is neither"),
        ("OUTGOING_ALLOW", "forge.example.org", "write 10.1.2.3 or 10.1.0.0/16"),
        ("PUBLIC_URL", "compliance.example.org", "PUBLIC_URL: must begin with https://"),
    ],
)
def test_an_invalid_value_is_explained(tmp_path: Path, name: str, value: str, said: str) -> None:
    result = load(tmp_path, **{name: value})
    assert result.returncode != 0
    assert said in result.stderr


@pytest.mark.parametrize(
    ("value", "networks"),
    [
        ("10.1.2.3", ["10.1.2.3/32"]),
        ("10.1.0.0/16, ::1", ["10.1.0.0/16", "::1/128"]),
        (" 127.0.0.0/8 ,,fd00::/8,", ["127.0.0.0/8", "fd00::/8"]),
        ("", []),
    ],
)
def test_permitted_networks_are_separated_by_commas(
    monkeypatch: pytest.MonkeyPatch, value: str, networks: list[str]
) -> None:
    monkeypatch.setenv("OUTGOING_ALLOW", value)
    assert [str(network) for network in Environment().outgoing_allow] == networks  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp://ann%40example.org:p%3A%2Fss@mail.example.org", 25, False, False),
        ("smtp+tls://ann%40example.org:p%3A%2Fss@mail.example.org", 587, True, False),
        ("smtps://ann%40example.org:p%3A%2Fss@mail.example.org", 465, False, True),
        ("smtp://ann%40example.org:p%3A%2Fss@mail.example.org:2525", 2525, False, False),
    ],
)
def test_the_address_of_a_mail_server_says_how_to_speak_to_it(
    url: str, port: int, tls: bool, ssl: bool
) -> None:
    assert mail_settings(url) == {
        "EMAIL_HOST": "mail.example.org",
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": "ann@example.org",
        "EMAIL_HOST_PASSWORD": "p:/ss",
        "EMAIL_USE_TLS": tls,
        "EMAIL_USE_SSL": ssl,
    }


def test_the_secret_key_is_made_once_and_kept_for_our_eyes_only(tmp_path: Path) -> None:
    assert load(tmp_path).returncode == 0
    key = tmp_path / "var" / "secret_key"
    first = key.read_text()
    assert len(first) >= 50
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert load(tmp_path).returncode == 0
    assert key.read_text() == first


def test_what_holds_a_secret_is_not_in_the_representation(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = {
        "DATABASE_URL": "postgresql://ada:hidden1@db/ssot",
        "BROKER_URL": "redis://:hidden2@broker",
        "EMAIL_URL": "smtps://ada:hidden3@mail",
        "SENTRY_DSN": "https://hidden4@sentry.example.org/1",
        **{
            name.upper(): f"hidden-{name}-of-more-than-32-characters"
            for name in Environment.model_fields
            if re.search("secret(_|$)|token", name)
        },
    }
    for name, value in secret.items():
        monkeypatch.setenv(name, value)
    environment = Environment()  # type: ignore[call-arg]
    assert all(getattr(environment, name.lower()) for name in secret)
    assert "hidden" not in repr(environment)


def test_the_configuration_page_shows_every_variable_with_its_default() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text()
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.*?) \| (.*?) \|$", page, re.MULTILINE)
    expected = [
        (name.upper(), default(name), field.description) for name, field in Environment.model_fields.items()
    ]
    assert rows == expected


def default(name: str) -> str:
    """Return a default as the page writes it."""
    if name == "data_dir":
        return "`var`"
    value = Environment.model_fields[name].get_default(call_default_factory=True, validated_data={})
    if value is None or value == []:
        return "none"
    return f"`{','.join(value) if isinstance(value, list) else str(value)}`"


@pytest.mark.parametrize("mode", [0o755, 0o777, 0o750, 0o700])
def test_a_data_folder_is_closed_to_others(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "var"
    (folder / "mirrors").mkdir(parents=True, mode=mode)
    (folder / "secret_key").touch()
    for each in (folder, folder / "mirrors"):
        each.chmod(mode)
    result = load(tmp_path, DATABASE_URL="postgresql://db.example/x")
    assert result.returncode == 0, result.stderr
    others = 0o011 if os.geteuid() == 0 else 0
    assert stat.S_IMODE(folder.stat().st_mode) & 0o077 & ~others == 0
    assert stat.S_IMODE((folder / "mirrors").stat().st_mode) & 0o077 == 0


@pytest.mark.parametrize("mode", [0o755, 0o1777])
def test_a_folder_that_holds_what_others_share_is_left_as_it_is(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "var"
    folder.mkdir()
    (folder / "theirs").touch()
    folder.chmod(mode)
    assert load(tmp_path, DATABASE_URL="postgresql://db.example/x").returncode == 0
    assert stat.S_IMODE(folder.stat().st_mode) == mode
