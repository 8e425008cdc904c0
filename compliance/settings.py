"""Django settings, derived only from `environment.py`. All invalid variables are reported together."""

import socket

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from kombu import Exchange, Queue
from psycopg.conninfo import make_conninfo
from pydantic import ValidationError

from compliance.embedded.paths import PathsError, find_paths
from compliance.environment import (
    Environment,
    complaints,
    local_host_of,
    path_prefix,
    sign_in_settings,
)
from compliance.lib import error_reports
from compliance.lib.data_folder import chosen_key, prepare_folder
from compliance.lib.database_limits import Limits, Process
from compliance.lib.product_files import CHECKOUT, STATIC_FOLDER, TEMPLATE_FOLDER, front_end
from compliance.lib.queues import EARLIER, EVERY
from compliance.lib.service_urls import broker_settings, mail_settings
from compliance.lib.setting_files import SettingFileError


def _read() -> Environment:
    try:
        return Environment()  # type: ignore[call-arg]
    except (ValidationError, SettingFileError) as error:
        problems = complaints(error) if isinstance(error, ValidationError) else error.problems
        raise ImproperlyConfigured("\n  ".join(["Invalid environment variables:", *problems])) from None


def _database() -> str:
    if environment.database_url:
        return environment.database_url
    try:
        return find_paths(DATA_DIR).url
    except PathsError as error:
        raise ImproperlyConfigured(str(error)) from None


environment = _read()
ENVIRONMENT = environment
"""All variables as they were read, for code whose settings don't have a line of their own below."""

DATA_DIR = prepare_folder(environment.data_dir)
# With an external database, only `manage.py migrate` stores a new key; other processes refuse to start.
SECRET_KEY, SECRET_KEY_IS_NEW = chosen_key(
    environment.secret_key, DATA_DIR / "secret_key", shared=environment.database_url is not None
)
SECRET_KEY_FALLBACKS = environment.secret_key_fallbacks
DEBUG = environment.debug
EMBEDDED_POSTGRES = environment.database_url is None
MACHINE_NAME = environment.machine_name or socket.gethostname()
BASE_DIR = CHECKOUT
PORT, BIND = environment.port, environment.bind
PATH_PREFIX = path_prefix(environment)
FORCE_SCRIPT_NAME = PATH_PREFIX or None

# --- application -----------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.github",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
    "csp",
    "pgtrigger",
    "pghistory",
    "compliance",
]
MIDDLEWARE = [
    "compliance.views.request_id.RequestIdMiddleware",
    "compliance.views.request_metrics.RequestMetricsMiddleware",
    "compliance.views.client_address.ClientAddressMiddleware",
    "compliance.views.path_prefix.PathPrefixMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # also compresses files that WhiteNoise finds
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "compliance.views.monitoring_addresses.MonitoringMiddleware",
    "compliance.views.maintenance_mode.MaintenanceModeMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "compliance.views.request_values.RequestValuesMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "compliance.views.access.AccessMiddleware",
    "compliance.views.time_zone.TimeZoneMiddleware",
    "compliance.views.repository_addresses.RepositoryAddressMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "compliance.urls"
WSGI_APPLICATION = "compliance.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [TEMPLATE_FOLDER],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "compliance.views.navigation.navigation",
            ],
        },
    },
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Postgres and messages -------------------------------------------------------------------------
DATABASES = {"default": dj_database_url.parse(_database(), conn_max_age=60, conn_health_checks=True)}
_default = DATABASES["default"]
# A server whose machine is gone is noticed after a minute, not after the two hours of the operating system.
# Keepalives apply only while nothing is being sent; otherwise, the limit of TCP itself does.
_default["OPTIONS"] = {
    "connect_timeout": "10",
    "tcp_user_timeout": "60000",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    **_default.get("OPTIONS", {}),
}
_WAITS = environment.lock_timeout, environment.idle_transaction_timeout
DATABASE_LIMITS = {
    Process.WEB: Limits(environment.web_statement_timeout, *_WAITS),
    Process.WORKER: Limits(environment.worker_statement_timeout, *_WAITS),
    Process.BEAT: Limits(environment.web_statement_timeout, *_WAITS),
    # Migrations and backups may take long, but nobody may wait behind one that waits for a lock.
    Process.COMMAND: Limits(statement=0, lock=60, idle_in_transaction=600),
}

