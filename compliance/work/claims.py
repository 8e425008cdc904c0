"""Claims: a person's lease on a file. A database constraint decides who holds a file.

Commits renew and complete claims automatically. A claim without commits expires.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from compliance.accounts.roles import Role, may
from compliance.lib.batches import batches, unindexed
from compliance.models import Change, Claim, Commit, File, Repository, Violation
from compliance.people.identities import accounts_of
from compliance.progress.file_status import hold, let_go
from compliance.work.claim_events import claim_expires
from compliance.work.takeovers import tell_of_new_claims, tell_of_release, tell_of_transfer

REMIND_BEFORE = timedelta(days=2)
"""How long before a claim expires its holder is reminded."""

TOGETHER = 200
"""Maximum number of claims in one transaction that reminds their holders."""

State = Claim.State


class ClaimError(Exception):
    """Raised if an action on a claim is not possible. The message tells the user why."""


class TakenError(ClaimError):
    """Raised if other people hold some of the files. `holders` maps the paths of these files to people's
    names.
    """

    def __init__(self, holders: dict[str, str]) -> None:
        self.holders = holders
        few = [f"{path} ({name})" for path, name in sorted(holders.items())[:5]]
        more = f" and {len(holders) - 5} more" if len(holders) > 5 else ""
        super().__init__(
            f"These files are already claimed by somebody else: {', '.join(few)}{more}. Nothing was claimed."
        )


def claim(files: Sequence[File], person: User, note: str = "") -> list[Claim]:
    """Claim files in one repository for a person, either all or none. The person's existing claims are kept.

    Raises:
        TakenError: if another person holds one of the files.
        ClaimError: if a file has no violations, or if the person would exceed the repository's limit.
    """
    if not files:
        raise ClaimError("No file was selected. Select at least one.")
    repository = files[0].repository
    idle = sorted(file.path for file in files if not file.left_to_fix or file.status == File.Status.GONE)
    if idle:
        raise ClaimError(f"No violations to fix in {', '.join(idle[:5])}. Nothing was claimed.")
    with transaction.atomic():
        # Otherwise, two requests by the same person could both check the limit before either has written
        # anything.
        User.objects.select_for_update(no_key=True).get(pk=person.pk)
        expire(Claim.objects.filter(file__in=files))
        _check_limit(repository, person, files)
        until = timezone.now() + timedelta(days=repository.claim_days)
        # Rows are locked in a fixed order, so that two people who want the same files wait instead of causing
        # a deadlock.
        wanted = sorted(file.pk for file in files)
        Claim.objects.bulk_create(
            [Claim(file_id=pk, person=person, until=until, note=note[:2000]) for pk in wanted],
            ignore_conflicts=True,
        )
        active = list(
            Claim.objects.filter(file__in=wanted, state=State.ACTIVE).select_related("person", "file")
        )
        holders = {c.file.path: c.person.get_username() for c in active if c.person_id != person.pk}
        if holders:
            raise TakenError(holders)
        if len(active) < len(set(wanted)):
            raise ClaimError("One of these files was released just now. Nothing was claimed; try again.")
        hold(repository, wanted)
        tell_of_new_claims(active)
    return active


def free_under(repository: Repository, folder: str) -> list[File]:
    """Return the unclaimed files in a folder that have violations to fix, that is, unwaived ones."""
    rows = File.objects.filter(repository=repository, violations__gt=F("waived")).select_related("repository")
    return list(rows.filter(path__startswith=f"{folder.strip('/')}/").exclude(claims__state=State.ACTIVE))


def _check_limit(repository: Repository, person: User, files: Sequence[File]) -> None:
    mine = Claim.objects.filter(file__repository=repository, person=person, state=State.ACTIVE)
    others = mine.exclude(file__in=files).count()
    if others + len(files) > repository.claim_limit:
        raise ClaimError(
            f"You would have {others + len(files)} claims, and this repository allows "
            f"{repository.claim_limit} to one person. Release some, or take fewer files. Nothing was claimed."
        )


def release(claim: Claim, person: User) -> None:
    """Release your own claim; managers may release any. Raises PermissionDenied."""
    if claim.person_id != person.pk and not may(person, Role.MANAGER):
        raise PermissionDenied(
            f"This file is claimed by {claim.person}; only they or a manager can release it."
        )
    with transaction.atomic():
        if _end(Claim.objects.filter(pk=claim.pk), State.RELEASED):
            tell_of_release(claim, person)


def extend(claim: Claim, person: User) -> None:
    """Extend your own claim by the repository's full lease, starting now. Raises the same errors as
    `offer`.
    """
    _check_own(claim, person)
    until = timezone.now() + timedelta(days=claim.file.repository.claim_days)
    _active(claim).update(until=until, reminded_at=None)


def offer(claim: Claim, person: User, to: User) -> None:
    """Offer your own claim to another person. The claim is transferred when that person accepts the offer.

    Raises:
        ClaimError: if that is not possible.
        PermissionDenied: if the claim is somebody else's.
    """
    _check_own(claim, person)
    if to.pk == person.pk or not may(to, Role.ENGINEER):
        raise ClaimError(f"{to} can't accept claims. Choose another engineer.")
    _active(claim).update(offered_to=to)


def accept(claim: Claim, person: User) -> Claim:
    """Accept an offered claim, which restarts its lease. Raises `ClaimError`."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=person.pk)
        _check_limit(claim.file.repository, person, [claim.file])
        offered = Claim.objects.filter(pk=claim.pk, offered_to=person)
        if not _end(offered, State.RELEASED):
            raise ClaimError("This claim is no longer offered to you.")
        until = timezone.now() + timedelta(days=claim.file.repository.claim_days)
        taken = Claim.objects.create(file=claim.file, person=person, until=until, note=claim.note)
        hold(claim.file.repository, [claim.file_id])
        tell_of_transfer(claim, taken)
    return taken


