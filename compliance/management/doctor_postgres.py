"""What `manage.py doctor` says about the embedded Postgres: its programs, and data kept by upgrades."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings

from compliance.embedded.cluster import kept_clusters
from compliance.embedded.data_folders import size_of
from compliance.embedded.paths import PathsError, find_paths
from compliance.embedded.programs import newest_programs, programs_for
from compliance.lib.wording import count_of


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, whether it prevents a start, and what to do about it, if anything."""

    message: str
    fix: str = ""
    is_error: bool = False


def examine_embedded() -> Iterator[Finding]:
    """Yield what is found about the embedded Postgres; nothing if DATABASE_URL names another server."""
    if not settings.EMBEDDED_POSTGRES:
        return
    try:
        paths = find_paths(settings.DATA_DIR)
        used, newest = programs_for(paths.data), newest_programs()
    except PathsError as error:
        yield Finding(str(error), is_error=True)
        return
    yield Finding(f"{used} serves {paths.data}.")
    if newest.major > used.major:
        yield Finding(
            f"{newest} was found, but the data are those of Postgres {used.major}.",
            "Stop the product, and move the data with manage.py upgrade_database.",
        )
    if kept := kept_clusters(paths.home):
        size = sum(size_of(path) for path in kept)
        yield Finding(
            f"Upgrades have kept {count_of(len(kept), 'earlier database')} ({size / 1e6:,.0f} MB) in "
            f"{paths.home}.",
            "Delete them with manage.py upgrade_database --remove-kept, or return to them with --roll-back.",
        )
