"""Every environment variable that the product reads, with its type, default and meaning."""

import os
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from compliance.lib import setting_values as values
from compliance.lib.product_files import CHECKOUT, IS_INSTALLED, default_data_folder
from compliance.lib.setting_files import read_setting_files

BASE_DIR = Path.cwd() if IS_INSTALLED else CHECKOUT
"""The folder to which relative paths in variables refer."""


class Environment(BaseSettings):
    """The product's configuration. docs/configuration.md contains the same table, and a test compares the
    two. Those that hold secrets are left out of its representation, and shown nowhere.
    """

    model_config = SettingsConfigDict(env_ignore_empty=True, hide_input_in_errors=True, extra="ignore")

    database_url: values.PostgresUrl | None = Field(
        None, repr=False, description="URL of a Postgres database to use instead of the embedded one"
    )
    broker_url: values.BrokerUrl | None = Field(
        None, repr=False, description="URL of Redis or RabbitMQ for Celery's messages"
    )
    secret_key: str | None = Field(
        None,
        repr=False,
        min_length=32,
        description="Key for sessions and stored secrets, the same on all machines; generated if not set",
    )
    secret_key_fallbacks: values.Words = Field(
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
    bind: values.Host = Field("127.0.0.1", description="Address on which the web server listens")
    repository_folders: values.Folders = Field(
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
    allowed_hosts: values.Words = Field(
        ["127.0.0.1", "localhost", "[::1]"],
        description="Host names that are served, comma-separated",
    )
    csrf_trusted_origins: values.Words = Field(
        default_factory=list, description="Trusted origins (https://...) behind a proxy, comma-separated"
    )
    trusted_proxies: values.Networks = Field(
        default_factory=list, description="Proxies (addresses or networks) whose X-Forwarded-For is trusted"
    )
    public_url: values.PublicUrl | None = Field(
        None,
        description="Public URL of the pages (https://...), for links in e-mails and addresses of webhooks",
    )
    script_name: values.PathPrefix | None = Field(
        None,
        description="Path prefix of the pages behind a proxy (/ssot); by default, the path of PUBLIC_URL",
    )
    email_url: values.MailServer | None = Field(
        None,
        repr=False,
        description="Mail server: smtp://user:password@host:587; smtp+tls:// or smtps:// for encryption",
    )
    email_from: values.Sender = Field(
        "SSOT compliance <compliance@localhost>", description="Sender of e-mails"
    )
    outgoing_allow: values.Networks = Field(
        default_factory=list,
        description="Private addresses or networks to which requests may be sent, comma-separated",
    )
    github_url: values.TlsUrl = Field(
        "https://github.com", description="URL of the GitHub server for sign-in"
    )
    github_client_id: str | None = Field(None, description="Sign-in with GitHub: client ID of the OAuth app")
    github_client_secret: str | None = Field(
        None, repr=False, description="Sign-in with GitHub: client secret"
    )
    gitlab_url: values.TlsUrl = Field(
        "https://gitlab.com", description="URL of the GitLab server for sign-in"
    )
    gitlab_client_id: str | None = Field(None, description="Sign-in with GitLab: application ID")
    gitlab_client_secret: str | None = Field(None, repr=False, description="Sign-in with GitLab: secret")
    oidc_issuer: values.TlsUrl | None = Field(
        None, description="Sign-in with OpenID Connect: URL of the issuer"
    )
    oidc_client_id: str | None = Field(None, description="Sign-in with OpenID Connect: client ID")
    oidc_client_secret: str | None = Field(
        None, repr=False, description="Sign-in with OpenID Connect: client secret"
    )
    oidc_name: str = Field("OpenID Connect", description="Label of the sign-in button for OpenID Connect")
    sign_in_domains: values.Words = Field(
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
    time_zone: values.TimeZone = Field("UTC", description="Time zone of the times on pages")
    log_level: values.LogLevel = Field("INFO", description="Log level: DEBUG, INFO, WARNING or ERROR")
    log_format: Literal["plain", "json"] = Field(
        "plain", description="Format of log lines: plain (key=value), or json, one object per line"
    )
    sentry_dsn: values.Dsn | None = Field(
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
        from_files = read_setting_files(cls.model_fields, os.environ)
        return init_settings, env_settings, InitSettingsSource(settings_cls, from_files)

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