def decline(claim: Claim, person: User) -> None:
    """Decline an offered claim, or withdraw an offer. Raises PermissionDenied for anyone but the two people
    involved.
    """
    if person.pk not in (claim.offered_to_id, claim.person_id):
        raise PermissionDenied("This claim is not offered to you.")
    _active(claim).update(offered_to=None)


def _check_own(claim: Claim, person: User) -> None:
    if claim.state != State.ACTIVE:
        raise ClaimError(f"This claim is already {claim.state}.")
    if claim.person_id != person.pk:
        raise PermissionDenied(f"This file is claimed by {claim.person}, not by you.")


def _active(claim: Claim) -> QuerySet[Claim]:
    return Claim.objects.filter(pk=claim.pk, state=State.ACTIVE)


def _end(claims: QuerySet[Claim], state: str, commit: Commit | None = None) -> int:
    """End the given claims that are active, which makes their files available again."""
    number = 0
    for batch in batches(list(claims.filter(state=State.ACTIVE).values_list("pk", flat=True))):
        with transaction.atomic():
            locked = Claim.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=batch)
            # They are selected again once they are locked, because they may have been changed meanwhile.
            ended = [c for c in claims.filter(pk__in=[c.pk for c in locked]) if c.state == State.ACTIVE]
            Claim.objects.filter(pk__in=[c.pk for c in ended]).update(
                state=state, ended_at=timezone.now(), completed_by=commit, offered_to=None
            )
            let_go([c.file_id for c in ended])
        number += len(ended)
    return number


def expire(claims: QuerySet[Claim] | None = None) -> int:
    """End expired claims, and return how many there were."""
    rows = Claim.objects.all() if claims is None else claims
    return _end(rows.filter(until__lte=timezone.now()), State.EXPIRED)


def remind() -> int:
    """Remind the holder of each claim that expires soon, once per claim. Return how many were reminded."""
    now = timezone.now()
    due = Claim.objects.filter(state=State.ACTIVE, reminded_at=None, until__lte=now + REMIND_BEFORE)
    told = 0
    for some in batches(due.order_by("file__repository", "pk").values_list("pk", flat=True), TOGETHER):
        with transaction.atomic():  # what is committed one by one may become several messages to one person
            locked = due.filter(pk__in=some).select_for_update(of=("self",))
            rows = list(locked.select_related("file__repository", "person").order_by("pk"))
            Claim.objects.filter(pk__in=[row.pk for row in rows]).update(reminded_at=now)
            for row in rows:
                claim_expires(row)
            told += len(rows)
    return told


