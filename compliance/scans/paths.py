"""Looks up the database rows for given paths."""

from collections.abc import Iterable

from compliance.lib.batches import batches, index_plans, unindexed
from compliance.models import File, Repository


def files_at(repository: Repository, paths: Iterable[str]) -> list[int]:
    """Return the ids of the repository's files at these paths. Paths without a row are ignored."""
    rows = File.objects.alias(of=unindexed("repository_id")).filter(of=repository.pk)
    found: list[int] = []
    for batch in batches(paths):
        with index_plans():
            found += rows.filter(path__in=batch).values_list("pk", flat=True)
    return found
