"""Creates, accepts and revokes invitations, and manages accounts.

This is the only module that decides if the key in an invitation or password reset link grants access.
"""

from datetime import timedelta

import pghistory
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import EmailField, Q, QuerySet
from django.utils import timezone

from compliance.accounts.closing import ResetKeys
from compliance.accounts.roles import Role, give, role_of
from compliance.lib.parsing import number_in
from compliance.lib.secret_keys import digest_of, is_key, new_key
from compliance.models import Account, Address, Invitation

GOOD_FOR = timedelta(days=7)
RESET_KEYS = ResetKeys()


class PeopleError(Exception):
    """Raised if a request cannot be fulfilled. The message gives the reason."""


def invite(email: str, role: Role, person: User) -> tuple[Invitation, str]:
    """Create an invitation and return its key, which is not stored. An earlier invitation for the address
    ends.

    Raises:
        PeopleError: if somebody with this address already has an account.
    """
    if User.objects.filter(email__iexact=email).exists():
        raise PeopleError(
            "Somebody with this address already has an account. Change the role of that account instead."
        )
    key = new_key()
    with transaction.atomic():
        standing().filter(email__iexact=email).update(revoked_at=timezone.now())
        made = Invitation.objects.create(
            email=email,
            role=role.group,
            digest=digest_of(key),
            person=person,
            expires_at=timezone.now() + GOOD_FOR,
        )
    return made, key


def standing() -> QuerySet[Invitation]:
    """Return the invitations that can still be accepted."""
    return Invitation.objects.filter(
        accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=timezone.now()
    )


def opened(key: str) -> Invitation | None:
    """Return the invitation that belongs to a key, or None if the key is unknown, used, revoked or
    expired.
    """
    return standing().filter(digest=digest_of(key)).first() if is_key(key) else None


def revoke(invitation: Invitation) -> bool:
    """Revoke an invitation that hasn't been accepted. Return False if there was nothing to revoke."""
    return bool(standing().filter(pk=invitation.pk).update(revoked_at=timezone.now()))


@transaction.atomic
def accept(invitation: Invitation, user: User) -> None:
    """Create an account with the invitation's role. If two requests do this at the same time, only one
    succeeds.

    Raises:
        PeopleError: if the invitation has been accepted or revoked in the meantime.
    """
    locked = standing().select_for_update().filter(pk=invitation.pk).first()
    if locked is None:
        raise PeopleError("This invitation has been used or revoked. Ask for a new one.")
    user.email = locked.email
    user.save()
    give(user, Role[locked.role.upper()])
    locked.accepted_at, locked.accepted_by = timezone.now(), user
    locked.save(update_fields=["accepted_at", "accepted_by"])


@transaction.atomic
def change(user: User, role: Role) -> None:
    """Change a person's role.

    Raises:
        PeopleError: if no administrator would be left.
    """
    if role != Role.ADMINISTRATOR:
        _keep_one(user)
    give(user, role)
    user.is_staff = user.is_staff and role == Role.ADMINISTRATOR
    user.is_superuser = user.is_superuser and role == Role.ADMINISTRATOR
    user.save(update_fields=["is_staff", "is_superuser"])


@transaction.atomic
def let_in(user: User, active: bool) -> None:
    """Close a person's account, which immediately ends all their sessions and tokens, or reopen it.

    Raises:
        PeopleError: if no administrator would be left.
    """
    if not active:
        _keep_one(user)
    user.is_active = active
    user.save(update_fields=["is_active"])


@transaction.atomic
def readdress(user: User, email: str) -> None:
    """Change or remove a person's e-mail address. The audit trail records that it changed, but not the
    address.

    Raises:
        PeopleError: if the address is invalid or belongs to another account.
    """
    try:
        EmailField(blank=True).clean(email, None)
    except ValidationError:
        raise PeopleError(f"“{email[:100]}” is not a valid e-mail address; nothing was changed.") from None
    if email and User.objects.filter(email__iexact=email).exclude(pk=user.pk).exists():
        raise PeopleError("Another account already uses this address.")
    if email and Address.objects.filter(email__iexact=email).exclude(person__account=user).exists():
        raise PeopleError("Somebody else has added this address as one under which they commit.")
    user.email = email
    user.save(update_fields=["email"])
    pghistory.create_event(Account.objects.get(pk=user.pk), label="e-mail")


def rename(user: User, first_name: str, last_name: str) -> None:
    """Change a person's name, which is apart from the username. The audit trail records that it changed."""
    if (user.first_name, user.last_name) == (first_name, last_name):
        return
    user.first_name, user.last_name = first_name, last_name
    user.save(update_fields=["first_name", "last_name"])
    pghistory.create_event(Account.objects.get(pk=user.pk), label="name")


def remember(user: User) -> str:
    """Return a one-time key with which this person can choose a new password within PASSWORD_RESET_TIMEOUT.

    The key becomes invalid when the person signs in or changes their password or address. The audit trail
    records that it was created.

    Raises:
        PeopleError: if the account is closed.
    """
    if not user.is_active:
        raise PeopleError("This account is closed. Reopen it first.")
    pghistory.create_event(Account.objects.get(pk=user.pk), label="reset link")
    return f"{user.pk}-{RESET_KEYS.make_token(user)}"


def forgetful(key: str) -> User | None:
    """Return the person who may choose a new password with this key, or None if it is unknown, used or
    expired.
    """
    number, _, token = key.partition("-")
    user = User.objects.filter(pk=number_in(number) or 0, is_active=True).first()
    return user if user and RESET_KEYS.check_token(user, token) else None


def _keep_one(leaving: User) -> None:
    administers = Q(is_staff=True) | Q(is_superuser=True) | Q(groups__name=Role.ADMINISTRATOR.group)
    # The rows are locked: if two administrators remove each other's role, one has to wait and is then
    # refused.
    active = User.objects.filter(is_active=True, pk__in=User.objects.filter(administers).values("pk"))
    left = [row for row in active.select_for_update().order_by("pk") if row.pk != leaving.pk]
    if not left and role_of(leaving) == Role.ADMINISTRATOR:
        raise PeopleError("This is the last administrator. Make somebody else an administrator first.")
