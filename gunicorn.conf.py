"""gunicorn reads this file by itself when it is started in the checkout."""

from compliance.server.web_log import control_socket_disable, graceful_timeout, keepalive, logger_class

__all__ = ["control_socket_disable", "graceful_timeout", "keepalive", "logger_class"]
