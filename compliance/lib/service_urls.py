"""Translates the URLs of the broker and of the mail server to the settings of Celery and Django."""

import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

MAIL = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
"""Maps the scheme of a mail server's URL to its default port."""
BROKERS = ("redis", "rediss", "redis+socket", "amqp", "amqps")

TLS_BROKERS = ("rediss", "amqps")
TLS_PARAMETERS = {
    "ssl_ca_certs": "ca_certs",
    "ssl_certfile": "certfile",
    "ssl_keyfile": "keyfile",
}
"""Maps parameters of a broker's URL that contain file names to the corresponding parameters of RabbitMQ's
client.
"""
TLS_CHECKS = {
    "required": ssl.CERT_REQUIRED,
    "cert_required": ssl.CERT_REQUIRED,
    "none": ssl.CERT_NONE,
    "cert_none": ssl.CERT_NONE,
}


def broker_settings(url: str) -> tuple[str, dict[str, Any] | None]:
    """Return a broker's URL without TLS parameters, and Celery's settings for TLS.

    The certificate is verified unless the URL contains `ssl_cert_reqs=none`.

    Raises:
        ValueError: if a parameter or its value is unknown.
    """
    parts = urlsplit(url)
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    if parts.scheme == "redis+socket":
        return url, None
    tls = parts.scheme in TLS_BROKERS
    known = [*TLS_PARAMETERS, "ssl_cert_reqs"] if tls else []
    if unknown := sorted(set(given) - set(known)):
        raise ValueError(
            f"has the parameter {unknown[0]}, which {parts.scheme}:// does not support"
            + (f"; supported parameters: {', '.join(known)}" if tls else "")
        )
    check = given.pop("ssl_cert_reqs", "required")
    if check.lower() not in TLS_CHECKS:
        raise ValueError("has an invalid value of ssl_cert_reqs; use required or none")
    if empty := [name for name, value in given.items() if not value]:
        raise ValueError(f"has no value for {empty[0]}; give the path of a file")
    if not tls:
        return url, None
    return parts._replace(query="").geturl(), _tls(parts, given, TLS_CHECKS[check.lower()])


def _tls(parts: SplitResult, files: Mapping[str, str], check: ssl.VerifyMode) -> dict[str, Any]:
    verified = check != ssl.CERT_NONE
    if parts.scheme == "rediss":
        return {**files, "ssl_cert_reqs": check, "ssl_check_hostname": verified}
    named = {TLS_PARAMETERS[name]: value for name, value in files.items()}
    return {**named, "cert_reqs": check, **({"server_hostname": parts.hostname} if verified else {})}


def mail_settings(url: str) -> dict[str, Any]:
    """Return Django's settings for the mail server in EMAIL_URL."""
    parts = urlsplit(url)
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port_of(parts),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
    }


def port_of(parts: SplitResult) -> int | None:
    """Return the port of a mail server's URL, by default the scheme's, or None if it is invalid."""
    try:
        return parts.port or MAIL[parts.scheme]
    except ValueError:
        return None
