"""The page for the user's own account: password and connected sign-in providers."""

from typing import Any

from allauth.socialaccount.models import SocialAccount
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from compliance.accounts.roles import Role, person_of, role_of
from compliance.models import Address, Forge, Handle
from compliance.views.editor import editor_context


class PasswordForm(PasswordChangeForm):
    """The current password, and the new one entered twice. A wrong current password counts as a failed
    sign-in.
    """

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        super().__init__(person_of(request), *args)
        self.request = request

    def clean_old_password(self) -> str:
        """Return the current password. Raises ValidationError if it is wrong."""
        old: str = self.cleaned_data["old_password"]
        if authenticate(self.request, username=self.user.get_username(), password=old) != self.user:
            raise forms.ValidationError("This isn't your current password.")
        return old


@require_safe
@never_cache
def account(request: HttpRequest) -> HttpResponse:
    """Show the account page."""
    return _page(request, PasswordForm(request))


@require_POST
@never_cache
def change_password(request: HttpRequest) -> HttpResponse:
    """Change the password, which ends the user's other sessions."""
    if not person_of(request).has_usable_password():
        messages.error(
            request, "You sign in with a provider. An administrator can create a password link for you."
        )
        return redirect("account")
    form = PasswordForm(request, request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    update_session_auth_hash(request, form.save())
    messages.success(request, "Your password was changed. You were signed out everywhere else.")
    return redirect("account")


@require_POST
def disconnect(request: HttpRequest, pk: int) -> HttpResponse:
    """Disconnect a provider, unless it is the user's only way to sign in."""
    person = person_of(request)
    mine = SocialAccount.objects.filter(user=person)
    shown = get_object_or_404(mine, pk=pk)
    name = _name(shown)
    if not person.has_usable_password() and mine.count() == 1:
        messages.error(request, f"{name} is your only way to sign in, so it can't be disconnected.")
    else:
        shown.delete()
        messages.success(request, f"{name} was disconnected.")
    return redirect("account")


def _page(request: HttpRequest, form: PasswordForm, status: int = 200) -> HttpResponse:
    person = person_of(request)
    role = role_of(person)
    connected = list(SocialAccount.objects.filter(user=person).order_by("date_joined"))
    known = {row.provider for row in connected}
    context = {
        "section": "account",
        "form": form,
        "role": role.group if role else "",
        "password_help": (
            "Another administrator can create a password link for you."
            if role is Role.ADMINISTRATOR
            else "An administrator can create a password link for you."
        ),
        "connected": [(row, _name(row)) for row in connected],
        "addresses": Address.objects.filter(person__account=person).order_by("email"),
        "handles": Handle.objects.filter(person__account=person).order_by("forge", "name"),
        "forges": Forge.choices,
        **editor_context(person),
        "others": {key: name for key, name in settings.SIGN_IN_ELSEWHERE.items() if key not in known},
    }
    return render(request, "account/page.html", context, status=status)


def _name(row: SocialAccount) -> str:
    return str(settings.SIGN_IN_ELSEWHERE.get(row.provider, row.provider))


URLS = [
    path("account/", account, name="account"),
    path("account/password/", change_password, name="change-password"),
    path("account/with/<int:pk>/end/", disconnect, name="disconnect"),
]
