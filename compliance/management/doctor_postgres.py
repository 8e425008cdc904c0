"""What `manage.py doctor` says about the embedded Postgres: its programs, and data kept by upgrades."""

from collections.abc import Iterator

from django.conf import settings

from compliance.embedded.cluster import kept_clusters
from compliance.embedded.data_folders import size_of
from compliance.embedded.paths import PathsError, find_paths
from compliance.embedded.programs import newest_programs, programs_for
from compliance.lib.product_files import command
from compliance.lib.wording import count_of
from compliance.management.diagnosis import Diagnosis, Level

_SUBJECT = "Postgres"


def examine_embedded() -> Iterator[Diagnosis]:
    """Yield what is found about the embedded Postgres; nothing if DATABASE_URL names another server."""
    if not settings.EMBEDDED_POSTGRES:
        return
    try:
        paths = find_paths(settings.DATA_DIR)
        used, newest = programs_for(paths.data), newest_programs()
    except PathsError as error:
        yield Diagnosis(Level.ERROR, _SUBJECT, str(error))
        return
    yield Diagnosis(Level.OK, _SUBJECT, f"{used}, data in {paths.data}.")
    if newest.major > used.major:
        yield Diagnosis(
            Level.WARNING,
            _SUBJECT,
            f"{newest} was found, but the data are those of Postgres {used.major}.",
            f"Stop the product, and move the data with {command('upgrade_database')}.",
        )
    if kept := kept_clusters(paths.home):
        size = sum(size_of(path) for path in kept)
        yield Diagnosis(
            Level.WARNING,
            _SUBJECT,
            f"Upgrades have kept {count_of(len(kept), 'earlier database')} ({size / 1e6:,.0f} MB) in "
            f"{paths.home}.",
            f"Delete them with {command('upgrade_database --remove-kept')}, or return to them with "
            "--roll-back.",
        )
