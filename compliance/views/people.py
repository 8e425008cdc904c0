"""The page on which administrators manage users, roles and invitations."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from compliance import notifications
from compliance.accounts import invitations
from compliance.accounts.roles import Role, needs, person_of, role_of
from compliance.lib.addresses import public_address
from compliance.lib.wording import with_article
from compliance.models import Invitation
from compliance.views.csv_response import stream_csv

PAGE = 50
ROLES = [(role.group, role.group) for role in Role]
_SEE = "The page Outbox shows whether the mail server has accepted it."
COLUMNS = ("name", "role", "active", "signed_in_at", "since")


class InvitationForm(forms.Form):
    """The e-mail address and role of an invitation."""

    email = forms.EmailField(max_length=254)
    role = forms.ChoiceField(choices=ROLES, initial=Role.ENGINEER.group)


@require_safe
@never_cache
@needs(Role.ADMINISTRATOR)
def people(request: HttpRequest) -> HttpResponse:
    """Show the users, sorted by name, 50 per page, and the open invitations."""
    return _page(request, InvitationForm())


@require_safe
@needs(Role.ADMINISTRATOR)
def people_csv(_request: HttpRequest) -> HttpResponseBase:
    """Return the users as CSV, without e-mail addresses."""
    rows = (
        (row.username, role.group if role else "", row.is_active, row.last_login, row.date_joined)
        for row, role in ((row, role_of(row)) for row in _rows())
    )
    return stream_csv("people", COLUMNS, rows)


@require_POST
@never_cache
@needs(Role.ADMINISTRATOR)
def invite(request: HttpRequest) -> HttpResponse:
    """Send an invitation by e-mail, or show its link once if there is no mail server."""
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    said = form.cleaned_data
    try:
        made, key = invitations.invite(said["email"], Role[said["role"].upper()], person_of(request))
    except invitations.PeopleError as error:
        form.add_error("email", str(error))
        return _page(request, form, status=422)
    way = reverse("join", args=[key])
    link = _link(request, way)
    if settings.EMAIL_READY:
        notifications.send_invitation(made, link)
        messages.success(request, f"An invitation is being sent to {made.email}. {_SEE}")
        return redirect("people")
    return _page(request, InvitationForm(), link=link, invited=made)


@require_POST
@never_cache
@needs(Role.ADMINISTRATOR)
def make_reset(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a password reset link by e-mail, or show it once if there is no mail server."""
    person = get_object_or_404(User, pk=pk)
    try:
        link = _link(request, reverse("reset", args=[invitations.remember(person)]))
    except invitations.PeopleError as error:
        messages.error(request, str(error))
        return redirect("people")
    if person.email and settings.EMAIL_READY:
        notifications.send_reset(person, link)
        messages.success(request, f"A password reset link is being sent to {person}. {_SEE}")
        return redirect("people")
    return _page(request, InvitationForm(), link=link, forgetful=person)


def _link(request: HttpRequest, way: str) -> str:
    return public_address(way) if settings.EMAIL_READY else request.build_absolute_uri(way)


@require_POST
@needs(Role.ADMINISTRATOR)
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Revoke an invitation immediately."""
    invitation = get_object_or_404(Invitation, pk=pk)
    if invitations.revoke(invitation):
        messages.success(
            request, f"The invitation for {invitation.email} was revoked. Its link no longer works."
        )
    return redirect("people")


@require_POST
@needs(Role.ADMINISTRATOR)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a user's role (`role`) or e-mail address (`email`), or activate or deactivate the account
    (`active`).
    """
    person = get_object_or_404(User, pk=pk)
    role, active = request.POST.get("role", "").upper(), request.POST.get("active", "")
    try:
        if role in Role.__members__:
            invitations.change(person, Role[role])
            messages.success(request, f"{person} is now {with_article(role.lower())}.")
        elif active in ("yes", "no"):
            invitations.let_in(person, active == "yes")
            words = "was reactivated" if active == "yes" else "was deactivated and signed out"
            messages.success(request, f"{person} {words}.")
        elif "email" in request.POST:
            email = request.POST["email"].strip()
            invitations.readdress(person, email)
            words = f"now receives e-mail at {email}" if email else "no longer has an e-mail address"
            messages.success(request, f"{person} {words}.")
        else:
            messages.error(request, "Specify a role, an e-mail address or whether the account is active.")
    except invitations.PeopleError as error:
        messages.error(request, str(error))
    return redirect("people")


def _rows() -> Any:
    return User.objects.prefetch_related("groups").order_by("-is_active", "username")


def _page(request: HttpRequest, form: InvitationForm, status: int = 200, **more: Any) -> HttpResponse:
    page = Paginator(_rows(), PAGE).get_page(request.GET.get("page"))
    context = {
        "section": "people",
        "page": page,
        "people": [(person, role_of(person)) for person in page],
        "roles": list(Role),
        "form": form,
        "invitations": list(invitations.standing().select_related("person")[:200]),
        "mail": settings.EMAIL_READY,
        **more,
    }
    return render(request, "people/page.html", context, status=status)


URLS = [
    path("people/", people, name="people"),
    path("people.csv", people_csv, name="people-csv"),
    path("people/<int:pk>/reset/", make_reset, name="make-reset"),
    path("people/<int:pk>/", change, name="change-person"),
    path("people/invitations/", invite, name="invite"),
    path("people/invitations/<int:pk>/end/", revoke, name="end-invitation"),
]
