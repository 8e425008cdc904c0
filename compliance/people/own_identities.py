"""Lets people add e-mail addresses and handles to their own identity."""

import re

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from compliance.models import Address, Forge, Handle, Person
from compliance.people.identities import connected_as

MOST = 50
"""Maximum number of addresses that a person may add. The same limit applies to handles."""

_HANDLE = re.compile(r"[\w.-]{1,200}", re.ASCII)


class IdentityError(Exception):
    """Raised if an address or handle cannot be added. The message tells the person why."""


def add_address(account: User, email: str) -> Address:
    """Add an e-mail address under which a person commits.

    Raises:
        IdentityError: if it is not a valid address, belongs to someone else, or exceeds the limit.
    """
    email = email.strip()
    try:
        validate_email(email)
    except ValidationError:
        raise IdentityError(f"“{email[:100]}” is not an e-mail address, such as ada@example.org.") from None
    taken = User.objects.filter(email__iexact=email).exclude(pk=account.pk).exists()
    if not taken and (known := Address.objects.filter(email__iexact=email).first()):
        taken = known.person.account_id != account.pk
        if not taken:
            return known
    if taken:
        raise IdentityError(f"{email} belongs to somebody else here. Ask an administrator for help.")
    person = _person(account)
    if person.addresses.count() >= MOST:
        raise IdentityError(f"At most {MOST} addresses can be added; remove one first.")
    try:
        with transaction.atomic():
            return Address.objects.create(person=person, email=email)
    except IntegrityError:
        raise IdentityError(f"{email} was added by somebody else just now.") from None


def add_handle(account: User, forge: str, name: str) -> Handle:
    """Add a person's name on a forge.

    Raises:
        IdentityError: if it is not a valid name, belongs to someone else, or exceeds the limit.
    """
    name = name.strip().removeprefix("@")
    if forge not in Forge.values:
        raise IdentityError("Choose the forge of the handle.")
    if not _HANDLE.fullmatch(name):
        raise IdentityError(f"“{name[:100]}” is not a handle; it has letters, digits, '-', '_' and '.'.")
    known = Handle.objects.filter(forge=forge, name__iexact=name).first()
    if known and known.person and known.person.account_id == account.pk:
        return known
    others = connected_as(Forge(forge), name).exclude(user=account)
    if known or others.exists():
        raise IdentityError(f"@{name} belongs to somebody else here. Ask an administrator for help.")
    person = _person(account)
    if person.handles.count() >= MOST:
        raise IdentityError(f"At most {MOST} handles can be added; remove one first.")
    try:
        with transaction.atomic():
            return Handle.objects.create(person=person, forge=forge, name=name)
    except IntegrityError:
        raise IdentityError(f"@{name} was added by somebody else just now.") from None


def _person(account: User) -> Person:
    return Person.objects.get_or_create(account=account)[0]
