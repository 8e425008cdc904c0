"""Where the product's files are that aren't Python modules, and how its commands are run: in a checkout, or
in the package.

A wheel has no folders beside the package, so `deploy/wheel.py` puts the templates, the static files and the
front-end packages into it.
"""

import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
CHECKOUT = PACKAGE.parent
IS_INSTALLED = not (CHECKOUT / "manage.py").is_file()
"""True if the product was installed as a package, and false if it runs from a checkout."""

_FILES = PACKAGE / "files" if IS_INSTALLED else CHECKOUT

TEMPLATE_FOLDER = _FILES / "templates"
STATIC_FOLDER = _FILES / "static"

FRONT_END = (
    ("vendor/tabler", "@tabler/core/dist/css"),
    ("vendor/tabler", "@tabler/core/dist/js"),
    ("vendor/chart", "chart.js/dist"),
    ("vendor/htmx", "htmx.org/dist"),
)
"""The folders of npm's packages that are served, by the prefix of their addresses."""


def front_end() -> list[tuple[str, Path]]:
    """Return the folders of the front-end packages, by the prefix under which they are served."""
    if IS_INSTALLED:
        return [(prefix, _FILES / prefix) for prefix in dict(FRONT_END)]
    return [(prefix, CHECKOUT / "node_modules" / folder) for prefix, folder in FRONT_END]


def command(words: str) -> str:
    """Return the command line of one of the product's commands in this installation.

    Args:
        words: the command's name and its arguments, such as `maintenance off`.
    """
    return f"ssot-compliance {words}" if IS_INSTALLED else f".venv/bin/python manage.py {words}"


def start_command(**options: object) -> str:
    """Return the command line that starts everything on one machine in this installation.

    Args:
        options: values of the options `repo`, `plan` and `port`.
    """
    if IS_INSTALLED:
        return " ".join(("ssot-compliance up", *(f"--{name} {value}" for name, value in options.items())))
    return " ".join(("make up", *(f"{name.upper()}={value}" for name, value in options.items())))


def product_version() -> str:
    """Return the version of the installed package, or `checkout`."""
    try:
        return version("ssot-compliance")
    except PackageNotFoundError:
        return "checkout"


def default_data_folder() -> Path:
    """Return the folder for data if `DATA_DIR` isn't set: `var` in a checkout, and otherwise the user's own
    (XDG Base Directory Specification).
    """
    if not IS_INSTALLED:
        return CHECKOUT / "var"
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "ssot-compliance"
