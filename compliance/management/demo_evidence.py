"""The demonstration's evidence, handed in as the API does it, once its history is recorded."""

from django.contrib.auth.models import User
from django.db import transaction

from compliance import evidence
from compliance.accounts.roles import Role, give
from compliance.demo import proofs
from compliance.models import Commit, Phase, Repository, TestRun

MANAGER = "maria.keller"
"""Who approves in the demonstration; nobody can sign in under this name."""


def furnish(repository: Repository) -> bool:
    """Hand in what the imagined team's CI and manager said; False where it is there already."""
    if TestRun.objects.filter(repository=repository).exists():
        return False
    with transaction.atomic():
        repository = Repository.objects.select_related("plan", "head").get(pk=repository.pk)
        line = Commit.objects.filter(repository=repository, position__isnull=False)
        by_subject = {commit.subject: commit for commit in line}
        for subject in proofs.RUNS:
            commit = _commit(by_subject, subject)
            at = commit.committed_at + proofs.AFTER
            evidence.receive_report(
                repository, commit.sha, proofs.report(subject), name=f"CI of {commit.sha[:10]}", at=at
            )
        for subject, name, value, unit in proofs.READINGS:
            commit = _commit(by_subject, subject)
            at = commit.committed_at + proofs.AFTER
            evidence.receive_measurement(repository, commit.sha, name, value, unit, at=at)
        for word in proofs.WORDS:
            _approve(repository, _commit(by_subject, word.subject), word)
    return True


def _commit(by_subject: dict[str, Commit], subject: str) -> Commit:
    return next(commit for full, commit in by_subject.items() if full.startswith(subject))


def _approve(repository: Repository, commit: Commit, word: proofs.Word) -> None:
    phase = Phase.objects.get(issue__repository=repository, key=word.phase, in_plan=True)
    head, repository.head = repository.head, commit  # it was the newest when the word was given
    at = commit.committed_at + proofs.AFTER
    evidence.approve(repository, phase, _manager(), word.role, word.comment, at=at)
    repository.head = head


def _manager() -> User:
    person, new = User.objects.get_or_create(
        username=MANAGER, defaults={"first_name": "Maria", "last_name": "Keller"}
    )
    if new:
        person.set_unusable_password()
        person.save()
        give(person, Role.MANAGER)
    return person
