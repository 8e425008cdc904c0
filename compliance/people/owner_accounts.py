"""Finds the accounts of the people and teams that CODEOWNERS files name."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from django.db.models.functions import Lower

from compliance.models import Address, Handle
from compliance.people.identities import login_of, sign_in_forges


def accounts_owning(owners: Collection[str]) -> Mapping[str, set[int]]:
    """Return the ids of the accounts behind each owner, in a fixed number of queries.

    Owners are written as in CODEOWNERS: @name, @organisation/team or an e-mail address. The result is the
    converse of `Identity.owns`. Owners without an account are left out.
    """
    wanted = {owner.casefold(): owner for owner in owners}
    found: defaultdict[str, set[int]] = defaultdict(set)
    emails = [key for key in wanted if not key.startswith("@")]
    handles = [key[1:] for key in wanted if key.startswith("@")]
    pairs = [*(_by_address(emails) if emails else ()), *(_by_handle(handles) if handles else ())]
    for key, account in pairs:
        if key in wanted and account is not None:
            found[wanted[key]].add(account)
    return found


def accounts_named(handle: str, *, is_member: bool) -> set[int]:
    """Return the ids of the accounts whose owner has a handle at a forge, without the @.

    Somebody with the same name as an account here may be a stranger, so the user names of accounts count only
    for a member, who may push to the repository. Of strangers, only handles count that their owners have
    entered or signed in with.
    """
    key = handle.casefold()
    if not key:
        return set()
    pairs = [*_by_known_handle([key]), *(_by_username([key]) if is_member else ())]
    return {account for name, account in pairs if name == f"@{key}" and account is not None}


def _by_address(emails: Collection[str]) -> Iterable[tuple[str, int | None]]:
    yield from User.objects.annotate(lower=Lower("email")).filter(lower__in=emails).values_list("lower", "pk")
    added = Address.objects.annotate(lower=Lower("email")).filter(lower__in=emails)
    yield from added.values_list("lower", "person__account")


def _by_handle(handles: Collection[str]) -> Iterable[tuple[str, int | None]]:
    yield from _by_username(handles)
    yield from _by_known_handle(handles)


def _by_username(names: Collection[str]) -> Iterable[tuple[str, int]]:
    named = User.objects.annotate(lower=Lower("username")).filter(lower__in=names)
    yield from ((f"@{name}", pk) for name, pk in named.values_list("lower", "pk"))


def _by_known_handle(handles: Collection[str]) -> Iterable[tuple[str, int | None]]:
    typed = Handle.objects.annotate(lower=Lower("name")).filter(lower__in=handles)
    for name, person, member in typed.values_list("lower", "person__account", "team__members__account"):
        yield f"@{name}", person
        yield f"@{name}", member
    for row in SocialAccount.objects.filter(provider__in=sign_in_forges()):
        yield f"@{login_of(row)}", row.user_id