@dataclass(frozen=True, slots=True)
class Advance:
    """The effect of a commit on claims: whose claim on which file was renewed or completed."""

    renewed: tuple[int, ...]
    completed: tuple[int, ...]


def settle(sender: Repository, *, commit: Commit, files: Iterable[int], email: str, **_: object) -> Advance:
    """Renew, complete, move and end claims after a commit was recorded.

    Receives `commit_recorded`, within the transaction that records the commit.
    """
    renewed: list[int] = []
    done: list[int] = []
    for touched in batches(files):
        _follow_renames(touched)
        active = Claim.objects.filter(file__in=touched, state=State.ACTIVE)
        _end(active.filter(file__status=File.Status.GONE), State.RELEASED)
        done += _complete(sender, active, commit)
        release_finished(touched)
        expired = Change.objects.filter(commit=commit, plan=sender.plan_id, ran_out=True)
        mine = active.filter(person__in=accounts_of(email)).exclude(file__path__in=expired.values("path"))
        held = list(mine.values_list("pk", flat=True))
        until = timezone.now() + timedelta(days=sender.claim_days)
        Claim.objects.filter(pk__in=held).update(until=until, reminded_at=None, renewed_by=commit)
        renewed += held
    return Advance(tuple(renewed), tuple(done))


def _complete(repository: Repository, active: QuerySet[Claim], commit: Commit) -> list[int]:
    """Complete the claims on files without violations, and return them.

    A comment that suppresses a violation doesn't complete a claim that was made before. If several commits
    are reported at once, the last one that fixed something is assumed to have made the file clean.
    """
    hidden = Violation.objects.alias(of=unindexed("plan_id")).filter(
        of=repository.plan_id,
        file=OuterRef("file"),
        last__isnull=True,
        suppressed=True,
        thread__isnull=False,
        introduced__recorded_at__gt=OuterRef("created_at"),
    )
    clean = dict(active.filter(~Exists(hidden), file__violations=0).values_list("pk", "file_id"))
    later = Violation.objects.alias(of=unindexed("plan_id"), until=unindexed("last")).filter(
        of=repository.plan_id, file__in=clean.values(), until__gte=commit.position
    )
    fixed_later = set(later.values_list("file_id", flat=True))
    done = [pk for pk, file in clean.items() if file not in fixed_later]
    _end(Claim.objects.filter(pk__in=done), State.COMPLETED, commit)
    return done


def release_finished(files: Iterable[int]) -> None:
    """Release the claims on files in which nothing is left to fix, because the rest is waived or suppressed.

    They aren't completed, because nobody fixed these violations.
    """
    for batch in batches(files):
        active = Claim.objects.filter(file__in=batch, state=State.ACTIVE)
        rest = (File.Status.WAIVED, File.Status.SUPPRESSED)
        _end(active.filter(file__status__in=rest), State.RELEASED)


def _follow_renames(files: list[int]) -> None:
    moved = Claim.objects.filter(file__in=files, state=State.ACTIVE, file__renamed_to__isnull=False)
    for row in moved.select_related("file__repository__plan"):
        if not Claim.objects.filter(file=row.file.renamed_to, state=State.ACTIVE).exists():
            row.file_id = row.file.renamed_to_id or row.file_id
            row.save(update_fields=["file"])
            hold(row.file.repository, [row.file_id])


def follow_plan(sender: Repository, **_: object) -> None:
    """Complete the claims on files that have no violations under a new plan. Receives `plan_activated`."""
    active = Claim.objects.filter(file__repository=sender, state=State.ACTIVE)
    _end(active.filter(file__violations=0).exclude(file__status=File.Status.SUPPRESSED), State.COMPLETED)
    release_finished(list(active.values_list("file_id", flat=True)))
