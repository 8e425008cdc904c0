"""The types of the settings' values: what is accepted, what is stored, and what is said of a wrong value.

No message contains a value that may be secret.
"""

import re
from email.utils import parseaddr
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import dj_database_url
from pydantic import AfterValidator, BeforeValidator, IPvAnyNetwork
from pydantic_settings import NoDecode

from compliance.lib.service_urls import BROKERS, MAIL, broker_settings, port_of

PREFIX = r"/|(/[A-Za-z0-9._~-]+)+/?"


def _split(value: Any) -> Any:
    return [word.strip() for word in value.split(",") if word.strip()] if isinstance(value, str) else value


def _require_networks(value: Any) -> Any:
    for word in value:
        try:
            ip_network(word)
        except ValueError:
            raise ValueError(
                "has an entry that is neither an address nor a network; write 10.1.2.3 or 10.1.0.0/16, "
                "without host bits, and separate entries by commas"
            ) from None
    return value


def _require_folders(value: list[str]) -> list[str]:
    for folder in value:
        path = Path(folder).expanduser()
        if not path.is_absolute() or ".." in path.parts:
            raise ValueError(
                f"has the entry {folder}, which is not the full path of a folder, such as /srv/git; "
                "several folders are separated by commas"
            )
        if path == Path(path.root):
            raise ValueError("has the entry /, which would permit every folder; name the folders themselves")
    return [str(Path(folder).expanduser()) for folder in value]


def _require_postgres(value: str) -> str:
    if not value.startswith(("postgres://", "postgresql://")):
        raise ValueError("must begin with postgresql://")
    if not dj_database_url.parse(value).get("NAME"):
        raise ValueError(
            "contains no database name; write it as postgresql://user:password@host:5432/database"
        )
    return value


def _require_broker(value: str) -> str:
    if value.partition("://")[0] not in BROKERS:
        raise ValueError(f"must begin with one of {', '.join(f'{name}://' for name in BROKERS)}")
    broker_settings(value)
    return value


def _without_brackets(value: str) -> str:
    return value.removeprefix("[").removesuffix("]")


def _require_prefix(value: str) -> str:
    if not re.fullmatch(PREFIX, value):
        raise ValueError("must be a path such as /ssot")
    return value.rstrip("/")


def _require_public_url(value: str) -> str:
    if not value.startswith(("http://", "https://")) or "?" in value:
        raise ValueError("must begin with https:// or http:// and have no query string")
    if not re.fullmatch(PREFIX, urlsplit(value).path or "/"):
        raise ValueError("has a path with characters other than letters, digits and - . _ ~ /")
    return value.rstrip("/")


def _require_tls(value: str) -> str:
    # TLS authenticates the provider, so its tokens are trusted (OpenID Connect Core 1.0, 3.1.3.7).
    parts = urlsplit(value)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise ValueError("must begin with https://")
    return value.rstrip("/")


def _require_dsn(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("https", "http") or not parts.hostname or not parts.username:
        raise ValueError("must be the DSN of a project, such as https://key@host/42")
    if not parts.path.rpartition("/")[2].isdecimal():
        raise ValueError("does not end with the number of a project, as in https://key@host/42")
    return value


def _require_mail_server(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in MAIL:
        raise ValueError(f"must begin with one of {', '.join(f'{name}://' for name in MAIL)}")
    if not parts.hostname or port_of(parts) is None:
        raise ValueError("has no host or an invalid port; write it as smtp://host:25")
    return value


def _require_sender(value: str) -> str:
    if "@" not in parseaddr(value)[1] or "\n" in value:
        raise ValueError("is not an e-mail address; write it as name@example.org or Name <name@example.org>")
    return value


def _require_zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("is not a time zone; use a name such as Europe/Berlin or UTC")
    return value


def _require_level(value: str) -> str:
    if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
    return value.upper()


# Of several checks before pydantic's own, the one that is named last runs first.
Words = Annotated[list[str], NoDecode, BeforeValidator(_split)]
Folders = Annotated[Words, AfterValidator(_require_folders)]
Networks = Annotated[
    list[IPvAnyNetwork], NoDecode, BeforeValidator(_require_networks), BeforeValidator(_split)
]
PostgresUrl = Annotated[str, AfterValidator(_require_postgres)]
BrokerUrl = Annotated[str, AfterValidator(_require_broker)]
Host = Annotated[str, AfterValidator(_without_brackets)]
PathPrefix = Annotated[str, AfterValidator(_require_prefix)]
PublicUrl = Annotated[str, AfterValidator(_require_public_url)]
TlsUrl = Annotated[str, AfterValidator(_require_tls)]
Dsn = Annotated[str, AfterValidator(_require_dsn)]
MailServer = Annotated[str, AfterValidator(_require_mail_server)]
Sender = Annotated[str, AfterValidator(_require_sender)]
TimeZone = Annotated[str, AfterValidator(_require_zone)]
LogLevel = Annotated[str, AfterValidator(_require_level)]
