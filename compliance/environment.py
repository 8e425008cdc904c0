"""Every environment variable that the product reads, with its type, default and meaning."""

import os
import re
from email.utils import parseaddr
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import dj_database_url
from pydantic import Field, IPvAnyNetwork, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from compliance.lib.product_files import CHECKOUT, IS_INSTALLED, default_data_folder
from compliance.lib.service_urls import BROKERS, MAIL, broker_settings, port_of
from compliance.lib.setting_files import read_setting_files

BASE_DIR = Path.cwd() if IS_INSTALLED else CHECKOUT
"""The folder to which relative paths in variables refer."""
PREFIX = r"/|(/[A-Za-z0-9._~-]+)+/?"

Words = Annotated[list[str], NoDecode]
_LISTS = (
    "repository_folders",
    "allowed_hosts",
    "secret_key_fallbacks",
    "csrf_trusted_origins",
    "sign_in_domains",
)


class Environment(BaseSettings):
    """The product's configuration. docs/configuration.md contains the same table, and a test compares the
    two. Those that hold secrets are left out of its representation, and shown nowhere.
    """

    model_config = SettingsConfigDict(env_ignore_empty=True, hide_input_in_errors=True, extra="ignore")

    database_url: str | None = Field(
        None, repr=False, description="URL of a Postgres database to use instead of the embedded one"
    )
    broker_url: str | None = Field(
        None, repr=False, description="URL of Redis or RabbitMQ for Celery's messages"
    )
    secret_key: str | None = Field(
        None,
        repr=False,
        min_length=32,
        description="Key for sessions and stored secrets, the same on all machines; generated if not set",
    )
    secret_key_fallbacks: Words = Field(
        default_factory=list,
        repr=False,
        description="Previous secret keys that are still accepted, comma-separated",
    )
    data_dir: Path = Field(
        default_factory=default_data_folder, description="Folder for all data, not readable by other users"
    )
    machine_name: str | None = Field(
        None, max_length=100, description="Name of this machine; by default, its host name"
    )
    port: int = Field(8000, ge=1, le=65535, description="Port of the web server")
    bind: str = Field("127.0.0.1", description="Address on which the web server listens")
    repository_folders: Words = Field(
        default_factory=list,
        description="Folders of this server whose repositories administrators may add on the pages, "
        "comma-separated",
    )
    worker_processes: int = Field(
        2,
        ge=1,
        le=64,
        description="Number of scans that can run in parallel; one more process is kept for short work",
    )
    poll_concurrency: int = Field(
        16, ge=1, le=256, description="Number of repositories that a process asks for new commits at a time"
    )
    clone_time_limit: int = Field(
        21600, ge=60, description="Maximum duration of a clone or a fetch of a repository, in seconds"
    )
    web_statement_timeout: int = Field(
        30, ge=1, description="Maximum duration of a web server's database statement, in seconds"
    )
    worker_statement_timeout: int = Field(
        300, ge=1, description="Maximum duration of a worker's database statement, in seconds"
    )
    lock_timeout: int = Field(
        10, ge=1, description="Maximum time that a statement waits for a lock, in seconds"
    )
    idle_transaction_timeout: int = Field(
        120, ge=1, description="Idle time after which the database ends a transaction, in seconds"
    )
    allowed_hosts: Words = Field(
        ["127.0.0.1", "localhost", "[::1]"],
        description="Host names that are served, comma-separated",
    )
    csrf_trusted_origins: Words = Field(
        default_factory=list, description="Trusted origins (https://...) behind a proxy, comma-separated"
    )
    trusted_proxies: Annotated[list[IPvAnyNetwork], NoDecode] = Field(
        default_factory=list, description="Proxies (addresses or networks) whose X-Forwarded-For is trusted"
    )
    public_url: str | None = Field(
        None,
        description="Public URL of the pages (https://...), for links in e-mails and addresses of webhooks",
    )
    script_name: str | None = Field(
        None,
        description="Path prefix of the pages behind a proxy (/ssot); by default, the path of PUBLIC_URL",
    )
    email_url: str | None = Field(
        None,
        repr=False,
        description="Mail server: smtp://user:password@host:587; smtp+tls:// or smtps:// for encryption",
    )
    email_from: str = Field("SSOT compliance <compliance@localhost>", description="Sender of e-mails")
    outgoing_allow: Annotated[list[IPvAnyNetwork], NoDecode] = Field(
        default_factory=list,
        description="Private addresses or networks to which requests may be sent, comma-separated",
    )
    github_url: str = Field("https://github.com", description="URL of the GitHub server for sign-in")
    github_client_id: str | None = Field(None, description="Sign-in with GitHub: client ID of the OAuth app")
    github_client_secret: str | None = Field(
        None, repr=False, description="Sign-in with GitHub: client secret"
    )
    gitlab_url: str = Field("https://gitlab.com", description="URL of the GitLab server for sign-in")
    gitlab_client_id: str | None = Field(None, description="Sign-in with GitLab: application ID")
    gitlab_client_secret: str | None = Field(None, repr=False, description="Sign-in with GitLab: secret")
    oidc_issuer: str | None = Field(None, description="Sign-in with OpenID Connect: URL of the issuer")
    oidc_client_id: str | None = Field(None, description="Sign-in with OpenID Connect: client ID")
    oidc_client_secret: str | None = Field(
        None, repr=False, description="Sign-in with OpenID Connect: client secret"
    )
    oidc_name: str = Field("OpenID Connect", description="Label of the sign-in button for OpenID Connect")
    sign_in_domains: Words = Field(
        default_factory=list,
        description="E-mail domains whose verified users may create an account, comma-separated",
    )
    sign_in_role: Literal["viewer", "engineer", "manager"] = Field(
        "viewer", description="Role of people who create an account through SIGN_IN_DOMAINS"
    )
    waiver_approvers: Literal["manager", "engineer"] = Field(
        "manager", description="Lowest role of people who may approve waivers; never one's own request"
    )
    delivery_body_days: int = Field(7, ge=1, description="Days for which a received webhook's body is stored")
    delivery_days: int = Field(
        90, ge=7, description="Days for which the source and id of a webhook are stored, against replays"
    )
    notice_days: int = Field(
        180, ge=30, description="Days for which items of the outbox, such as e-mails, are stored"
    )
    job_days: int = Field(90, ge=1, description="Days for which jobs that have ended are stored")
    failed_job_days: int = Field(180, ge=1, description="Days for which failed jobs are stored")
    patch_days: int = Field(30, ge=1, description="Days for which patches are stored")
    shared_report_days: int = Field(7, ge=1, description="Days for which other machines' reports are stored")
    superseded_plan_days: int = Field(
        90,
        ge=1,
        description="Age of the active plan version from which figures of earlier versions are deleted",
    )
    anonymous_reading: bool = Field(False, description="Allow everyone to read the pages without signing in")
    https: bool = Field(
        False, description="Set if a proxy serves the pages over HTTPS and sets X-Forwarded-Proto"
    )
    time_zone: str = Field("UTC", description="Time zone of the times on pages")
    log_level: str = Field("INFO", description="Log level: DEBUG, INFO, WARNING or ERROR")
    log_format: Literal["plain", "json"] = Field(
        "plain", description="Format of log lines: plain (key=value), or json, one object per line"
    )
    sentry_dsn: str | None = Field(
        None,
        repr=False,
        description="Report errors to a Sentry server: the DSN of a project (https://key@host/project)",
    )
    sentry_environment: str = Field(
        "production",
        pattern=r"^[^\s/]{1,64}$",
        description="Name of this installation in reports to Sentry",
    )
    metrics_token: str | None = Field(
        None,
        repr=False,
        min_length=16,
        description="Token for /metrics; without one, only this machine's own addresses may read it",
    )
    secrets_dir: Path | None = Field(
        None, description="Folder with one file per variable, named like it; see “Secrets in files”"
    )
    debug: bool = Field(
        False, description="Show Django's debug pages; never set this on a server that others can reach"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  (the library's signature)
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read variables, and then the files that contain what isn't a variable."""
        values = read_setting_files(cls.model_fields, os.environ)
        return init_settings, env_settings, InitSettingsSource(settings_cls, values)

    @field_validator("outgoing_allow", mode="before")
    @classmethod
    def _networks(cls, value: Any) -> Any:
        # The validator that is defined last runs first, so the value has been split.
        for word in value:
            try:
                ip_network(word)
            except ValueError:
                raise ValueError(
                    "has an entry that is neither an address nor a network; write 10.1.2.3 or 10.1.0.0/16, "
                    "without host bits, and separate entries by commas"
                ) from None
        return value

    @field_validator("repository_folders")
    @classmethod
    def _folders(cls, value: list[str]) -> list[str]:
        for folder in value:
            path = Path(folder).expanduser()
            if not path.is_absolute() or ".." in path.parts:
                raise ValueError(
                    f"has the entry {folder}, which is not the full path of a folder, such as /srv/git; "
                    "several folders are separated by commas"
                )
            if path == Path(path.root):
                raise ValueError(
                    "has the entry /, which would permit every folder; name the folders themselves"
                )
        return [str(Path(folder).expanduser()) for folder in value]

    @field_validator(*_LISTS, "trusted_proxies", "outgoing_allow", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return (
            [word.strip() for word in value.split(",") if word.strip()] if isinstance(value, str) else value
        )

    @field_validator("database_url")
    @classmethod
    def _postgres(cls, value: str | None) -> str | None:
        if value is not None:
            if not value.startswith(("postgres://", "postgresql://")):
                raise ValueError("must begin with postgresql://")
            if not dj_database_url.parse(value).get("NAME"):
                raise ValueError(
                    "contains no database name; write it as postgresql://user:password@host:5432/database"
                )
        return value

    @field_validator("broker_url")
    @classmethod
    def _broker(cls, value: str | None) -> str | None:
        if value is not None:
            if value.partition("://")[0] not in BROKERS:
                raise ValueError(f"must begin with one of {', '.join(f'{name}://' for name in BROKERS)}")
            broker_settings(value)
        return value

    @field_validator("bind")
    @classmethod
    def _host(cls, value: str) -> str:
        return value.removeprefix("[").removesuffix("]")

    @field_validator("script_name")
    @classmethod
    def _prefix(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(PREFIX, value):
            raise ValueError("must be a path such as /ssot")
        return value.rstrip("/") if value else value

    @field_validator("public_url")
    @classmethod
    def _pages(cls, value: str | None) -> str | None:
        if value is not None and (not value.startswith(("http://", "https://")) or "?" in value):
            raise ValueError("must begin with https:// or http:// and have no query string")
        if value and not re.fullmatch(PREFIX, urlsplit(value).path or "/"):
            raise ValueError("has a path with characters other than letters, digits and - . _ ~ /")
        return value.rstrip("/") if value else value

    @field_validator("oidc_issuer", "gitlab_url", "github_url")
    @classmethod
    def _issuer(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "https://none")
        # TLS authenticates the provider, so its tokens are trusted (OpenID Connect Core 1.0, 3.1.3.7).
        if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError("must begin with https://")
        return value.rstrip("/") if value else value

    @field_validator("sentry_dsn")
    @classmethod
    def _dsn(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "https://key@host/1")
        if parts.scheme not in ("https", "http") or not parts.hostname or not parts.username:
            raise ValueError("must be the DSN of a project, such as https://key@host/42")
        if not parts.path.rpartition("/")[2].isdecimal():
            raise ValueError("does not end with the number of a project, as in https://key@host/42")
        return value

    @field_validator("email_url")
    @classmethod
    def _mail(cls, value: str | None) -> str | None:
        if value is not None:
            parts = urlsplit(value)
            if parts.scheme not in MAIL:
                raise ValueError(f"must begin with one of {', '.join(f'{name}://' for name in MAIL)}")
            if not parts.hostname or port_of(parts) is None:
                raise ValueError("has no host or an invalid port; write it as smtp://host:25")
        return value

    @field_validator("email_from")
    @classmethod
    def _sender(cls, value: str) -> str:
        if "@" not in parseaddr(value)[1] or "\n" in value:
            raise ValueError(
                "is not an e-mail address; write it as name@example.org or Name <name@example.org>"
            )
        return value

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("is not a time zone; use a name such as Europe/Berlin or UTC")
        return value

    @field_validator("log_level")
    @classmethod
    def _level(cls, value: str) -> str:
        if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return (BASE_DIR / value.expanduser()).resolve()


def complaints(error: ValidationError) -> list[str]:
    """Return one line for each invalid variable. Values are never included, because they may contain
    passwords.
    """
    return [
        f"{str(detail['loc'][0]).upper()}: {detail['msg'].removeprefix('Value error, ')}"
        for detail in error.errors(include_input=False, include_url=False)
    ]


def host_of(bind: str) -> str:
    """Return a host as it is written in a URL: IPv6 addresses in brackets."""
    return f"[{bind}]" if ":" in bind else bind


def local_host_of(bind: str) -> str:
    """Return the host, as it is written in a URL, at which a server on this machine responds.

    Args:
        bind: the address on which it listens. If that is all addresses, it also listens on the loopback one.
    """
    return host_of({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bind, bind))  # noqa: S104  (compared)


def path_prefix(environment: Environment) -> str:
    """Return the path prefix of all URLs, such as `/ssot`, or an empty string if the product has a host of
    its own.
    """
    if environment.script_name is not None:
        return environment.script_name
    return urlsplit(environment.public_url or "").path.rstrip("/")


def sign_in_settings(environment: Environment) -> tuple[dict[str, str], dict[str, Any]]:
    """Return the label of each completely configured provider, and allauth's settings for them."""
    names, apps = {}, []
    gitlab = (environment.gitlab_url, environment.gitlab_client_id, environment.gitlab_client_secret)
    oidc = (environment.oidc_issuer, environment.oidc_client_id, environment.oidc_client_secret)
    kinds = (("gitlab", "GitLab", gitlab), ("oidc", environment.oidc_name, oidc))
    for key, name, (issuer, client, secret) in kinds:
        if issuer and client and secret:
            names[key] = name
            app = {"provider_id": key, "name": name, "client_id": client, "secret": secret}
            apps.append({**app, "settings": {"server_url": issuer}})
    providers: dict[str, Any] = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": apps}}
    if environment.github_client_id and environment.github_client_secret:
        names["github"] = "GitHub"
        app = {"client_id": environment.github_client_id, "secret": environment.github_client_secret}
        providers["github"] = {"SCOPE": ["user:email"], "OAUTH_PKCE_ENABLED": True, "APPS": [app]}
        if environment.github_url != "https://github.com":  # the API of github.com is on a separate host
            providers["github"]["GITHUB_URL"] = environment.github_url
    return names, providers
