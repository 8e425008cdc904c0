"""Looks up the rows of paths."""

from collections.abc import Iterable

from compliance.lib.batches import batches
from compliance.models import File, Repository


def files_at(repository: Repository, paths: Iterable[str]) -> list[int]:
    """Return the ids of the files at these paths that the repository has rows of."""
    rows = File.objects.filter(repository=repository)
    return [pk for batch in batches(paths) for pk in rows.filter(path__in=batch).values_list("pk", flat=True)]
