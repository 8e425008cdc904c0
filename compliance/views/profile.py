"""The forms of the account page in which people change their own name and e-mail address."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from compliance.accounts import invitations
from compliance.accounts.roles import person_of
from compliance.people.own_identities import IdentityError, add_address


class ProfileForm(forms.Form):
    """The name and e-mail address, confirmed with the current password. A wrong password counts as a failed
    sign-in.
    """

    first_name = forms.CharField(max_length=150, required=False)
    last_name = forms.CharField(max_length=150, required=False)
    email = forms.EmailField(max_length=254, required=False)
    password = forms.CharField(strip=False)

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        super().__init__(*args)
        self.request = request

    def clean_password(self) -> str:
        """Return the password. Raises ValidationError if it is wrong."""
        given: str = self.cleaned_data["password"]
        person = person_of(self.request)
        if authenticate(self.request, username=person.get_username(), password=given) != person:
            raise forms.ValidationError("This isn't your current password.")
        return given


@require_POST
@never_cache
def change_profile(request: HttpRequest) -> HttpResponse:
    """Change the user's own name and e-mail address.

    The password confirms it, because an e-mail address receives password links. Commits by the former address
    remain the user's.
    """
    person = person_of(request)
    if not person.has_usable_password():
        messages.error(request, "You have no password to confirm this. An administrator can change it.")
        return redirect("account")
    form = ProfileForm(request, request.POST)
    if not form.is_valid():
        for name, errors in form.errors.items():
            label = name.replace("_", " ").replace("email", "e-mail address").capitalize()
            messages.error(request, f"{label}: {' '.join(map(str, errors))} Nothing was changed.")
        return redirect("account")
    said = form.cleaned_data
    try:
        _save(person, said["first_name"], said["last_name"], said["email"])
    except invitations.PeopleError as error:
        messages.error(request, f"{error} Nothing was changed.")
    else:
        messages.success(request, "Your name and e-mail address were saved.")
    return redirect("account")


@transaction.atomic
def _save(person: User, first_name: str, last_name: str, email: str) -> None:
    former = person.email
    invitations.rename(person, first_name, last_name)
    if email == former:
        return
    invitations.readdress(person, email)
    if former and former.lower() != email.lower():
        try:
            add_address(person, former)
        except IdentityError as error:
            raise invitations.PeopleError(str(error)) from None


URLS = [
    path("account/profile/", change_profile, name="change-profile"),
]
