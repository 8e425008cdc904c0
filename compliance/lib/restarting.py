"""Says how this installation is started anew with another setting: the variables in use must be given again,
or another installation is started.
"""

import os
import shlex

from django.conf import settings

from compliance.lib.product_files import CHECKOUT, IS_INSTALLED, start_command

STARTED_BY_UP = "SSOT_STARTED_BY_UP"
"""The variable by which `up` tells its programs that it has started them."""


def restart_sentence(variable: str, value: str) -> str:
    """Return how to restart the product with a variable, the command as a code span."""
    assignment = f"{variable}={shlex.quote(value)}"
    if not os.environ.get(STARTED_BY_UP):
        return f"Set `{assignment}` in the environment of the web server, workers and beat, and restart them."
    secret = sorted(name.upper() for name in _secret_names() if os.environ.get(name.upper()))
    also = f" {', '.join(secret)} must be set as now; they are secret, and not shown here." if secret else ""
    return (
        "Stop the product first (Ctrl-C in its terminal). Then start it with "
        f"`{_command({**_given(), variable: value})}`.{also}"
    )


def _given() -> dict[str, str]:
    """Return the settings of this installation that are not secret, and that another shell may lack."""
    names = type(settings.ENVIRONMENT).model_fields
    secret = _secret_names()
    known = [name.upper() for name in names if name not in secret]
    found = {name: os.environ[name] for name in known if os.environ.get(name)}
    if IS_INSTALLED or settings.DATA_DIR != CHECKOUT / "var":
        found["DATA_DIR"] = str(settings.DATA_DIR)
    files = (f"{name.upper()}_FILE" for name in names)
    found |= {name: os.environ[name] for name in files if os.environ.get(name)}
    return found


def _secret_names() -> set[str]:
    fields = type(settings.ENVIRONMENT).model_fields
    return {name for name, field in fields.items() if not field.repr}


def _command(variables: dict[str, str]) -> str:
    words = [f"{name}={shlex.quote(value)}" for name, value in variables.items()]
    folder = "" if IS_INSTALLED else f"cd {shlex.quote(str(CHECKOUT))} && "
    return f"{folder}{' '.join([*words, start_command()])}"
