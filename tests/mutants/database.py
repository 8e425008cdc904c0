"""One Postgres for a whole run. Each lane has a database, which is copied anew before the tests of a mutant.

`tests.settings` has started the server and put its address into the environment.
"""

import os
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

TEMPLATE = "mutants_template"
PREPARE = "tests/mutants/prepare.py"


def url_of(name: str) -> str:
    """Return DATABASE_URL with another database; the tests' own is called `test_` and its name."""
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def make_template(folder: Path, python: str) -> None:
    """Migrate an empty database once."""
    environment = {**os.environ, "DATABASE_URL": url_of(TEMPLATE)}
    command = [python, "-m", "pytest", "-q", "--create-db", "--reuse-db", PREPARE]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"The database of the tests cannot be made:\n{done.stdout}{done.stderr}")


def renew(name: str) -> None:
    """Replace a lane's database with a copy of the template."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        target, source = sql.Identifier(f"test_{name}"), sql.Identifier(f"test_{TEMPLATE}")
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(target))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(target, source))
