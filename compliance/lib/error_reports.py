"""Reports errors to a Sentry server, or one with the same protocol, if SENTRY_DSN is set.

A report says where an error occurred and what kind it is. Everything else is left out: source code, values of
variables, requests, people, SQL and what was logged before. What remains of messages is masked.
"""

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from compliance.lib.logs import log_ids, masked
from compliance.lib.product_files import product_version

SILENCE = 60.0
"""Seconds in which a process reports the same error once. A database that is gone fails every few seconds."""

_MOST_REMEMBERED = 200
_LONGEST = 300
"""Number of characters of a message that are sent. Further lines may quote source code or a row."""

_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_KEPT = (
    *("event_id", "timestamp", "level", "logger", "platform", "release", "environment", "server_name"),
    *("transaction", "sdk"),
)
_FRAME = ("filename", "function", "module", "lineno", "in_app")


def start(dsn: str, environment: str, machine: str) -> None:
    """Report the errors of this process, and of those that it forks.

    Args:
        dsn: address of the project on the Sentry server, which contains its public key.
        environment: name of this installation, such as `production`.
        machine: name of this machine.
    """
    import sentry_sdk  # noqa: PLC0415  (without a DSN, it isn't even loaded)
    from sentry_sdk.integrations.argv import ArgvIntegration  # noqa: PLC0415
    from sentry_sdk.integrations.atexit import AtexitIntegration  # noqa: PLC0415
    from sentry_sdk.integrations.celery import CeleryIntegration  # noqa: PLC0415
    from sentry_sdk.integrations.django import DjangoIntegration  # noqa: PLC0415
    from sentry_sdk.integrations.logging import ignore_logger  # noqa: PLC0415
    from sentry_sdk.integrations.modules import ModulesIntegration  # noqa: PLC0415

    # Anybody can send requests for other hosts.
    ignore_logger("django.security.DisallowedHost")
    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        release=f"ssot-compliance@{product_version()}",
        server_name=machine,
        send_default_pii=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        send_client_reports=False,
        auto_session_tracking=False,
        auto_enabling_integrations=False,
        disabled_integrations=[ArgvIntegration, ModulesIntegration],
        integrations=[
            DjangoIntegration(transaction_style="function_name", middleware_spans=False),
            CeleryIntegration(propagate_traces=False),
            AtexitIntegration(callback=lambda _pending, _seconds: None),
        ],
        before_send=_Filter(),
    )


class _Filter:
    """Reduces each report, and drops those that were sent within the last minute."""

    def __init__(self) -> None:
        self._sent: OrderedDict[tuple[Any, ...], float] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, event: Any, _hint: Any) -> Any:
        found = reduced(event)
        return found if self._is_new(_identity(found)) else None

    def _is_new(self, identity: tuple[Any, ...]) -> bool:
        now = time.monotonic()
        with self._lock:
            if now - self._sent.get(identity, -SILENCE) < SILENCE:
                return False
            self._sent[identity] = now
            self._sent.move_to_end(identity)
            while len(self._sent) > _MOST_REMEMBERED:
                self._sent.popitem(last=False)
        return True


def reduced(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of a report that may be sent, with the ids of the request or job as tags."""
    found = {name: event[name] for name in _KEPT if name in event}
    if "exception" in event:
        found["exception"] = {"values": [_exception(each) for each in event["exception"].get("values", ())]}
    if entry := event.get("logentry"):
        found["logentry"] = {"message": _message(entry.get("formatted") or _filled(entry))}
    elif "message" in event:
        found["message"] = _message(event["message"])
    runtime = event.get("contexts", {}).get("runtime")
    found["contexts"] = {"runtime": runtime} if runtime else {}
    found["tags"] = {name: str(value) for name, value in log_ids().items()}
    return found


def _filled(entry: Mapping[str, Any]) -> str:
    """Return a log record's message with its values in place."""
    text, values = str(entry.get("message", "")), entry.get("params") or ()
    try:
        return text % (values if isinstance(values, Mapping) else tuple(values))
    except (TypeError, ValueError, KeyError):
        return text


def _exception(value: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: value[name] for name in ("type", "module") if name in value}
    found["value"] = _message(value.get("value") or "")
    if mechanism := value.get("mechanism"):
        found["mechanism"] = {name: mechanism[name] for name in ("type", "handled") if name in mechanism}
    if frames := (value.get("stacktrace") or {}).get("frames"):
        kept = [{name: frame[name] for name in _FRAME if name in frame} for frame in frames]
        found["stacktrace"] = {"frames": kept}
    return found


def _message(text: str) -> str:
    """Return the first line, without secrets and e-mail addresses."""
    lines = str(text).strip().splitlines()
    return _EMAIL.sub("***", masked(lines[0]))[:_LONGEST] if lines else ""


def _identity(found: Mapping[str, Any]) -> tuple[Any, ...]:
    values = found.get("exception", {}).get("values", ())
    errors = tuple((each.get("type"), each["value"]) for each in values)
    message = found.get("message") or found.get("logentry", {}).get("message")
    return found.get("transaction"), found.get("logger"), message, errors