POLL_CONCURRENCY = environment.poll_concurrency
CLONE_TIME_LIMIT = environment.clone_time_limit
TASK_SECONDS = 900
QUEUE_IN_POSTGRES = environment.broker_url is None
CELERY_BROKER_URL, _tls = broker_settings(environment.broker_url or "pgmq://localhost")
CELERY_BROKER_USE_SSL = _tls or False
if QUEUE_IN_POSTGRES:
    CELERY_BROKER_TRANSPORT = "compliance.embedded.transport:Transport"
# Only one attempt is made, because a broker that is down must not delay a request or job that sends a
# wake-up.
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {"max_retries": 1, "interval_start": 0}
CELERY_BROKER_POOL_LIMIT = 2
if CELERY_BROKER_URL.startswith(("pgmq", "redis")):
    # Longer than the hard time limit, so that a message is never redelivered while its task may still be
    # running.
    CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"] = TASK_SECONDS + 120
if QUEUE_IN_POSTGRES:
    CELERY_BROKER_TRANSPORT_OPTIONS |= {
        "conn_string": make_conninfo(
            **{
                "host": _default["HOST"] or None,
                "port": _default["PORT"] or None,
                "user": _default["USER"] or None,
                "password": _default["PASSWORD"] or None,
                "dbname": _default["NAME"],
                **_default.get("OPTIONS", {}),
            }
        ),
        # Waiting inside Postgres would use its clock. If that is set back, `pg_sleep` waits until it has
        # caught up, and even statement_timeout doesn't end it.
        "wait_time_seconds": 0,
        "polling_interval": 0.25,
        "pool_size": 4,
        "pool_timeout": 5,
    }
CELERY_TASK_QUEUES = [Queue(name, Exchange(name, type="direct"), routing_key=name) for name in EVERY]
CELERY_TASK_DEFAULT_QUEUE = EARLIER
CELERY_TASK_ROUTES = {
    "compliance.tasks.poll": {"queue": "polls"},
    "compliance.tasks.list_pull_requests": {"queue": "polls"},
    "compliance.tasks.sweep": {"queue": "maintenance"},
    "compliance.tasks.prune": {"queue": "maintenance"},
    "compliance.tasks.forecasts": {"queue": "maintenance"},
    "compliance.tasks.look_at_dates": {"queue": "maintenance"},
    "compliance.tasks.look_for_problems": {"queue": "maintenance"},
    "compliance.tasks.look_at_forecasts": {"queue": "maintenance"},
    "compliance.tasks.digests": {"queue": "maintenance"},
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False  # queue maintenance re-sends wake-ups and counts attempts
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = TASK_SECONDS
CELERY_TASK_SOFT_TIME_LIMIT = TASK_SECONDS - 30
# Messages are published after the transaction commits. If one is lost, queue maintenance sends it again.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_CONCURRENCY = environment.worker_processes
# in KiB; a worker process above this limit is replaced after its task
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 1_500_000
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for ever
# a worker that runs a long task couldn't respond to them; TCP detects a lost peer
CELERY_BROKER_HEARTBEAT = 0
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "compliance.jobs.schedule:PostgresScheduler"
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "compliance.tasks.sweep", "schedule": 5.0, "options": {"expires": 10}},
    "digests": {"task": "compliance.tasks.digests", "schedule": 3600.0, "options": {"expires": 3600}},
    "forecasts": {"task": "compliance.tasks.forecasts", "schedule": 600.0, "options": {"expires": 600}},
    "prune": {"task": "compliance.tasks.prune", "schedule": 3600.0, "options": {"expires": 3600}},
    "poll": {"task": "compliance.tasks.poll", "schedule": 5.0, "options": {"expires": 10}},
    "pulls": {"task": "compliance.tasks.list_pull_requests", "schedule": 60.0, "options": {"expires": 60}},
    "dates": {"task": "compliance.tasks.look_at_dates", "schedule": 300.0, "options": {"expires": 600}},
    "problems": {
        "task": "compliance.tasks.look_for_problems",
        "schedule": 300.0,
        "options": {"expires": 600},
    },
    "late": {"task": "compliance.tasks.look_at_forecasts", "schedule": 3600.0, "options": {"expires": 3600}},
}

