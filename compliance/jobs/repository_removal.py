"""Removes all rows of a deleted repository, children first and in batches, so that nothing waits for long."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from django.db import models
from django.db.models.functions import Now

from compliance.lib.batches import BATCH
from compliance.models import Repository

RESTORABLE = timedelta(days=30)
"""Time for which a deleted repository can be restored."""


def overdue() -> models.QuerySet[Repository]:
    """Return the repositories that were deleted too long ago to be restored."""
    return Repository.everything.filter(deleted_at__lt=Now() - RESTORABLE)


def remove_rows(repository: Repository, should_stop: Callable[[], bool] = lambda: False) -> bool:
    """Remove everything that is recorded about a repository, and then the repository. Return False if
    `should_stop` ended this before.

    Events of the audit trail stay.
    """
    for model, lookup in _tables():
        rows = model._default_manager.filter(**{lookup: repository.pk}).order_by("pk")  # noqa: SLF001  (documented)
        while keys := list(rows.values_list("pk", flat=True)[:BATCH]):
            if should_stop():
                return False
            model._default_manager.filter(pk__in=keys).delete()  # noqa: SLF001  (documented)
    Repository.everything.filter(pk=repository.pk).delete()
    return True


def _tables() -> list[tuple[type[models.Model], str]]:
    """Return the tables whose rows belong to a repository, each with the lookup that leads to it. A table
    comes before those that its rows refer to.
    """
    found: dict[type[models.Model], str] = {}
    for model, lookup in _below(Repository, ""):
        found.pop(model, None)  # it goes behind what was found on a shorter way
        found[model] = lookup
    return list(reversed(found.items()))


def _below(parent: type[models.Model], above: str) -> Iterator[tuple[type[models.Model], str]]:
    """Yield the tables that refer to `parent` and whose rows can't exist without it, and those below them."""
    for relation in parent._meta.related_objects:  # noqa: SLF001  (Django's documented interface)
        model, field = relation.related_model, relation.field
        if relation.on_delete is not models.CASCADE or model is parent or not isinstance(model, type):
            continue
        lookup = f"{field.name}__{above}" if above else field.name
        yield model, lookup
        yield from _below(model, lookup)
