"""The page on which an invited person creates an account."""

from typing import Any

from django import forms
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import BaseUserCreationForm
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from compliance.accounts import invitations


class JoinForm(BaseUserCreationForm):  # type: ignore[type-arg]  # it takes no argument at run time
    """A username, and a password entered twice. Passwords that are easy to guess are rejected."""

    class Meta:
        model = User
        fields = ("username",)

    def clean_username(self) -> str:
        """Return the username. Raises ValidationError if it is already in use. Case is ignored."""
        name: str = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=name).exists():
            raise forms.ValidationError("This username is already taken. Choose another one.")
        return name


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, key: str) -> HttpResponse:
    """Show or process the form. The response is the same for used, revoked, expired and guessed links."""
    invitation = invitations.opened(key)
    if invitation is None:
        return _answer(request, None, status=404)
    form = JoinForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _answer(request, form, status=422 if form.errors else 200, invitation=invitation)
    person = form.save(commit=False)
    try:
        invitations.accept(invitation, person)
    except invitations.PeopleError:
        return _answer(request, None, status=404)
    login(request, person, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("home")


def _answer(request: HttpRequest, form: JoinForm | None, status: int, **more: Any) -> HttpResponse:
    return render(request, "account/accept_invitation.html", {"form": form, **more}, status=status)


URLS = [
    path("join/<str:key>/", join, name="join"),
]
