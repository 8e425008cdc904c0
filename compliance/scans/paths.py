"""Looks up the database rows for given paths."""

from collections.abc import Iterable

from compliance.lib.batches import batches, index_plans, unindexed
from compliance.models import File, Repository


def files_at(repository: Repository, paths: Iterable[str]) -> list[int]:
    """Return the ids of the repository's files at these paths. Paths without a row are ignored."""
    return [file.pk for file in rows_at(repository, paths).values()]


def rows_at(repository: Repository, paths: Iterable[str]) -> dict[str, File]:
    """Return the rows of the repository's files at these paths. Paths without a row are left out."""
    rows = File.objects.alias(of=unindexed("repository_id")).filter(of=repository.pk)
    found: dict[str, File] = {}
    for batch in batches(paths):
        with index_plans():
            found.update((file.path, file) for file in rows.filter(path__in=batch))
    return found
