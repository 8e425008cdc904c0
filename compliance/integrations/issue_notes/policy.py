"""The switch by which managers have progress written on the issues of a repository."""

from django.contrib.auth.models import User
from django.db import transaction

from compliance.integrations.issue_notes.requests import request
from compliance.models import IssueNotePolicy, Repository


def is_enabled(repository: Repository) -> bool:
    """Return true if progress is written on the repository's issues. By default, it isn't."""
    return IssueNotePolicy.objects.filter(repository=repository, is_enabled=True).exists()


def set_enabled(repository: Repository, person: User, *, enabled: bool) -> bool:
    """Switch the notes on or off. Return true if that changed something.

    Switched on, the notes are written at once; switched off, those that exist say that they are no longer
    updated.
    """
    with transaction.atomic():
        Repository.objects.select_for_update(no_key=True).get(pk=repository.pk)
        if is_enabled(repository) == enabled:
            return False
        IssueNotePolicy.objects.update_or_create(repository=repository, defaults={"is_enabled": enabled})
        request(repository, f"notes switched {'on' if enabled else 'off'} by {person.get_username()}", person)
    return True
