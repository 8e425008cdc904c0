"""Commits that are probably a person's, but have an e-mail address that isn't registered for the person."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Q

from compliance.models import Change, Claim, Repository
from compliance.people.identities import Identity
from compliance.queries.worklist import RECENT


@dataclass(frozen=True, slots=True)
class UnknownAddress:
    """An address, and a claimed file that was changed under it."""

    email: str
    path: str

    def __str__(self) -> str:
        return (
            f"A commit by {self.email} changed {self.path} after you claimed it. That address isn't "
            "registered for you, so the commit didn't extend your claim."
        )


def unknown_addresses(
    repository: Repository, identity: Identity, person: User, claims: Iterable[Claim]
) -> list[UnknownAddress]:
    """Return the addresses of recent commits that changed violations in files after the person had claimed
    them, if the author has the person's name, or the same name before the @, but an address that isn't the
    person's. Each address is returned once, with the newest such file.
    """
    claimed = {claim.file.path: claim.created_at for claim in claims}
    if not claimed or repository.head is None:
        return []
    rows = Change.objects.filter(
        _resembles(person, identity),
        plan=repository.plan_id,
        commit__repository=repository,
        commit__position__gt=(repository.head.position or 0) - RECENT,
        ran_out=False,
        path__in=claimed,
    )
    if wrote := identity.wrote("commit__author_email"):
        rows = rows.exclude(wrote)
    found: dict[str, UnknownAddress] = {}
    columns = ("commit__author_email", "path", "commit__committed_at")
    for email, path, at in rows.order_by("-commit__position").values_list(*columns):
        if at >= claimed[path]:
            found.setdefault(email.casefold(), UnknownAddress(email, path))
    return list(found.values())


def _resembles(person: User, identity: Identity) -> Q:
    names = {person.username, person.get_full_name()} - {""}
    locals_ = {person.username, *(address.partition("@")[0] for address in identity.addresses)}
    found = Q()
    for name in names:
        found |= Q(commit__author_name__iexact=name)
    for local in locals_:
        found |= Q(commit__author_email__istartswith=f"{local}@")
    return found & Q(commit__author_email__contains="@")