# --- mail ------------------------------------------------------------------------------------------
EMAIL_READY = environment.email_url is not None
PUBLIC_URL = environment.public_url or f"http://{local_host_of(BIND)}:{PORT}{PATH_PREFIX}"
IS_PUBLIC_URL_GIVEN = environment.public_url is not None
DEFAULT_FROM_EMAIL = SERVER_EMAIL = environment.email_from
EMAIL_TIMEOUT = 20  # seconds
if environment.email_url:
    globals().update(mail_settings(environment.email_url))

# --- requests to other servers ---------------------------------------------------------------------
OUTGOING_ALLOW = environment.outgoing_allow
REPOSITORY_FOLDERS = environment.repository_folders

PGHISTORY_APPEND_ONLY = True  # the audit trail, which triggers write and protect from changes

# --- people and security ---------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
PASSWORD_RESET_TIMEOUT = 24 * 3600  # lifetime of a password reset link in seconds
SIGN_IN_DOMAINS, SIGN_IN_ROLE = environment.sign_in_domains, environment.sign_in_role
SIGN_IN_ELSEWHERE, SOCIALACCOUNT_PROVIDERS = sign_in_settings(environment)
SOCIALACCOUNT_ADAPTER = "compliance.views.social_sign_in.SocialAccountAdapter"
SOCIALACCOUNT_QUERY_EMAIL = True
# The provider must verify addresses; otherwise, nobody is admitted.
ACCOUNT_EMAIL_VERIFICATION = SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
LOGIN_URL = LOGOUT_REDIRECT_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_CLIENT_IP_CALLABLE = "compliance.views.client_address.address_of"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "compliance.views.sign_in.locked_out"
AXES_VERBOSE = False

ANONYMOUS_READING = environment.anonymous_reading

# Limits for each token: the size of a burst, and a sustained rate per minute.
API_CALLS_AT_ONCE = 200
API_CALLS_PER_MINUTE = 600

# Limits for each repository's webhooks: they allow a burst of one day's pushes, but not an endless flood.
HOOKS_AT_ONCE = 2000
HOOKS_PER_MINUTE = 1200

ALLOWED_HOSTS = environment.allowed_hosts
TRUSTED_PROXIES = environment.trusted_proxies
CSRF_TRUSTED_ORIGINS = environment.csrf_trusted_origins
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if environment.https else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = environment.https
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = f"{PATH_PREFIX}/"
SESSION_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 31536000 if environment.https else 0
# These checks depend on the domain and on the proxy.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- files, time, language, logs -------------------------------------------------------------------
STATIC_URL = f"{PATH_PREFIX}/static/"
FRONT_END = front_end()
STATICFILES_DIRS = [STATIC_FOLDER, *FRONT_END]
# packages are served from the folder in which npm installed them, so there is nothing to collect
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600

USE_TZ = True
TIME_ZONE = environment.time_zone
LANGUAGE_CODE = "en-gb"
USE_I18N = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"()": "compliance.lib.logs.PlainFormatter"},
        "json": {"()": "compliance.lib.logs.JsonFormatter"},
    },
    "handlers": {
        "stderr": {
            "class": "compliance.lib.repeated_logs.CountingHandler",
            "formatter": environment.log_format,
        }
    },
    "root": {"handlers": ["stderr"], "level": environment.log_level},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "celery.worker.strategy": {"level": "WARNING"},  # the job rows already record which tasks ran
        "celery.app.trace": {"level": "WARNING"},
        "urllib3": {"level": "ERROR"},  # its warnings contain URLs, whose paths may be secret
        "django.server": {"handlers": ["stderr"], "propagate": False},
    },
}

if environment.sentry_dsn:
    error_reports.start(environment.sentry_dsn, environment.sentry_environment, MACHINE_NAME)
