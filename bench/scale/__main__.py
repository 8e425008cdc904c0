"""`python -m bench.scale`: each page with 14,000 commits and 25,000 files beside the demonstration, in turn.

DATABASE_URL names a server where a database may be made, else one is started. BENCH_RUNS (7) is how often
each pair runs. A chart is also asked for as its first reader does, before it is kept: after a change in a
process that has drawn it before ("changed"), in a process that has not ("first"), and in a new web process
that has drawn what it draws ahead ("ahead").
"""

import os
import tempfile
from itertools import chain, count
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")  # a Postgres and a folder of its own
django.setup()

from django.conf import settings  # noqa: E402 - Django is ready from here on
from django.contrib.auth.models import User  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_databases, setup_test_environment, teardown_databases  # noqa: E402
from psycopg.conninfo import make_conninfo  # noqa: E402

from bench.scale import long  # noqa: E402
from bench.scale.fill import fill  # noqa: E402
from bench.scale.pages import addresses, compare  # noqa: E402
from compliance import scans, tasks  # noqa: E402
from compliance.celery import app  # noqa: E402
from compliance.embedded.broker_tables import install  # noqa: E402
from compliance.jobs.queue import claim  # noqa: E402
from compliance.jobs.runner import take  # noqa: E402
from compliance.management.startup_steps import demonstration  # noqa: E402
from compliance.models import Repository  # noqa: E402
from compliance.views.charts_ahead import draw_ahead  # noqa: E402

COMMITS, FILES, GOAL = 14_000, 25_000, 2.0


def main() -> None:
    """Print a line for each page."""
    setup_test_environment(debug=False)
    settings.ALLOWED_HOSTS = ["*"]
    databases = setup_databases(verbosity=0, interactive=False)
    if settings.QUEUE_IN_POSTGRES:
        use_database_queue()
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            measure(int(os.environ.get("BENCH_RUNS", "7")), Path(folder))
    finally:
        app.pool.force_close_all()  # type: ignore[attr-defined]  # the stubs take it for a pool of producers
        teardown_databases(databases, verbosity=0)


_changes = count()


def _change() -> None:
    """Let each repository have another state, so that no response is kept, but what processes know is."""
    Repository.objects.update(trouble=f"change {next(_changes)}")


def _begin_anew() -> None:
    """Know what a web process knows some seconds after its start."""
    cache.clear()
    draw_ahead()


def use_database_queue() -> None:
    """Let messages go through the database that was made for this, and with it away again."""
    connection.ensure_connection()
    install(connection.connection)
    options = app.conf.broker_transport_options
    here = make_conninfo(options["conn_string"], dbname=connection.settings_dict["NAME"])
    app.conf.broker_transport_options = {**options, "conn_string": here}


def measure(runs: int, folder: Path) -> None:
    """Record the demonstration and a long file, fill the long history, ask for each page of both sizes."""
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    small = scans.track(str(demonstration()), slug="demonstration")
    tall = long.track(folder / "long.git")
    while job := claim("bench"):
        take(job, tasks.KINDS)
    small.refresh_from_db()
    large = fill(small, "large", COMMITS, FILES)
    client = Client()
    client.force_login(User.objects.create_superuser("bench"), "django.contrib.auth.backends.ModelBackend")
    print(f"{'page':<28}{'queries':>9}{'ms':>9}{'beside':>9}{'ratio':>7}{'bytes':>9}{'load':>6}")
    others = addresses(small)
    pairs = {name: (address, others[name]) for name, address in addresses(large).items()}
    pairs |= long.addresses(tall)
    charts = {name: pair for name, pair in pairs.items() if name.startswith("chart")}
    rows = chain(
        compare(client, pairs, runs),
        compare(client, {f"{name}, changed": pair for name, pair in charts.items()}, runs, before=_change),
        compare(client, {f"{name}, first": pair for name, pair in charts.items()}, runs, before=cache.clear),
        compare(client, {f"{name}, ahead": pair for name, pair in charts.items()}, runs, before=_begin_anew),
    )
    for page in rows:
        ms, beside = (1000 * seconds for seconds in page.seconds)
        over = " over" if page.ratio > GOAL else ""
        print(
            f"{page.name:<28}{page.queries[0]:>9}{ms:>9.1f}{beside:>9.1f}{page.ratio:>7.2f}{page.size:>9}"
            f"{os.getloadavg()[0]:>6.1f}{over}",
            flush=True,
        )


if __name__ == "__main__":
    main()
