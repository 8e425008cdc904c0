"""gunicorn's settings, which mask secrets in its logs (`--config python:compliance.server.web_log`)."""

import logging
from http import HTTPStatus
from typing import Any

from gunicorn.glogging import Logger

from compliance.lib.logs import masked

_LEFT = 499
"""The status under which nginx logs a request whose client has left."""


class WebLog(Logger):  # type: ignore[misc]  # the library has no types
    """The access log and the error log, both without keys of links, codes and tokens."""

    def atoms(self, answer: Any, *request: Any) -> dict[str, Any]:
        """The parts that an access log's line is made of, each masked.

        gunicorn gives a request that was never answered status 500. All answers of the product have headers.
        """
        parts = super().atoms(answer, *request)
        if parts["s"] == HTTPStatus.INTERNAL_SERVER_ERROR and not answer.headers:
            parts["s"] = _LEFT
        return {name: masked(part) if isinstance(part, str) else part for name, part in parts.items()}

    def setup(self, cfg: Any) -> None:
        """Mask also what is said of errors: it may quote a request."""
        super().setup(cfg)
        for kept in self.error_log.handlers:
            kept.addFilter(_mask)


def _mask(record: logging.LogRecord) -> bool:
    record.msg, record.args = masked(record.getMessage()), ()
    return True


logger_class = WebLog
graceful_timeout = (
    15  # seconds for requests in progress, below the 20 that `manage.py up` gives the web server
)
keepalive = 5
control_socket_disable = True  # its file in the home directory would be shared by all installations of a user
