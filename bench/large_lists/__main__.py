"""`python -m bench.large_lists`: CPU of pages and polls at 1,000 repositories and 100,000 violations.

DATABASE_URL names a server where a database may be made, else one is started. BENCH_RUNS (5) is how
often each is repeated.
"""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")  # a Postgres and a folder of its own
django.setup()

from django.conf import settings  # noqa: E402 - Django is ready from here on
from django.contrib.auth.models import User  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_databases, setup_test_environment, teardown_databases  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench.large_lists import seed  # noqa: E402
from bench.large_lists.measured import cost  # noqa: E402
from compliance import jobs, scans  # noqa: E402
from compliance.lib.garbage import collect_rarely  # noqa: E402
from compliance.models import Repository  # noqa: E402
from compliance.views.lookup import state_token  # noqa: E402

SIZES = (10, 100, 1_000)
JOBS = 200_000
AT = "/repositories/large/"
PAGES = {
    "files": f"{AT}files/",
    "files, last page": f"{AT}files/?page=1000000",
    "files of a phase": f"{AT}files/?phase=phase-3",
    "violations": f"{AT}violations/",
    "violations, last page": f"{AT}violations/?page=1000000",
    "violations of a phase": f"{AT}violations/?phase=phase-3",
    "violations.csv": f"{AT}violations.csv",
    "files.csv": f"{AT}files.csv",
    "my work": f"{AT}my-work/",
    "my-work.csv": f"{AT}my-work.csv",
}


def main() -> None:
    """Print a line for each page and poll."""
    setup_test_environment(debug=False)
    settings.ALLOWED_HOSTS = ["*"]
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        client = Client()
        client.force_login(
            User.objects.create_superuser("bench"), "django.contrib.auth.backends.ModelBackend"
        )
        _bytes(client, "/")  # loads the pages, before everything that is loaded is frozen as in a web process
        collect_rarely()
        print(f"{'what':<34}{'web s':>9}{'Postgres s':>12}{'queries':>9}{'kB':>9}")
        for name, work in _works(client):
            told = cost(work, int(os.environ.get("BENCH_RUNS", "5")))
            print(
                f"{name:<34}{told.web:>9.4f}{told.postgres:>12.4f}{told.queries:>9}{work() / 1000:>9.0f}",
                flush=True,
            )
    finally:
        teardown_databases(databases, verbosity=0)


def _works(client: Client) -> Iterator[tuple[str, Callable[[], int]]]:
    """Yield each work with its name, once the rows that it meets are there."""
    made: list[Repository] = []
    for size in SIZES:
        made += [seed.repository(f"r{number:04}", "One plan", 64) for number in range(len(made), size)]
        seed.analyse()
        yield f"home page, {size:,} repositories", partial(_bytes, client, "/")
    yield "home page, search", partial(_bytes, client, "/?q=r0777")
    Repository.objects.update(polled_at=timezone.now() + timedelta(seconds=30))
    yield "poll round, nothing due", _poll
    large = seed.large()
    seed.jobs(JOBS, [large])
    seed.analyse()
    yield "pulse of an open page", partial(_pulse, client)
    yield "sweep", _sweep
    for name, address in PAGES.items():
        yield name, partial(_bytes, client, address)


def _bytes(client: Client, address: str) -> int:
    answer = client.get(address, follow=True)
    assert answer.status_code == 200, f"{address} answers {answer.status_code}"
    if answer.streaming:
        return sum(len(part) for part in answer)
    return len(answer.content)


def _pulse(client: Client) -> int:
    return len(client.get(f"{AT}live/?seen={state_token('large')}").content)


def _poll() -> int:
    scans.poll()
    return 0


def _sweep() -> int:
    return jobs.sweep()


if __name__ == "__main__":
    main()
