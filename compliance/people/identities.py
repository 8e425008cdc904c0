"""Matches accounts with commit authors and CODEOWNERS owners.

To hide e-mail addresses, forges provide addresses such as `1234+ada@users.noreply.github.com` (GitHub) and
`1234-ada@users.noreply.gitlab.com` (GitLab). The number is the id of the account on the forge, which never
changes, and the name after it is the account's handle. GitHub's older format contains no number.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from compliance.models import Address, Forge, Handle

_GITHUB = re.compile(r"(?:(\d+)\+)?([^@+]+)@users\.noreply\.(.+)")
_GITLAB = re.compile(r"(\d+)-([^@]+)@users\.noreply\.(.+)")
_LOGINS = {
    Forge.GITHUB: (("login",),),
    Forge.GITLAB: (
        ("userinfo", "preferred_username"),
        ("userinfo", "nickname"),
        ("id_token", "preferred_username"),
        ("id_token", "nickname"),
    ),
}
"""The location of the handle in the data of a sign-in."""

_PUBLIC = {Forge.GITHUB: "github.com", Forge.GITLAB: "gitlab.com"}


@dataclass(frozen=True, slots=True)
class ForgeAccount:
    """An account on a forge. `number` is its id there, or empty if only the handle is known."""

    forge: Forge
    number: str
    handle: str


def forge_account(email: str) -> ForgeAccount | None:
    """Return the forge account to which a noreply address belongs, or None for any other address."""
    for forge, pattern in ((Forge.GITHUB, _GITHUB), (Forge.GITLAB, _GITLAB)):
        found = pattern.fullmatch(email.strip().casefold())
        if found and found[3] == _host(forge):
            return ForgeAccount(forge, found[1] or "", found[2])
    return None


def accounts_of(email: str) -> set[int]:
    """Return the primary keys of the accounts of people who commit under an address."""
    email = email.strip()
    if not email:
        return set()
    accounts = set(User.objects.filter(email__iexact=email).values_list("pk", flat=True))
    added = Address.objects.annotate(lower=Lower("email")).filter(lower=email.lower())
    accounts.update(added.exclude(person__account=None).values_list("person__account", flat=True))
    if not accounts and (elsewhere := forge_account(email)):
        return _accounts_on(elsewhere)
    return accounts


def _accounts_on(elsewhere: ForgeAccount) -> set[int]:
    """Return the accounts that are connected to the forge account with this number. If there are none, return
    those whose owners have entered the handle as their own.

    A connected forge account with the same handle but another number belongs to someone else, because a
    handle that its owner gave up can be reused.
    """
    if elsewhere.number:
        same = SocialAccount.objects.filter(provider=elsewhere.forge, uid=elsewhere.number)
        if known := set(same.values_list("user", flat=True)):
            return known
    typed = Handle.objects.annotate(lower=Lower("name")).filter(forge=elsewhere.forge, lower=elsewhere.handle)
    found = set(typed.exclude(person__account=None).values_list("person__account", flat=True))
    if not elsewhere.number:
        found |= set(connected_as(elsewhere.forge, elsewhere.handle).values_list("user", flat=True))
    return found


def connected_as(forge: Forge, handle: str) -> QuerySet[SocialAccount]:
    """Return the sign-in connections to a forge account with this handle."""
    wanted = Q()
    for path in _LOGINS.get(forge, ()):
        wanted |= Q(**{f"extra_data__{'__'.join(path)}__iexact": handle})
    rows: QuerySet[SocialAccount] = SocialAccount.objects.filter(wanted, provider=forge)
    return rows if wanted else rows.none()


def sign_in_forges() -> list[str]:
    """Return the forges with which people may sign in."""
    return [str(forge) for forge in _LOGINS]


def login_of(row: SocialAccount) -> str:
    """Return the handle of a connected forge account in lower case, or an empty string if it is unknown."""
    for path in _LOGINS[Forge(row.provider)]:
        value: Any = row.extra_data
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, str) and value:
            return value.casefold()
    return ""


def _host(forge: Forge) -> str:
    """Return the host of the forge that is configured for sign-in or, without one, the forge's public
    host.
    """
    providers = settings.SOCIALACCOUNT_PROVIDERS
    address = ""
    if forge == Forge.GITHUB:
        address = providers.get("github", {}).get("GITHUB_URL", "")
    for app in providers.get("openid_connect", {}).get("APPS", ()) if forge == Forge.GITLAB else ():
        if app["provider_id"] == forge:
            address = app["settings"]["server_url"]
    return urlsplit(address).hostname or _PUBLIC[forge]


@dataclass(frozen=True, slots=True)
class Identity:
    """All names under which a person is known, in lower case. Handles and teams are stored without the @."""

    addresses: frozenset[str]
    accounts: frozenset[ForgeAccount]
    handles: frozenset[str]
    teams: frozenset[str]

    def owns(self, owners: tuple[str, ...]) -> bool:
        """Return true if the person, or a team of theirs, is among the owners in CODEOWNERS."""
        names = {*self.addresses, *(f"@{name}" for name in self.handles | self.teams)}
        return any(owner.casefold() in names for owner in owners)

    def wrote(self, column: str) -> Q | None:
        """Return a condition for rows in which a column with an author's address contains one of the
        person's, or None if there are no addresses.
        """
        conditions = [Q(**{f"{column}__iexact": address}) for address in sorted(self.addresses)]
        for account in sorted(self.accounts, key=lambda account: (account.forge, account.handle)):
            if account.forge not in _PUBLIC:
                continue
            end = f"@users.noreply.{_host(account.forge)}"
            if account.number:
                mark = "+" if account.forge == Forge.GITHUB else "-"
                start = {f"{column}__istartswith": account.number + mark}
                conditions.append(Q(**start, **{f"{column}__iendswith": end}))
            if account.handle:
                conditions += _named(column, account, end)
        found = Q()
        for condition in conditions:
            found |= condition
        return found if conditions else None


def _named(column: str, account: ForgeAccount, end: str) -> list[Q]:
    """Return conditions that match noreply addresses with the account's handle: if its number is known, only
    the old format without a number, otherwise any number.
    """
    name = account.handle + end
    if account.number:
        return [Q(**{f"{column}__iexact": name})] if account.forge == Forge.GITHUB else []
    mark = r"\+" if account.forge == Forge.GITHUB else "-"
    number = f"([0-9]+{mark})" + ("?" if account.forge == Forge.GITHUB else "")
    return [Q(**{f"{column}__iregex": f"^{number}{re.escape(name)}$"})]


def identity_of(person: User) -> Identity:
    """Return a person's identity outside the product, in three queries."""
    added = Address.objects.filter(person__account=person).values_list("email", flat=True)
    known = Handle.objects.filter(Q(person__account=person) | Q(team__members__account=person)).distinct()
    named = list(known.values_list("team", "forge", "name"))
    accounts = {ForgeAccount(Forge(forge), "", name.casefold()) for team, forge, name in named if not team}
    for row in SocialAccount.objects.filter(user=person, provider__in=list(_LOGINS)):
        accounts.add(ForgeAccount(Forge(row.provider), row.uid, login_of(row)))
    handles = {person.get_username().casefold(), *(account.handle for account in accounts)} - {""}
    return Identity(
        addresses=frozenset({person.email.casefold(), *map(str.casefold, added)} - {""}),
        accounts=frozenset(accounts),
        handles=frozenset(handles),
        teams=frozenset(name.casefold() for team, _, name in named if team),
    )
